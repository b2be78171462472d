"""An order: what the customer takes and how they pay, and why it may be refused unread."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import currency_name, money
from apps.core.units import MONEY, currency
from apps.pricing import rules
from apps.sales.claims import CLAIMS
from apps.sales.models import TenderKind
from apps.sales.postings import is_plain
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.shops.approvals import Approver

# Payments that name what they are paid by, and may be on a bill once for each of it.
NAMED: Final = CLAIMS | {TenderKind.GIFT_CARD}
# Payments that come out of the customer's own account, once on a bill.
OF_CUSTOMER: Final = frozenset({TenderKind.STORE_CREDIT, TenderKind.ON_ACCOUNT})
# What a column of money holds: the change may be nearly all of what was handed over.
MOST_HANDED_OVER: Final = Decimal(10) ** (MONEY["max_digits"] - MONEY["decimal_places"])


@dataclass(eq=False)
class NothingToSell(Invalid):
    def __str__(self) -> str:
        return _("The bill has no piece on it. Scan a tag first.")


@dataclass(eq=False)
class PieceTwice(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is on the bill twice. Take one of them off.") % {"tag": self.tag}


@dataclass(eq=False)
class DiscountUnexplained(Invalid):
    """`tag` is empty where the discount is on the whole bill."""

    tag: str

    def __str__(self) -> str:
        if not self.tag:
            return _("The discount on the bill has no reason. Write why the price is reduced.")
        return _("The discount on %(tag)s has no reason. Write why the price is reduced.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class TenderImpossible(Invalid):
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        if not self.amount.is_finite() or self.amount <= 0:
            return _("%(amount)s is no payment. Write what was handed over.") % {
                "amount": self.amount
            }
        if self.amount >= MOST_HANDED_OVER:
            return _("%(amount)s is more than a till takes. Check the amounts.") % {
                "amount": self.amount
            }
        return _("%(amount)s has more decimals than %(currency)s, which has %(digits)s.") % {
            "amount": self.amount,
            "currency": self.currency,
            "digits": currency(self.currency).exponent,
        }


@dataclass(eq=False)
class TendersDoNotMatch(Invalid):
    """`left` is what is missing; below zero, what is too much and cannot be given back."""

    total: Decimal
    left: Decimal
    currency: str

    def __str__(self) -> str:
        total = money(self.total, self.currency)
        if self.left > 0:
            return _("%(left)s %(currency)s is left to pay of %(total)s.") % {
                "left": money(self.left, self.currency),
                "currency": currency_name(self.currency),
                "total": total,
            }
        return _(
            "The payments are %(over)s %(currency)s more than the bill of %(total)s, and only cash"
            " gives change. Lower the card or the transfer."
        ) % {
            "over": money(-self.left, self.currency),
            "currency": currency_name(self.currency),
            "total": total,
        }


@dataclass(eq=False)
class KeyUsed(Conflict):
    """An idempotency key that came before with another request.

    `number` is empty while that other request is not finished yet.
    """

    key: str
    number: str

    def __str__(self) -> str:
        if not self.number:
            return _("This key is another sale's at this moment. Send a new sale with a new key.")
        return _(
            "This key was used for bill %(number)s, and that was another request."
            " Send a new sale with a new key."
        ) % {"number": self.number}


def discount_json(terms: rules.DiscountTerms) -> dict[str, Any]:
    """A discount as a stored bill and an order's digest know it."""
    return {
        "on": terms.on.value,
        "percent": None if terms.percent is None else format(terms.percent, "f"),
        "amount": None if terms.amount is None else format(terms.amount, "f"),
        "reason": terms.reason,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the customer takes and how they pay. `key` makes repeating it harmless."""

    lines: tuple[Wanted, ...]
    payments: tuple[Payment, ...]
    key: str
    discount: rules.DiscountTerms | None = None
    register: str = ""  # its code; the shop's first where none is named
    customer: int | None = None
    customer_name: str = ""
    customer_email: str = ""
    # Why more credit than the customer has, and who says yes; no part of what is ordered.
    credit_reason: str = ""
    approver: Approver | None = None
    discount_approver: Approver | None = None  # who agrees to the discounts
    # The board that the customer was told, where it is not that of the moment of sale.
    rates_at: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it asks nothing of anybody's account, and so nothing of the database."""
        return self.customer is None and all(is_plain(payment) for payment in self.payments)

    def digest(self) -> str:
        """The same for the same request, whatever its spacing or order of fields was."""
        words: list[Any] = [
            [_line_words(line) for line in self.lines],
            [_words(payment) for payment in self.payments],
            [
                discount_json(self.discount) if self.discount else None,
                self.register,
                self.customer_name,
                self.customer_email,
            ],
        ]
        if self.customer is not None:
            words.append(self.customer)
        return sha256(json.dumps(words).encode()).hexdigest()


def _line_words(line: Wanted) -> list[Any]:
    said: list[Any] = [line.tag, [discount_json(d) for d in line.discounts]]
    return said if line.raised is None else [*said, str(line.raised.normalize())]


def _words(payment: Payment) -> list[str]:
    """A payment in a digest. The rate of foreign cash is the shop's, and not in the request."""
    if payment.foreign is not None:
        said = [payment.kind, payment.currency, str(payment.foreign.normalize())]
    else:
        said = [payment.kind, str(payment.given.normalize())]
    return [*said, payment.instrument] if payment.instrument else said
