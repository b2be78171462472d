"""What people type: digits of three alphabets, separators, letters of two keyboards.

Pages read amounts and weights here; the API does not, it takes ASCII strings only. A text that
cannot be read is refused with the fact and what would be taken, never guessed at.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext, ngettext
from persiantools.jdatetime import JalaliDate

from apps.core.reading import counts_jalali, unit_of
from apps.core.units import EXACT, FinenessRefused, currency, karat_permille, permille

_LARGEST_DIGITS: Final = 15  # before the point: more than any till holds, less than a column takes
_MILLIGRAM_DECIMALS: Final = 3

_DIGITS: Final = {
    **{ord(sign): str(value) for value, sign in enumerate("۰۱۲۳۴۵۶۷۸۹")},
    **{ord(sign): str(value) for value, sign in enumerate("٠١٢٣٤٥٦٧٨٩")},
    ord("٫"): ".",
    ord("٬"): ",",
    ord("،"): ",",
}
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=(?:\d{2,3},)*\d{3}(?!\d))")
# 1,250 and 1,234,567 and the lakh's 12,34,567; not 1234,567, where a comma may mean decimals.
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?", re.ASCII)
_PLAIN: Final = re.compile(r"(?P<sign>-?)(?P<whole>\d*)(?:\.(?P<fraction>\d*))?", re.ASCII)

_KARAT_WORD: Final = r"(?:k|kt|karats?|ct|carats?|عیار|قیراط)"
_KARAT: Final = re.compile(
    rf"(?P<before>\d{{1,2}}(?:\.\d)?)\s*{_KARAT_WORD}|{_KARAT_WORD}\s*(?P<after>\d{{1,2}}(?:\.\d)?)",
    re.ASCII,
)

# Yeh and kaf of the Arabic keyboard, forms of alef and waw; joiners, marks and the drawn-out dash.
_LETTERS: Final = {
    ord("ي"): "ی",
    ord("ى"): "ی",
    ord("ك"): "ک",
    ord("أ"): "ا",
    ord("إ"): "ا",
    ord("ٱ"): "ا",
    ord("ؤ"): "و",
    ord("ۀ"): "ه",
    ord("ة"): "ه",
    ord("ـ"): None,
    **dict.fromkeys(range(0x064B, 0x0653)),
    **dict.fromkeys(range(0x200B, 0x2010)),
    **dict.fromkeys(range(0x202A, 0x202F)),
    **dict.fromkeys(range(0x2066, 0x206A)),
}


# 1405/04/23, 1405-4-23, 2026-07-14: the year first, so that no day is taken for a month.
_DAY: Final = re.compile(
    r"(?P<year>\d{4})(?P<between>[/.\-])(?P<month>\d{1,2})(?P=between)(?P<day>\d{1,2})", re.ASCII
)
# Which calendar a year is of: no shop keeps books of the 15th century.
_JALALI_YEARS: Final = range(1200, 1600)


class Unreadable(ValueError):
    """A typed number that cannot be taken; its text is the sentence for the person."""


def fold_digits(text: str) -> str:
    """Persian and Arabic digits as ASCII, ٫ as a point, and no separators between thousands.

    fold_digits("۱٬۲۰۴٫۵") = "1204.5". A comma that does not stand before three digits stays, for
    whoever reads the number to refuse it.
    """
    return _THOUSANDS.sub("", text.translate(_DIGITS))


def fold_letters(text: str) -> str:
    """One spelling for comparing and searching: ي and ی, ك and ک, with and without joiners.

    For keys of search only; what is stored and shown keeps its spelling.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_LETTERS).casefold().split())


def parse_amount(text: str, exponent: int) -> Decimal:
    """Read a typed amount of a currency with `exponent` decimals; zero or more.

    Raises Unreadable, with a sentence: no number, a sign, a comma in the wrong place, more
    decimals than the currency has, more digits than any till holds.
    """
    value, decimals = _read(text)
    if decimals > exponent:
        raise Unreadable(_has_decimals(text, decimals) + " " + _currency_takes(exponent))
    return value


def parse_money(text: str, code: str) -> Decimal:
    """Read an amount typed in the unit that this reader is shown (toman); answers the currency's.

    Raises Unreadable, as `parse_amount`.
    """
    exponent = currency(code).exponent
    shown = unit_of(code)
    if shown is None:
        return parse_amount(text, exponent)
    value = EXACT.multiply(parse_amount(text, shown.most), Decimal(shown.factor))
    return value.quantize(Decimal(1).scaleb(-exponent), context=EXACT)


def parse_rate(text: str, code: str, decimals: int) -> Decimal:
    """Read money for a gram or a piece in the unit that is shown; `decimals` of that unit at most.

    Raises Unreadable, as `parse_amount`.
    """
    return in_currency(parse_amount(text, decimals), code)


def in_currency(value: Decimal, code: str) -> Decimal:
    """A number of the unit that this reader is shown, as one of the currency."""
    shown = unit_of(code)
    return value if shown is None else EXACT.multiply(value, Decimal(shown.factor))


