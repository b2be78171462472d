"""The columns that every numbered document begins with."""

from datetime import datetime
from typing import Any

from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import DocumentNumber


def head_of(number: DocumentNumber, *, key: str, by: Member, at: datetime) -> dict[str, Any]:
    """Register, shift, number and code; day, moment and person; and the key of the request."""
    return {
        "register_id": number.register_id,
        "shift_id": number.shift_id,
        "number": number.number,
        "code": str(number),
        "at": at,
        "day": day_of(by.shop, at),
        "by": by,
        "key": key,
    }
