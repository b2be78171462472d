"""Bars at the refiner: sent, and settled in metal or in money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.units import EXACT, FULL_FINENESS, currency, fine_grams, round_grams, round_to
from apps.credit.payments import Tendered, receive
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import customer_by_id
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.purchasing.models import Bar, BarState, Settlement, SettlementKind
from apps.purchasing.selectors.bags import bar_by_code
from apps.purchasing.services.melt import WeightImpossible
from apps.purchasing.services.numbered import head_of
from apps.shops.approvals import permit
from apps.shops.models import Action, Member
from apps.shops.services import next_number
from apps.till.kinds import TenderKind

_MONEY_WAYS = (TenderKind.CASH, TenderKind.TRANSFER)


@dataclass(eq=False)
class BarElsewhere(Conflict):
    code: str
    state: str

    def __str__(self) -> str:
        return {
            BarState.HERE: _("Bar %(code)s is in the shop. Send it to a refiner first."),
            BarState.AT_REFINER: _("Bar %(code)s is at a refiner already. Settle it."),
            BarState.SETTLED: _("Bar %(code)s is settled. It is not ours any more."),
        }[BarState(self.state)] % {"code": self.code}


@dataclass(eq=False)
class NoRefiner(Invalid):
    name: str

    def __str__(self) -> str:
        return _("%(name)s is no refiner. Choose one, or say on their page that they are.") % {
            "name": self.name
        }


@dataclass(eq=False)
class SettlementImpossible(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the refiner gave for a bar.

    In metal: `weight_g` of `fineness` came back. In money: `weight_g` of `fineness` was credited
    at `rate_per_fine_g`, and came by `paid_by`. `charges` are owed to the refiner in metal, and
    kept from the money otherwise. Units: grams; parts per ten thousand; money.
    """

    kind: str
    weight_g: Decimal
    fineness: int
    charges: Decimal = Decimal(0)
    rate_per_fine_g: Decimal | None = None
    paid_by: str = TenderKind.TRANSFER.value


@transaction.atomic
def send_bar(*, bar: str, refiner: int, by: Member, at: datetime) -> Bar:
    """Hand a bar to a refiner. It stays ours: nothing is posted until they settle.

    Sent to the same refiner again it is answered as it is. Raises CustomerNotFound, NoRefiner,
    BarNotFound, BarElsewhere.
    """
    to = customer_by_id(refiner)
    if to.kind != CustomerKind.REFINER:
        raise NoRefiner(name=to.name)
    going = bar_by_code(bar, to_change=True)
    if going.state == BarState.AT_REFINER and going.refiner_id == to.pk:
        return going
    if going.state != BarState.HERE:
        raise BarElsewhere(code=going.code, state=going.state)
    going.state, going.refiner, going.sent_at, going.sent_by = BarState.AT_REFINER, to, at, by
    going.save(update_fields=["state", "refiner", "sent_at", "sent_by"])
    return going


@transaction.atomic
def settle_bar(
    *,
    bar: str,
    given: Given,
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
    cash_reason: CashReason = NO_REASON,
) -> Settlement:
    """Write down what a refiner gave for a bar; what it gained or lost goes to gain and loss.

    In metal a new bar comes in at the grams that were credited, each at the old bar's cost. In
    money the bar is sold: the books credit its cost. A key that came before is answered with its
    settlement.

    Raises BarNotFound, BarElsewhere, WeightImpossible, SettlementImpossible, and what `permit`
    and receiving the money raise.
    """
    first = Settlement.objects.filter(key=key).first()
    if first is not None:
        return first
    refiner_id = bar_by_code(bar).refiner_id
    refiner = customer_by_id(refiner_id, to_change=True) if refiner_id else None
    settled = bar_by_code(bar, to_change=True)
    if settled.state != BarState.AT_REFINER or refiner is None:
        raise BarElsewhere(code=settled.code, state=settled.state)
    credited_g = _credited(given)
    step = currency(by.shop.currency).step
    _demand_charges(given, step)
    number = next_number(by=by, at=at, code=register, kind="A")
    permit(Action.MELT, by=by, reason=reason, reference=str(number), at=at)
    gain_g = credited_g - settled.fine_g
    in_money = given.kind == SettlementKind.MONEY
    amount = _amount(given, credited_g, step) if in_money else Decimal(0)
    gained = (
        amount - settled.cost
        if in_money
        else round_to(EXACT.divide(EXACT.multiply(gain_g, settled.cost), settled.fine_g), step)
    )
    settlement = Settlement.objects.create(
        **head_of(number, key=key, by=by, at=at),
        bar=settled,
        kind=given.kind,
        credited_g=credited_g,
        gain_g=gain_g,
        charges=given.charges,
        rate_per_fine_g=given.rate_per_fine_g if in_money else None,
        amount=amount,
        gain=gained if in_money else gained - given.charges,
    )
    settled.state = BarState.SETTLED
    settled.save(update_fields=["state"])
    if in_money:
        tenders = [Tendered(kind=TenderKind(given.paid_by), amount=amount)]
        amounts: Sequence[Amount] = [
            *receive(
                tenders,
                what="refiner",
                number=number,
                by=by,
                at=at,
                customer=refiner,
                reason=cash_reason.reason,
                approver=cash_reason.approver,
            ),
            *_sold(settled, credited_g, gained, by.shop.currency),
        ]
    else:
        _new_bar(settlement, settled, given, cost=settled.cost + gained)
        amounts = _refined(settled, gain_g, gained, given.charges, refiner, by.shop.currency)
    post(
        what="refiner",
        reference=settlement.code,
        at=at,
        day=settlement.day,
        by=by,
        amounts=amounts,
        shift=number.shift_id,
    )
    return settlement