def parse_day(text: str) -> date:
    """Read a day, Jalali or Gregorian by its year: 1405/04/23, ۱۴۰۵-۴-۲۳, 2026-07-14.

    Raises Unreadable, with an example of the reader's calendar.
    """
    shown = "".join(sign for sign in text if unicodedata.category(sign)[0] != "C").strip()
    match = _DAY.fullmatch("".join(shown.split()).translate(_DIGITS))
    if match is not None:
        parts = int(match["year"]), int(match["month"]), int(match["day"])
        try:
            if parts[0] in _JALALI_YEARS:
                jalali: date = JalaliDate(*parts).to_gregorian()  # type: ignore[no-untyped-call]
                return jalali
            return date(*parts)
        except ValueError:
            pass  # 30 Esfand of a common year, 31 April: said below
    example = "۱۴۰۵/۰۱/۱۱" if counts_jalali() else "2026-03-31"
    raise Unreadable(
        gettext("“%(text)s” is no day. Write it as %(example)s.")
        % {"text": _quoted(shown), "example": example}
    )


def parse_grams(text: str) -> Decimal:
    """Read a typed weight in grams, up to the milligram; zero or more. Raises Unreadable."""
    value, decimals = _read(text)
    if decimals > _MILLIGRAM_DECIMALS:
        raise Unreadable(_has_decimals(text, decimals) + " " + gettext("The scale gives three."))
    return value


def parse_fineness(text: str, *, metal: str) -> int:
    """Read a typed fineness: parts per thousand ("916", "۹۹۹٫۹", "750‰"), or karats of gold.

    Karats ("18K", "22 ct", "K18", "۱۸ عیار") are read as the mark that is struck for them. A bare
    number is always parts per thousand. `metal` is a code; "" where it is not known yet.

    Units: parts per ten thousand. Raises Unreadable, with a sentence.
    """
    shown = _quoted(text.strip())
    karats = karats_in(text)
    if karats is None:
        try:
            return permille(fold_digits(text).strip().removesuffix("‰").strip())
        except FinenessRefused:
            raise _refused(
                shown,
                gettext(
                    "%(text)s is no fineness. Write parts per thousand, for example 916 or 999.9."
                ),
            ) from None
    if metal not in ("", "gold"):
        raise _refused(
            shown,
            gettext("%(text)s is a karat, which only gold has. Write parts per thousand."),
        )
    try:
        return karat_permille(karats)
    except FinenessRefused:
        raise _refused(
            shown,
            gettext("No mark of gold is struck for %(text)s. Write parts per thousand."),
        ) from None


def karats_in(text: str) -> Decimal | None:
    """The karats that a text says: "18K" and "عیار ۱۸" are 18; None where it says none."""
    match = _KARAT.fullmatch(fold_letters(fold_digits(text)))
    return Decimal(match["before"] or match["after"]) if match else None


def _read(text: str) -> tuple[Decimal, int]:
    """The number and how many decimals were typed."""
    # Hidden direction marks come along when a number is copied from a Persian page.
    shown = "".join(sign for sign in text if unicodedata.category(sign)[0] != "C").strip()
    plain = "".join(shown.split()).translate(_DIGITS).replace("\u2212", "-")
    if not plain:
        raise Unreadable(gettext("The amount is empty. Write a number, for example 1,250."))
    if "," in plain:
        if not _GROUPED.fullmatch(plain) and re.search(r"\d", plain):
            raise _refused(
                shown,
                gettext(
                    "%(text)s has a comma where no thousands are."
                    " Write decimals after a point, thousands in threes."
                ),
            )
        plain = plain.replace(",", "")
    match = _PLAIN.fullmatch(plain)
    if match is None or not (match["whole"] or match["fraction"]):
        raise _refused(shown, gettext("%(text)s is no number. Write digits, for example 1,250."))
    if match["sign"]:
        raise _refused(shown, gettext("%(text)s is below zero. Write it without the minus."))
    if len(match["whole"].lstrip("0")) > _LARGEST_DIGITS:
        raise _refused(shown, gettext("%(text)s is longer than any amount here. Check the digits."))
    whole, fraction = match["whole"] or "0", match["fraction"] or ""
    return Decimal(f"{whole}.{fraction}" if fraction else whole), len(fraction)


def _refused(shown: str, sentence: str) -> Unreadable:
    return Unreadable(sentence % {"text": _quoted(shown)})


def _has_decimals(text: str, decimals: int) -> str:
    return ngettext(
        "%(text)s has %(count)s decimal.", "%(text)s has %(count)s decimals.", decimals
    ) % {"text": _quoted(text.strip()), "count": _count_word(decimals)}


def _currency_takes(exponent: int) -> str:
    if exponent == 0:
        return gettext("This currency has none.")
    return gettext("This currency has %(count)s.") % {"count": _count_word(exponent)}


def _count_word(count: int) -> str:
    """Small numbers as words, as they stand in a sentence."""
    words = (
        gettext("no"),
        gettext("one"),
        gettext("two"),
        gettext("three"),
        gettext("four"),
        gettext("five"),
        gettext("six"),
    )
    return words[count] if count < len(words) else str(count)


def _quoted(text: str) -> str:
    """Cut short, so that a pasted page does not become a sentence."""
    return text if len(text) <= 24 else text[:23] + "…"
