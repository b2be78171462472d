"""How money is put into a contract or a passbook: by what is money now, and no promise."""

from collections.abc import Sequence
from typing import Final

from apps.credit.tendered import Tendered, TenderNotHere
from apps.credit.tenders import hold
from apps.customers.models import Customer
from apps.till.kinds import TenderKind

TAKEN: Final = (
    TenderKind.CASH,
    TenderKind.CARD,
    TenderKind.TRANSFER,
    TenderKind.STORE_CREDIT,
    TenderKind.GIFT_CARD,
)


def hold_for(tenders: Sequence[Tendered], *, customer: Customer) -> None:
    """Lock what these tenders move, before pieces and numbers are taken.

    Raises TenderNotHere: a deposit on account would be a debt that secures itself.
    """
    for tender in tenders:
        if tender.kind not in TAKEN:
            raise TenderNotHere(kind=tender.kind.value)
    hold(tenders, customer=customer)


def words_of(tenders: Sequence[Tendered]) -> list[list[object]]:
    """The tenders in a request's digest."""
    return [
        [tender.kind, tender.amount, tender.currency, tender.foreign, tender.instrument]
        for tender in tenders
    ]
