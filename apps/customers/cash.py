"""Cash and the law: every sum of cash that passes between the shop and a person comes here.

Three doors call it: a bill that is paid in cash (`apps.sales`), and whatever else is paid or paid
out (`apps.credit.payments`). What was taken from a named customer is written down and added up
over the days of each limit, together with that of whoever was merged with them. Their row is
locked by the caller, so that two tills at once cannot each stay below.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from apps.customers.cash_refusals import CashLimitReached, CashLimitWarning, NameNeeded, PaperNeeded
from apps.customers.models import Customer, IdentityPaper
from apps.customers.rules.places import (
    CashRule,
    Effect,
    Way,
    floor_of,
    rules_of,
    strictest_first,
)
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member, Shop
from apps.shops.policies import policy

SECTION: Final = "cash_limits"
OWN: Final = "own"  # the code of the shop's own limit
_LONGEST_WINDOW: Final = 366
# Writes the cash down, and answers the shop's own limits and what every day of the longest window
# came to before it: one statement for a sale that is paid in cash.
_KEEP: Final = """
WITH kept AS (
    INSERT INTO customers_cashkept
        (customer_id, way, amount, what, reference, day, at, by_id)
    VALUES (%(customer)s, %(way)s, %(amount)s, %(what)s, %(reference)s, %(day)s, %(at)s, %(by)s)
)
SELECT
    (SELECT p.values FROM shops_policyversion p
        WHERE p.section = %(section)s AND p.valid_from <= %(at)s
        ORDER BY p.valid_from DESC, p.id DESC LIMIT 1),
    (SELECT jsonb_object_agg(d.day, d.amount) FROM (
        SELECT k.day, sum(k.amount)::text AS amount FROM customers_cashkept k
        WHERE k.customer_id = ANY (ARRAY(
                SELECT id FROM customers_customer
                WHERE id = %(customer)s OR merged_into_id = %(customer)s))
          AND k.way = %(way)s AND k.day > %(since)s AND k.day <= %(day)s
        GROUP BY k.day) d)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """Cash that passes: how much in the shop's currency, which way, and for which document."""

    amount: Decimal
    way: Way
    what: str
    reference: str


def keep_cash(
    cash: Cash,
    *,
    customer: Customer | None,
    by: Member,
    at: datetime,
    reason: str = "",
    approver: Approver | None = None,
) -> None:
    """Write cash down and hold it against every limit; the caller has locked the customer.

    Without a customer and below a tenth of every limit of the place it asks the database nothing;
    with one it asks once, and more only at a limit.
    Raises CashLimitReached, PaperNeeded, NameNeeded, CashLimitWarning where there is no `reason`,
    and with one what `apps.shops.approvals.permit` raises.
    """
    if cash.amount <= 0:
        return
    day = day_of(by.shop, at)
    home = by.shop.currency
    rules = rules_of(by.shop.tax_pack, day=day, currency=home, way=cash.way)
    if customer is None:
        _demand_name(cash, rules, shop=by.shop, at=at)
        return
    own, days = _kept(cash, customer=customer, day=day, by=by, at=at)
    for rule in strictest_first([*rules, *own_rules(own, way=cash.way, currency=home)]):
        since = day - timedelta(days=rule.days - 1)
        before = sum((amount for on, amount in days.items() if on >= since), Decimal(0))
        if rule.applies(before + cash.amount):
            total = before + cash.amount
            _demand(rule, total, cash, customer, by=by, at=at, reason=reason, approver=approver)


def undo_cash(*, reference: str, what: str, by: Member, at: datetime) -> None:
    """Let the cash of a document that is undone count no more; twice undone is once. One statement.

    The rows bear its number and the day of its cash, so that no window has it any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_cashkept"
            " (customer_id, way, amount, what, reference, day, at, by_id)"
            " SELECT customer_id, way, -sum(amount), %s, reference, day, %s, %s"
            " FROM customers_cashkept WHERE reference = %s"
            " GROUP BY customer_id, way, reference, day HAVING sum(amount) <> 0",
            [what, at, by.pk, reference],
        )


def demand_bill(*, total: Decimal, customer: Customer | None, by: Member, at: datetime) -> None:
    """Hold a bill against what the place asks of bills, however they are paid.

    Asks the database nothing below the place's figure. Raises NameNeeded, PaperNeeded.
    """
    day = day_of(by.shop, at)
    home = by.shop.currency
    for rule in rules_of(by.shop.tax_pack, day=day, currency=home, way=Way.BILL):
        if not rule.applies(total):
            continue
        if customer is None:
            raise NameNeeded(threshold=rule.threshold, currency=home)
        _demand_paper(rule, customer, day=day)


def own_rules(values: Any, *, way: Way, currency: str) -> list[CashRule]:
    """The shop's own limits, as its policy keeps them: {"in": {"threshold", "days", "effect"}}."""
    given = (values or {}).get(way.value)
    if not given:
        return []
    return [
        CashRule(
            code=OWN,
            way=way,
            currency=currency,
            threshold=Decimal(given["threshold"]),
            days=int(given["days"]),
            effect=Effect(given["effect"]),
            since=date.min,
            confirm=False,
        )
    ]


