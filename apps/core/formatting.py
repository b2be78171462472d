"""How numbers, weights, money and times are written for a reader. What people type is `typed.py`.

Pure functions of a value and a language; without one, as the reader of the request wishes
(`reading.py`), else by the language of the request. English writes ASCII digits and Gregorian
dates, Persian ۰-۹ with ٫ and ٬ and Jalali dates. Everything here is
plain text: the isolates and tags of HTML are added by `templatetags/shop.py`. Rounding is by
`core.units`, half up, and only ever takes off digits that an amount does not print.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext
from persiantools.jdatetime import MONTH_NAMES_EN, MONTH_NAMES_FA, WEEKDAY_NAMES_FA, JalaliDate

from apps.core.reading import counts_jalali, unit_of, writes_persian
from apps.core.reading import language_of as _language
from apps.core.typed import (
    Unreadable,
    fold_digits,
    fold_letters,
    parse_amount,
    parse_grams,
)
from apps.core.units import EXACT, Currency, currency, format_permille, round_to

__all__ = [
    "Unreadable",
    "ago",
    "carats",
    "clock",
    "currency_name",
    "day",
    "decimals_typed",
    "digits",
    "fineness",
    "fold_digits",
    "fold_letters",
    "grams",
    "in_shown_unit",
    "listed",
    "money",
    "money_parts",
    "month",
    "number",
    "parse_amount",
    "parse_grams",
    "percent",
    "rate",
    "typed_day",
    "when",
]

MINUS: Final = "\u2212"  # as wide as a plus; a hyphen is not
NBSP: Final = "\u00a0"  # between a number and its unit
_RATE_DECIMALS: Final = 6
_FIRST_JALALI: Final = date(622, 3, 22)  # 1 Farvardin 1; what is older is typed by mistake
_LAST_JALALI: Final = date(9998, 3, 19)  # the last that is counted; 9999 stands for "never"


@dataclass(frozen=True, slots=True)
class _Signs:
    """What one language writes numbers with."""

    digits: str
    point: str
    group: str
    percent: str


_ASCII: Final = _Signs("0123456789", ".", ",", "%")
_PERSIAN: Final = _Signs("۰۱۲۳۴۵۶۷۸۹", "٫", "٬", "٪")
_TO_PERSIAN: Final = dict(zip(range(0x30, 0x3A), _PERSIAN.digits, strict=True))


def _signs(language: str | None) -> _Signs:
    return _PERSIAN if writes_persian(language) else _ASCII


def digits(text: object, *, language: str | None = None) -> str:
    """`text` with the reader's digits for its ASCII ones; for numbers that are names: 916, 1405."""
    return str(text).translate(_TO_PERSIAN) if writes_persian(language) else str(text)


# -- numbers -----------------------------------------------------------------------------------


def number(
    value: Decimal | int,
    *,
    places: int | None = None,
    signed: bool = False,
    language: str | None = None,
) -> str:
    """Write a number with grouped thousands: "1,204", "−20.58", "۱٬۲۰۴".

    `places`: decimals, half up; without it the value's own. `signed`: a plus before what is above
    zero. The minus is U+2212 and stands before the number, in Persian too, as CLDR has it.
    """
    exact = Decimal(value)
    if places is not None:
        exact = round_to(exact, Decimal(1).scaleb(-places))
    signs = _signs(language)
    # One pass, so that the point of one language cannot become the group of another.
    table = {ord("."): signs.point, ord(","): signs.group}
    body = format(exact.copy_abs(), ",f").translate(table)
    sign = MINUS if exact < 0 else "+" if signed and exact > 0 else ""
    return sign + digits(body, language=language)


def percent(
    value: Decimal | int,
    *,
    places: int | None = None,
    signed: bool = False,
    language: str | None = None,
) -> str:
    """Write 7.5 as "7.5%". Trailing zeros go, unless `places` says how many decimals to keep."""
    exact = Decimal(value) if places is not None else _trimmed(Decimal(value))
    text = number(exact, places=places, signed=signed, language=language)
    return text + _signs(language).percent


def grams(
    weight_g: Decimal, *, unit: bool = True, signed: bool = False, language: str | None = None
) -> str:
    """Write a weight to the milligram: "3.850 g"."""
    text = number(weight_g, places=3, signed=signed, language=language)
    return f"{text}{NBSP}{unit_name('g', language=language)}" if unit else text


