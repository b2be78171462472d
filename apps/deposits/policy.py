"""The shop's rules of deposits. Each contract keeps the ones it was made under."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from apps.deposits.models import DropBorneBy
from apps.shops.policies import policy

SECTION: Final = "deposits"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositPolicy:
    """Units: days; percent of what was paid, or of the price for the first payment; money.

    What may be kept of a customer's money is limited by the law of the place: the defaults
    keep nothing.
    """

    valid_days: int = 90
    grace_days: int = 14  # after the last day, in which nothing is kept yet
    least_first_percent: Decimal = Decimal(10)
    kept_percent: Decimal = Decimal(0)  # of a deposit that ran out
    cancel_kept_percent: Decimal = Decimal(0)  # of one the customer gives up
    restock_fee: Decimal = Decimal(0)  # besides, where a piece had lain aside
    drop_borne_by: str = DropBorneBy.CUSTOMER.value

    def as_json(self) -> dict[str, Any]:
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "DepositPolicy":
        """From stored values; what they do not name is the default."""
        known = {field.name: field.default for field in fields(cls)}
        given: dict[str, Any] = {
            name: Decimal(values[name]) if isinstance(default, Decimal) else values[name]
            for name, default in known.items()
            if name in values
        }
        return cls(**given)


def deposit_policy(*, at: datetime) -> DepositPolicy:
    """The rules in force at `at`."""
    return DepositPolicy.from_json(policy(SECTION, at=at))
