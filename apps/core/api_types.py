"""The string types of the API: money, weights, fineness and text, bounded and unambiguous.

A JSON number would pass through a binary float, so numbers are refused. Only the digits 0-9 are
taken: `Decimal` itself would accept "1_000" and Persian digits, and a program that sends those by
accident is better told. Pages fold the digits of their users before they come here.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Header
from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import core_schema

from apps.core.units import CARATS, GRAMS, RATE

_SHOWN = 24  # how much of a refused value its sentence repeats


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def written(value: object, example: str) -> str:
    """The value as the string it must be. Raises ValueError with a sentence."""
    if isinstance(value, str):
        return value
    raise ValueError(_('Write it as a string, for example "%(example)s".') % {"example": example})


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A decimal number written as a string: so many digits before and after the point.

    Used as `Annotated[Decimal, WrittenNumber(...)]`; validates, serialises and documents alike.
    """

    whole: int
    places: int
    example: str
    signed: bool = False
    highest: Decimal | None = None

    @property
    def pattern(self) -> str:
        sign = "-?" if self.signed else ""
        return rf"^{sign}[0-9]{{1,{self.whole}}}(\.[0-9]{{1,{self.places}}})?$"

    def read(self, value: object) -> Decimal:
        """The number. Raises ValueError, with a sentence that says what to write instead."""
        if isinstance(value, Decimal):
            return value
        text = written(value, self.example)
        # fullmatch: "$" alone would let a final line break through.
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self._why(text))
        number = Decimal(text)
        if self.highest is not None and number > self.highest:
            raise ValueError(
                _("%(text)s is more than %(highest)s. Check the figure.")
                % {"text": text, "highest": format(self.highest, "f")}
            )
        return number

    def _why(self, text: str) -> str:
        facts = {"text": _short(text), "example": self.example, "places": self.places}
        shape = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?", text)
        if shape is None:
            return (
                _(
                    '"%(text)s" is not a number here. Write it with the digits 0-9 and a point,'
                    ' for example "%(example)s".'
                )
                % facts
            )
        if shape[1] and not self.signed:
            return _("%(text)s is below 0. Write 0 or more.") % facts
        if len(shape[2]) > self.whole:
            return _("%(text)s is too large. Check the figure.") % facts
        return _("%(text)s has more than %(places)s decimals. Write fewer.") % facts

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda number: format(number, "f"), return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "examples": [self.example]}


# Fifteen digits before the point leave room in a MONEY column for the sums of a hundred lines.
_MONEY = WrittenNumber(whole=15, places=4, example="1250.00")
Money = Annotated[Decimal, _MONEY]
Grams = Annotated[
    Decimal,
    WrittenNumber(
        whole=6, places=GRAMS["decimal_places"], example="12.500", highest=Decimal(100_000)
    ),
]
Carats = Annotated[
    Decimal,
    WrittenNumber(
        whole=6, places=CARATS["decimal_places"], example="0.105", highest=Decimal(100_000)
    ),
]
RateAmount = Annotated[
    Decimal, WrittenNumber(whole=14, places=RATE["decimal_places"], example="6000.00")
]
Percent = Annotated[Decimal, WrittenNumber(whole=4, places=4, example="7.5", highest=Decimal(1000))]
Share = Annotated[Decimal, WrittenNumber(whole=3, places=4, example="30", highest=Decimal(100))]
UnitGrams = Annotated[
    Decimal, WrittenNumber(whole=5, places=8, example="4.608", highest=Decimal(10_000))
]

_MARK = WrittenNumber(whole=4, places=1, example="916", highest=Decimal(1000))
_EXACT_MARK = WrittenNumber(whole=4, places=4, example="916.6667", highest=Decimal(1000))


def _parts(permille: Decimal) -> int | Decimal:
    parts = permille * 10
    if not parts:
        raise ValueError(_("Fineness is above 0 and up to 1000 parts per thousand."))
    return int(parts) if parts == parts.to_integral_value() else parts


def _fineness(value: object) -> int:
    return int(_parts(_MARK.read(value)))


def _exact_fineness(value: object) -> int | Decimal:
    return _parts(_EXACT_MARK.read(value))


def _mark_schema(number: WrittenNumber) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": number.pattern, "examples": [number.example]}
    )


# Written in parts per thousand, read as parts per ten thousand: "916" is 9160.
Fineness = Annotated[int, BeforeValidator(_fineness), _mark_schema(_MARK)]
# A described piece may be reckoned at 22/24 = 916.6667; a real piece carries a mark.
ExactFineness = Annotated[
    int | Decimal, BeforeValidator(_exact_fineness), _mark_schema(_EXACT_MARK)
]


def _plain_text(value: str) -> str:
    """No NUL, which PostgreSQL cannot store, and no other control character but a line break."""
    if any(ord(char) < 32 and char not in "\n\t" for char in value):
        raise ValueError(_("There is a control character in the text. Type it again."))
    return value


_PRINTABLE = r"^[^\x00-\x08\x0b-\x1f]*$"
_PLAIN = AfterValidator(_plain_text)

Text = Annotated[str, Field(max_length=120, json_schema_extra={"pattern": _PRINTABLE}), _PLAIN]
Word = Annotated[
    str, Field(min_length=1, max_length=40, json_schema_extra={"pattern": _PRINTABLE}), _PLAIN
]
# A tag is what a scanner can send: at most 30 characters.
Tag = Annotated[
    str,
    Field(min_length=1, max_length=30, json_schema_extra={"pattern": _PRINTABLE}),
    _PLAIN,
]


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    text = written(value, "2026-07-01")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(
            _('"%(text)s" is no date here. Write year-month-day, for example "2026-07-01".')
            % {"text": _short(text)}
        )
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("%(text)s is not in the calendar.") % {"text": text}) from None


# Not pydantic's own date: it would read a number as seconds since 1970.
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        pattern=r"^[!-~]+$",
        description="Of your choice, new for each request. Sent again, it answers the first one.",
    ),
]