def carats(
    weight_ct: Decimal, *, unit: bool = True, signed: bool = False, language: str | None = None
) -> str:
    """Write a stone's weight: two decimals, or up to five where they say something: "0.31 ct"."""
    places = max(2, _decimals(_trimmed(weight_ct)))
    text = number(weight_ct, places=places, signed=signed, language=language)
    return f"{text}{NBSP}{unit_name('ct', language=language)}" if unit else text


def fineness(parts: int, *, language: str | None = None) -> str:
    """Write a fineness in parts per ten thousand as its mark: 9160 → "916", 9999 → "999.9"."""
    mark = format_permille(parts).replace(".", _signs(language).point)
    return digits(mark, language=language)


def unit_name(unit: str, *, language: str | None = None) -> str:
    """The short name of a unit of weight or of a piece count, as it stands after a number."""
    with translation.override(_language(language)):
        names = {
            "g": pgettext("unit", "g"),
            "kg": pgettext("unit", "kg"),
            "ct": pgettext("unit", "ct"),
            "tola": pgettext("unit", "tola"),
            "ozt": pgettext("unit", "oz t"),
            "mithqal": pgettext("unit", "mithqal"),
        }
    return names.get(unit, unit)


# -- money -------------------------------------------------------------------------------------


def currency_name(code: str, *, language: str | None = None) -> str:
    """What stands beside a total: the code, or a word where the trade says a word (toman).

    Always the unit that `money` writes in, so that no amount stands beside another's name.
    """
    shown = unit_of(code)
    code = shown.name if shown else code
    with translation.override(_language(language)):
        names = {
            "AED": pgettext("currency", "AED"),
            "EUR": pgettext("currency", "EUR"),
            "IRR": pgettext("currency", "rial"),
            "IRT": pgettext("currency", "toman"),
            "USD": pgettext("currency", "USD"),
        }
    return names.get(code, code)


def money(
    amount: Decimal,
    code: str | Currency,
    *,
    unit: bool = False,
    signed: bool = False,
    language: str | None = None,
) -> str:
    """Write an amount with its currency's decimals: "3,297.42", and with `unit` "3,297.42 AED".

    A reader of tomans sees rials ÷ 10, and a tenth where there is one. Raises UnknownCurrency.
    """
    known = currency(code) if isinstance(code, str) else code
    value, places = amount, known.exponent
    if (shown := unit_of(known.code)) is not None:
        # Rounded as the currency is, then divided exactly: both units say the same amount.
        value = _trimmed(EXACT.divide(round_to(amount, known.step), Decimal(shown.factor)))
        places = max(shown.least, _decimals(value))
    text = number(value, places=places, signed=signed, language=language)
    return f"{text}{NBSP}{currency_name(known.code, language=language)}" if unit else text


def money_parts(
    amount: Decimal, code: str | Currency, *, language: str | None = None
) -> tuple[str, str]:
    """The amount in two parts, for a big figure with a quiet fraction: ("3,297", ".42")."""
    whole, point, fraction = money(amount, code, language=language).partition(
        _signs(language).point
    )
    return whole, point + fraction


def rate(value: Decimal, code: str | Currency, *, language: str | None = None) -> str:
    """Write a rate: the currency's decimals at least, six at most, no zeros after those.

    Of no currency ("") it is a number with the decimals that say something.
    """
    known = currency(code) if isinstance(code, str) and code else code
    shown = unit_of(known.code) if isinstance(known, Currency) else None
    least = known.exponent if isinstance(known, Currency) else 0
    if shown is not None:
        value, least = EXACT.divide(value, Decimal(shown.factor)), shown.least
    exact = _trimmed(round_to(value, Decimal(1).scaleb(-_RATE_DECIMALS)))
    return number(exact, places=max(least, _decimals(exact)), language=language)


def in_shown_unit(amount: Decimal, code: str) -> Decimal:
    """The amount as a number of the unit that is shown; for what a page's script adds up."""
    shown = unit_of(code) if code else None
    return amount if shown is None else _trimmed(EXACT.divide(amount, Decimal(shown.factor)))


