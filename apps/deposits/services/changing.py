"""A contract that is changed: a new one in its place, and everything carried over."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Conflict
from apps.deposits.models import (
    Deposit,
    DepositKind,
    DepositPiece,
    DepositState,
    LeftAs,
    MoveKind,
)
from apps.deposits.quoting import quote_for
from apps.deposits.refusals import DepositNotOpen, LockNeedsPieces
from apps.deposits.selectors.contracts import Balance, balance_of, deposit_to_change, pieces_of
from apps.deposits.selectors.terms import fixed_rate
from apps.deposits.services.agreeing import (
    Agreed,
    demand_days,
    pieces_to_put_aside,
    plan_payments,
    put_aside,
)
from apps.deposits.services.keys import digest_of, refuse_taken, same_request
from apps.deposits.services.passbook import QuotedAt, Step, owed, write
from apps.deposits.services.paying import WHAT
from apps.deposits.services.use import set_state
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.ways import release
from apps.ledger.services import post
from apps.pricing.quote_answers import QuoteOut
from apps.pricing.rules import DepositKind as PricedKind
from apps.pricing.rules import DepositTerms, per_gram
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import next_number

_CONTRACT: Final = "D"
_LIVE: Final = (DepositState.OPEN, DepositState.EXPIRED)
_RATE_STEP: Final = Decimal("0.000001")


@dataclass(eq=False)
class LockCannotGrow(Conflict):
    """More grams at yesterday's rate would be a gift."""

    number: str
    locked_g: Decimal
    wanted_g: Decimal

    def __str__(self) -> str:
        return _(
            "%(number)s fixed the rate of %(locked)s of fine metal, and these pieces have"
            " %(wanted)s. Make another contract for the rest."
        ) % {
            "number": self.number,
            "locked": formatting.grams(self.locked_g),
            "wanted": formatting.grams(self.wanted_g),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the contract says from now on."""

    tags: tuple[str, ...]
    expires_on: date
    schedule: tuple[tuple[date, Decimal], ...]
    note: str
    key: str
    register: str = ""


@transaction.atomic
def change(*, number: str, to: Change, by: Member, at: datetime) -> Deposit:
    """Put a new contract in the place of this one: other pieces, another last day.

    The kind, the rate and the shop's rules stay as they were agreed; the money and the grams
    are carried over. A full lock takes no more grams than it had. A key that came before is
    answered with its contract.

    Raises DepositNotFound, DepositNotOpen, LockNeedsPieces, LockCannotGrow, ClockBehind,
    KeyUsed, and what `pieces_to_put_aside` and `demand_days` raise.
    """
    old = deposit_to_change(number)
    digest = digest_of(number, to.tags, to.expires_on, to.schedule, to.note)
    earlier = Deposit.objects.filter(key=to.key).first()
    if same_request(earlier, key=to.key, digest=digest, number=earlier.number if earlier else ""):
        assert earlier is not None
        return earlier
    if old.state not in _LIVE:
        raise DepositNotOpen(number=number, state=old.state)
    day = day_of(by.shop, at)
    demand_days(day=day, expires_on=to.expires_on, schedule=to.schedule, code=by.shop.currency)
    agreed = _agreed(old, to, by=by, at=at)
    held = balance_of(old)
    new_number = next_number(by=by, at=at, code=to.register, kind=_CONTRACT)
    _let_go(old, for_=str(new_number), by=by, at=at)
    with refuse_taken(to.key, "deposits_deposit_key_unique"):
        new = Deposit.objects.create(
            number=str(new_number),
            version=old.version + 1,
            replaces=old,
            customer=old.customer,
            kind=old.kind,
            currency=old.currency,
            metal=old.metal,
            fineness=old.fineness,
            rate_amount=old.rate_amount,
            rate_unit=old.rate_unit,
            rate_fineness=old.rate_fineness,
            drop_borne_by=old.drop_borne_by,
            agreed_total=agreed.quote.total if agreed.quote else None,
            agreed=agreed.facts,
            rules=old.rules,
            expires_on=to.expires_on,
            note=to.note.strip(),
            opened_at=at,
            day=day,
            opened_by=by,
            shift_id=new_number.shift_id,
            key=to.key,
            request_digest=digest,
        )
    # Read again: some of them have just been let go by the old contract.
    fresh = whole_pieces(tags=sorted(to.tags), to_change=True)
    put_aside(new, Agreed(pieces=fresh, quote=agreed.quote), by=by, at=at)
    plan_payments(new, to.schedule)
    _carry(old, new, held, agreed, shift=new_number.shift_id, by=by, at=at)
    set_state(old, DepositState.REPLACED)
    return new


def _agreed(old: Deposit, to: Change, *, by: Member, at: datetime) -> Agreed:
    """What the pieces cost under the contract's own rate."""
    held = {row.tag for row in pieces_of(old, aside=True)}
    # In tag order over both contracts, so that two clerks wait instead of deadlocking.
    whole_pieces(tags=sorted(held | set(to.tags)), to_change=True)
    pieces = pieces_to_put_aside(to.tags, of=old)
    lock = None
    if old.kind == DepositKind.FULL_LOCK:
        rate = fixed_rate(old, balance_of(old))
        lock = DepositTerms(
            kind=PricedKind.FULL_LOCK, amount=Decimal(0), metal=old.metal, rate=rate
        )
    quote = quote_for(shop=by.shop, pieces=pieces, at=at, deposit=lock) if pieces else None
    facts = QuoteOut.from_quote(quote).model_dump(mode="json") if quote else {}
    agreed = Agreed(pieces=pieces, quote=quote, metal=old.metal, fineness=old.fineness, facts=facts)
    if old.kind == DepositKind.FULL_LOCK:
        locked_g = balance_of(old).fine_g
        if not agreed.fine_g:
            raise LockNeedsPieces
        if agreed.fine_g > locked_g:
            raise LockCannotGrow(number=old.number, locked_g=locked_g, wanted_g=agreed.fine_g)
    return agreed


def _let_go(old: Deposit, *, for_: str, by: Member, at: datetime) -> None:
    rows = pieces_of(old, aside=True)
    pieces = [w.piece for w in whole_pieces(tags=sorted(r.tag for r in rows), to_change=True)]
    release(pieces=pieces, by=by, at=at, reference=old.number)
    DepositPiece.objects.filter(pk__in=[row.pk for row in rows]).update(
        left_at=at, left_as=LeftAs.RELEASED, left_for=for_
    )


def _carry(
    old: Deposit,
    new: Deposit,
    held: Balance,
    agreed: Agreed,
    *,
    shift: int,
    by: Member,
    at: datetime,
) -> None:
    """What the old contract held is the new one's; it stays the same customer's account."""
    rate = _carried_rate(old, held)
    out = Step(
        reference=new.number,
        amount=-held.amount,
        grams=-held.grams,
        fine_g=-held.fine_g,
        shift=shift,
    )
    write(old, MoveKind.CARRIED, out, by=by, at=at)
    into = Step(
        reference=old.number,
        amount=held.amount,
        grams=held.grams,
        fine_g=held.fine_g,
        rate=rate,
        shift=shift,
    )
    write(new, MoveKind.CARRIED, into, by=by, at=at)
    fewer_g = agreed.fine_g - held.fine_g if new.kind == DepositKind.FULL_LOCK else Decimal(0)
    if fewer_g:
        step = Step(reference=new.number, fine_g=fewer_g, shift=shift)
        write(new, MoveKind.LOCKED, step, by=by, at=at)
        post(
            what=WHAT,
            reference=new.number,
            at=at,
            day=new.day,
            by=by,
            amounts=owed(new, fine_g=fewer_g),
            shift=shift,
        )


def _carried_rate(old: Deposit, held: Balance) -> QuotedAt | None:
    """The rate that the carried grams were bought at: one where there was one, else the average."""
    if old.kind != DepositKind.GRAMS or not held.grams:
        return None
    rate = fixed_rate(old, held)
    if rate is None or old.fineness is None:
        return None
    price = per_gram(rate, old.fineness).quantize(_RATE_STEP)
    return QuotedAt(amount=price, unit="g", fineness=old.fineness)
