"""An amount in words, as papers of the trade have it: what is behind the point as a fraction.

"One thousand fifty-seven and 98/100 AED", "یک هزار و پنجاه و هفت و ۹۸/۱۰۰ درهم". Persian words
are persiantools'; the English ones are here, since no library kept up writes both.
"""

from decimal import Decimal
from typing import Final

from persiantools.digits import to_word

from apps.core import formatting
from apps.core.reading import language_of
from apps.core.units import currency, round_to

_UNDER_TWENTY: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = [
    "_",
    "_",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_THOUSANDS: Final = (
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
    (1000, "thousand"),
)
_MOST: Final = 10**15


def in_words(amount: Decimal, code: str, *, language: str | None = None) -> str:
    """The amount and its currency in words; empty where it is below zero or beyond words.

    Raises UnknownCurrency.
    """
    known = currency(code)
    exact = round_to(amount, Decimal(1).scaleb(-known.exponent))
    whole = int(exact)
    if exact < 0 or whole >= _MOST:
        return ""
    persian = language_of(language) == "fa"
    said = to_word(whole) if persian else _english(whole).capitalize()
    parts = 10**known.exponent
    rest = int((exact - whole) * parts)
    if rest:
        fraction = formatting.digits(f"{rest:0{known.exponent}d}/{parts}", language=language)
        # Digits run from left to right inside Persian words too.
        isolated = f"\u2066{fraction}\u2069" if persian else fraction
        said = f"{said} و {isolated}" if persian else f"{said} and {isolated}"
    return f"{said} {formatting.currency_name(code, language=language)}"


def _english(number: int) -> str:
    if number < 20:
        return _UNDER_TWENTY[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_UNDER_TWENTY[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_UNDER_TWENTY[hundreds]} hundred" + (f" {_english(rest)}" if rest else "")
    size, name = next(one for one in _THOUSANDS if number >= one[0])
    many, rest = divmod(number, size)
    return f"{_english(many)} {name}" + (f" {_english(rest)}" if rest else "")