def decimals_typed(code: str) -> tuple[int, int]:
    """(always written out, at most) of an amount in the unit that is shown."""
    shown = unit_of(code)
    exponent = currency(code).exponent
    return (exponent, exponent) if shown is None else (shown.least, shown.most)


def _trimmed(value: Decimal) -> Decimal:
    """Without zeros after the last decimal that says something, and without an exponent."""
    short = value.normalize(EXACT)
    return short if _decimals(short) else short.quantize(Decimal(1), context=EXACT)


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


# -- time --------------------------------------------------------------------------------------


def clock(moment: datetime, *, language: str | None = None) -> str:
    """The time of day in the current time zone: "13:52"."""
    return digits(timezone.localtime(moment).strftime("%H:%M"), language=language)


def day(
    value: date | datetime,
    *,
    table: bool = False,
    weekday: bool = False,
    language: str | None = None,
) -> str:
    """A date: "14 July 2026", "۲۳ تیر ۱۴۰۵"; in a `table` "14 Jul 2026", "۱۴۰۵/۰۴/۲۳"."""
    when_ = timezone.localtime(value).date() if isinstance(value, datetime) else value
    spoken = _language(language)
    with translation.override(spoken):
        if counts_jalali(language):
            text = _jalali(when_, table=table, persian=spoken == "fa")
        else:
            text = date_format(when_, "j M Y" if table else "j F Y")
        named = f"{_weekday(when_, persian=spoken == 'fa')} {text}" if weekday else text
    return digits(named, language=language)


def month(value: date, *, language: str | None = None) -> str:
    """The month that a day lies in, in the reader's calendar: "July 2026", "تیر ۱۴۰۵"."""
    spoken = _language(language)
    with translation.override(spoken):
        if counts_jalali(language):
            text = _jalali(value, table=False, persian=spoken == "fa").partition(" ")[2]
        else:
            text = date_format(value, "F Y")
    return digits(text, language=language)


def typed_day(value: date) -> str:
    """A day as it stands in a field for days: 2026-07-14, or ۱۴۰۵/۰۴/۲۳ where days are Jalali."""
    if not counts_jalali():
        return value.isoformat()
    return digits(_jalali(value, table=True, persian=True))


def when(moment: datetime, *, now: datetime, language: str | None = None) -> str:
    """Today and yesterday by the clock, else the date: "today 13:52", "yesterday 18:40"."""
    spoken = _language(language)
    days = (timezone.localtime(now).date() - timezone.localtime(moment).date()).days
    with translation.override(spoken):
        if days == 0:
            return gettext("today %(clock)s") % {"clock": clock(moment, language=language)}
        if days == 1:
            return gettext("yesterday %(clock)s") % {"clock": clock(moment, language=language)}
    return day(moment, language=language)


def ago(moment: datetime, *, now: datetime, language: str | None = None) -> str:
    """How long since: "just now", "12 min ago", "4 h 56 min ago", "3 days ago"."""
    spoken = _language(language)
    minutes = max(now - moment, timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    with translation.override(spoken):
        if minutes < 1:
            text = gettext("just now")
        elif hours < 1:
            text = gettext("%(minutes)d min ago") % {"minutes": minutes}
        elif hours < 24:
            text = gettext("%(hours)d h %(minutes)d min ago") % {"hours": hours, "minutes": rest}
        else:
            days = hours // 24
            text = ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    return digits(text, language=language)


def _jalali(value: date, *, table: bool, persian: bool) -> str:
    if not _FIRST_JALALI <= value <= _LAST_JALALI:
        return value.isoformat()
    jalali = JalaliDate(value)  # type: ignore[no-untyped-call]  # typed, but for this
    if table:
        return f"{jalali.year}/{jalali.month:02}/{jalali.day:02}"
    names = MONTH_NAMES_FA if persian else MONTH_NAMES_EN
    return f"{jalali.day} {names[jalali.month]} {jalali.year}"


def _weekday(value: date, *, persian: bool) -> str:
    if persian:
        return WEEKDAY_NAMES_FA[(value.weekday() + 2) % 7]  # their week begins on Saturday
    return date_format(value, "l")


def listed(names: Iterable[object]) -> str:
    """Names one after another, with the comma of the language between them."""
    comma = gettext(",")
    return f"{comma} ".join(map(str, names))