def rules_in_force(shop: Shop, *, at: datetime) -> list[CashRule]:
    """Every limit that counts for the shop now, the law's and its own. One query."""
    day = day_of(shop, at)
    values = policy(SECTION, at=at)
    found: list[CashRule] = []
    for way in Way:
        found += rules_of(shop.tax_pack, day=day, currency=shop.currency, way=way)
        found += own_rules(values, way=way, currency=shop.currency)
    return found


def _kept(
    cash: Cash, *, customer: Customer, day: date, by: Member, at: datetime
) -> tuple[Any, dict[date, Decimal]]:
    """Write the row; the shop's own limits, and what each day before it came to."""
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "customer": customer.pk,
                "way": cash.way.value,
                "amount": cash.amount,
                "what": cash.what,
                "reference": cash.reference,
                "day": day,
                "at": at,
                "by": by.pk,
                "section": SECTION,
                "since": day - timedelta(days=_LONGEST_WINDOW),
            },
        )
        values, days = cursor.fetchone()
    return _read(values), {
        date.fromisoformat(on): Decimal(amount) for on, amount in (_read(days) or {}).items()
    }


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _demand_name(cash: Cash, rules: Sequence[CashRule], *, shop: Shop, at: datetime) -> None:
    floor = floor_of(rules)
    if floor is not None and cash.amount < floor:
        return
    own = own_rules(policy(SECTION, at=at), way=cash.way, currency=shop.currency)
    for rule in strictest_first([*rules, *own]):
        if not rule.applies(cash.amount):
            continue
        if rule.effect == Effect.BLOCK:
            raise CashLimitReached(
                total=cash.amount, threshold=rule.threshold, days=rule.days, currency=shop.currency
            )
        raise NameNeeded(threshold=rule.threshold, currency=shop.currency)


def _demand(
    rule: CashRule,
    total: Decimal,
    cash: Cash,
    customer: Customer,
    *,
    by: Member,
    at: datetime,
    reason: str,
    approver: Approver | None,
) -> None:
    facts: dict[str, Any] = {
        "total": total,
        "threshold": rule.threshold,
        "days": rule.days,
        "currency": rule.currency,
        "way": cash.way.value,
    }
    match rule.effect:
        case Effect.BLOCK:
            raise CashLimitReached(**facts)
        case Effect.PAPERS:
            _demand_paper(rule, customer, day=day_of(by.shop, at))
        case Effect.WARN:
            if not reason.strip():
                raise CashLimitWarning(**facts)
            permit(
                Action.CASH_LIMIT,
                by=by,
                reason=reason,
                reference=cash.reference,
                at=at,
                amount=total,
                approver=approver,
            )


def _demand_paper(rule: CashRule, customer: Customer, *, day: date) -> None:
    seen = IdentityPaper.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=day), customer=customer
    )
    if rule.papers:
        seen = seen.filter(kind__in=rule.papers)
    if not seen.exists():
        raise PaperNeeded(threshold=rule.threshold, currency=rule.currency, kinds=rule.papers)


def cash_taken(customer: Customer, *, since: date, until: date) -> Decimal:
    """What a person handed over in cash over these days, both counted. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount), 0) FROM customers_cashkept WHERE way = 'in'"
            " AND day BETWEEN %s AND %s AND customer_id = ANY (ARRAY("
            "SELECT id FROM customers_customer WHERE id = %s OR merged_into_id = %s))",
            [since, until, customer.pk, customer.pk],
        )
        return Decimal(cursor.fetchone()[0])