def _sold(bar: Bar, credited_g: Decimal, gained: Decimal, money: str) -> list[Amount]:
    gain_g = credited_g - bar.fine_g
    return [
        Amount(account=chart.BULLION, commodity=money, amount=-bar.cost),
        Amount(account=chart.ASSAY, commodity=money, amount=-gained),
        Amount(account=chart.BULLION, commodity=bar.metal, amount=-bar.fine_g),
        Amount(account=chart.COST_OF_SALES, commodity=bar.metal, amount=credited_g),
        Amount(account=chart.ASSAY, commodity=bar.metal, amount=-gain_g),
    ]


def _refined(
    bar: Bar,
    gain_g: Decimal,
    gained: Decimal,
    charges: Decimal,
    refiner: Customer,
    money: str,
) -> list[Amount]:
    return [
        Amount(account=chart.BULLION, commodity=money, amount=gained),
        Amount(account=chart.ASSAY, commodity=money, amount=charges - gained),
        Amount(account=chart.PAYABLE, commodity=money, amount=-charges, party=refiner.pk),
        Amount(account=chart.BULLION, commodity=bar.metal, amount=gain_g),
        Amount(account=chart.ASSAY, commodity=bar.metal, amount=-gain_g),
    ]


def _new_bar(settlement: Settlement, bar: Bar, given: Given, *, cost: Decimal) -> Bar:
    return Bar.objects.create(
        code=settlement.code,
        metal=bar.metal,
        gross_g=given.weight_g,
        fineness=given.fineness,
        fine_g=settlement.credited_g,
        cost=cost,
        arrived_at=settlement.at,
    )


def _credited(given: Given) -> Decimal:
    weight = given.weight_g
    if not weight.is_finite() or weight <= 0 or weight != round_grams(weight):
        raise WeightImpossible(
            field="weight_g", why=_("A weight is above zero, with three decimals. Weigh it again.")
        )
    if not 0 < given.fineness < FULL_FINENESS:
        raise WeightImpossible(
            field="fineness", why=_("A fineness is above 0 and up to 999.9. Read it again.")
        )
    credited = fine_grams(weight, given.fineness)
    if credited <= 0:
        raise WeightImpossible(
            field="weight_g", why=_("There is no fine metal in this weight. Check the figures.")
        )
    return credited


def _demand_charges(given: Given, step: Decimal) -> None:
    if not given.charges.is_finite() or given.charges < 0 or given.charges % step:
        raise SettlementImpossible(
            field="charges", why=_("Charges are zero or more, in the shop's currency.")
        )
    if given.kind == SettlementKind.MONEY and given.paid_by not in _MONEY_WAYS:
        raise SettlementImpossible(
            field="paid_by", why=_("A refiner pays by cash or transfer. Choose one.")
        )


def _amount(given: Given, credited_g: Decimal, step: Decimal) -> Decimal:
    rate = given.rate_per_fine_g
    if rate is None or not rate.is_finite() or rate <= 0:
        raise SettlementImpossible(
            field="rate_per_fine_g", why=_("The rate is above zero. Write money per fine gram.")
        )
    amount = round_to(EXACT.multiply(credited_g, rate), step) - given.charges
    if amount <= 0:
        raise SettlementImpossible(
            field="charges", why=_("The charges take all of the money. Check them and the rate.")
        )
    return amount
