"""What the customer's display shows of a till. Reads only; no cost, no margin, no clerk's notes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.pricing.board import BoardRow, board_rows, newest_quote
from apps.pricing.models import MetalRate
from apps.sales.counter import at_the_counter
from apps.sales.counter_shown import Counter
from apps.sales.models import Sale
from apps.sales.news import news_of
from apps.sales.open_sales import working_sale
from apps.shops.models import Register, Shop

_THANKS_FOR: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """One of three: a sale (`counter`), a finished one (`done`), or the board (`rows`)."""

    counter: Counter | None = None
    done: Sale | None = None
    rows: tuple[BoardRow, ...] = ()
    newest: MetalRate | None = None


def display_language(*, register: Register) -> str:
    """The language that was chosen for the customer at this till; empty where none was."""
    return working_sale(register).values_list("language", flat=True).first() or ""


def display_token(*, register: Register, language: str, at: datetime) -> str:
    """Another text whenever the display has something else to show."""
    done = _just_finished(register, at)
    news = news_of(register=register, at=at)
    return f"{news.token}_{done.pk if done else 0}_{language}"


def display_of(*, shop: Shop, register: Register, at: datetime) -> Display:
    """What stands on the display now: the sale, then its thanks, else the rates."""
    counter = at_the_counter(shop=shop, register=register, at=at)
    if counter.kept:
        return Display(counter=counter)
    done = _just_finished(register, at)
    if done is not None:
        return Display(done=done)
    rows = board_rows(shop=shop, at=at)
    return Display(rows=tuple(row for row in rows if row.valid), newest=newest_quote(rows))


def _just_finished(register: Register, at: datetime) -> Sale | None:
    """The till's last sale, for as long as its customer stands there."""
    last = Sale.objects.filter(register=register).order_by("-number").first()
    return last if last is not None and at - last.sold_at <= _THANKS_FOR else None
