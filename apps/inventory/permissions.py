"""Who may do what with the stock."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Forbidden
from apps.shops.models import IN_CHARGE, Member

KEEPERS: Final = IN_CHARGE


@dataclass(eq=False)
class StockNotYours(Forbidden):
    def __str__(self) -> str:
        return _("Only the owner or a manager brings pieces into the stock. Ask one of them.")


def keeps_stock(member: Member) -> bool:
    """Whether this member brings pieces in and sees what they cost."""
    return member.role in KEEPERS


def demand_keeper(member: Member) -> None:
    """Raises StockNotYours."""
    if not keeps_stock(member):
        raise StockNotYours
