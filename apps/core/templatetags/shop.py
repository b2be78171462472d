"""Template tags of the shop: numbers as HTML, icons, fineness marks, where one is.

The words and digits come from `core.formatting`; here they get their isolates and classes. Every
number is `<span class="n">`, read left to right in every language. A value that is None or empty
gives an empty text, because an empty cell is how a table says that there is nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from apps.core import formatting
from apps.core.fields import JALALI_DAY, amount_attributes
from apps.core.reading import PERSIAN, counts_jalali, reading
from apps.core.units import Currency, plain

register = template.Library()

# Symbols that point along the line of reading turn with it; all others stay as they are.
_FLIPPED: Final = frozenset({"next", "prev", "undo", "signout"})

# The picture of a piece without a photo. Categories are the shop's own words, so what is not
# known gets the gem.
_KINDS: Final = {
    "anklet": "bracelet",
    "band": "ring",
    "bangle": "bangle",
    "bar": "bar",
    "bracelet": "bracelet",
    "chain": "chain",
    "coin": "coin",
    "earring": "earrings",
    "earrings": "earrings",
    "necklace": "necklace",
    "pendant": "pendant",
    "ring": "ring",
    "set": "set",
    "stud": "earrings",
    # Persian, as `fold_letters` spells them.
    "انگشتر": "ring",
    "حلقه": "ring",
    "النگو": "bangle",
    "دستبند": "bracelet",
    "پابند": "bracelet",
    "زنجیر": "chain",
    "گردنبند": "necklace",
    "گوشواره": "earrings",
    "آویز": "pendant",
    "پلاک": "pendant",
    "سکه": "coin",
    "شمش": "bar",
    "نیمست": "set",
    "سرویس": "set",
}

_METALS_WITH_SHAPE: Final = frozenset({"gold", "silver", "platinum", "palladium"})


def _span(text: str, css: str = "n") -> SafeString:
    return format_html('<span class="{}">{}</span>', css, text)


def _with_unit(text: str) -> SafeString:
    """ "3.850 g" as number, hard space, and a quieter unit."""
    figure, space, unit = text.partition(formatting.NBSP)
    if not space:
        return _span(figure)
    return format_html(
        '<span class="n">{}</span>{}<span class="unit">{}</span>', figure, formatting.NBSP, unit
    )


def _empty(value: object) -> bool:
    return value is None or value == ""


# -- numbers -----------------------------------------------------------------------------------


@register.filter
def number(value: Decimal | int | None, places: int | None = None) -> str:
    """{{ count|number }}, {{ weight|number:3 }}."""
    return "" if _empty(value) else _span(formatting.number(_exact(value), places=places))


@register.filter
def percent(value: Decimal | int | None, places: int | None = None) -> str:
    """{{ 7.5|percent }} gives 7.5%; {{ x|percent:2 }} keeps two decimals."""
    return "" if _empty(value) else _span(formatting.percent(_exact(value), places=places))


@register.filter
def change(value: Decimal | int | None, places: int = 2) -> str:
    """A difference with its sign, in the colour of its direction: sign first, colour second."""
    if _empty(value):
        return ""
    return _coloured(_exact(value), formatting.number(_exact(value), places=places, signed=True))


@register.filter
def change_carats(value: Decimal | None) -> str:
    """As `change`, of carats and without their unit: −0.41."""
    if _empty(value):
        return ""
    exact = _exact(value)
    return _coloured(exact, formatting.carats(exact, unit=False, signed=True))


@register.filter
def change_percent(value: Decimal | int | None, places: int = 2) -> str:
    """As `change`, in percent."""
    if _empty(value):
        return ""
    return _coloured(_exact(value), formatting.percent(_exact(value), places=places, signed=True))


@register.filter
def grams(value: Decimal | None) -> str:
    """{{ weight_g|grams }} gives 3.850 g."""
    return "" if _empty(value) else _with_unit(formatting.grams(_exact(value)))


@register.filter
def grams_bare(value: Decimal | None) -> str:
    """For a column whose head carries the unit."""
    return "" if _empty(value) else _span(formatting.grams(_exact(value), unit=False))


@register.filter
def carats(value: Decimal | None) -> str:
    """{{ weight_ct|carats }} gives 0.31 ct."""
    return "" if _empty(value) else _with_unit(formatting.carats(_exact(value)))


@register.filter
def carats_bare(value: Decimal | None) -> str:
    """For a column whose head carries the unit."""
    return "" if _empty(value) else _span(formatting.carats(_exact(value), unit=False))


@register.filter
def unit_name(unit: str) -> str:
    """{{ "ozt"|unit_name }}."""
    return formatting.unit_name(unit)


@register.filter
def in_digits(text: object) -> SafeString:
    """A number that is a name, in the reader's digits and isolated: a document's number, a year."""
    return format_html('<bdi class="n" dir="ltr">{}</bdi>', formatting.digits(text))


def _exact(value: Any) -> Decimal:
    """What a template holds as a number; a float is refused, it has lost digits already."""
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float. Give the template a Decimal.")
    return value if isinstance(value, Decimal) else Decimal(value)


def _coloured(value: Decimal, text: str) -> SafeString:
    return _span(text, f"n {'gain' if value > 0 else 'loss' if value < 0 else 'faint'}")


# -- money -------------------------------------------------------------------------------------


@register.filter
def money(amount: Decimal | None, currency: str | Currency) -> str:
    """{{ total|money:shop.currency }} gives 3,297.42, without the currency's name."""
    return "" if _empty(amount) else _span(formatting.money(_exact(amount), currency))


@register.filter
def money_unit(amount: Decimal | None, currency: str | Currency) -> str:
    """As `money`, followed by the currency's name."""
    if _empty(amount):
        return ""
    return _with_unit(formatting.money(_exact(amount), currency, unit=True))


@register.filter
def money_parts(amount: Decimal | None, currency: str | Currency) -> str:
    """A big figure: the fraction is there, but quiet."""
    if _empty(amount):
        return ""
    whole, fraction = formatting.money_parts(_exact(amount), currency)
    if not fraction:
        return _span(whole)
    return format_html('<span class="n">{}<span class="frac">{}</span></span>', whole, fraction)


@register.filter
def money_plain(amount: Decimal | None, currency: str | Currency) -> str:
    """As `money` without HTML: for the value of an input and for sentences."""
    return "" if _empty(amount) else formatting.money(_exact(amount), currency)


@register.filter
def in_unit_of(amount: Decimal | None, currency: str | Currency) -> Decimal | None:
    """The number of the unit that is shown, for `number` and `change`: of rates in a column."""
    code = currency if isinstance(currency, str) else currency.code
    return None if amount is None else formatting.in_shown_unit(_exact(amount), code)


@register.filter
def money_scripted(amount: Decimal | None, currency: str) -> str:
    """The number of the unit that is shown, in ASCII: for what a page's script adds up."""
    return "" if amount is None else plain(formatting.in_shown_unit(_exact(amount), currency))


@register.filter
def rate_plain(value: Decimal | None, currency: str | Currency) -> str:
    """As `rate` without HTML: for the value of an input and for sentences."""
    return "" if _empty(value) else formatting.rate(_exact(value), currency)


@register.simple_tag
def typed_amount(currency: str, exponent: int | str | None = None) -> SafeString:
    """Attributes of an input for an amount of `currency`: how many decimals, and how many always.

    `exponent`: of a rate, which takes more of them than an amount; a page that names none has "".
    """
    attributes = amount_attributes(currency, int(exponent) if exponent not in (None, "") else None)
    return SafeString(format_html_join("", ' {}="{}"', attributes.items()).lstrip())


@register.filter
def rate(value: Decimal | None, currency: str | Currency) -> str:
    """A rate with as many decimals as it needs."""
    return "" if _empty(value) else _span(formatting.rate(_exact(value), currency))


@register.filter
def currency_name(currency: str | Currency) -> str:
    """{{ shop.currency|currency_name }}: AED, toman."""
    return formatting.currency_name(currency if isinstance(currency, str) else currency.code)


# -- time --------------------------------------------------------------------------------------


@register.filter
def clock(moment: datetime | None) -> str:
    """13:52."""
    return "" if moment is None else _span(formatting.clock(moment))


@register.filter
def day(value: date | None, style: str = "text") -> str:
    """{{ d|day }}, {{ d|day:"table" }}, {{ d|day:"weekday" }}."""
    if value is None:
        return ""
    if style == "table":
        return _span(formatting.day(value, table=True))
    return formatting.day(value, weekday=style == "weekday")


@register.filter
def when(moment: datetime | None) -> str:
    """Today 13:52, yesterday 18:40, else the date; without a capital, for use in a sentence."""
    return "" if moment is None else formatting.when(moment, now=timezone.now())


@register.filter
def since(moment: datetime | None) -> str:
    """4 h 56 min ago."""
    return "" if moment is None else formatting.ago(moment, now=timezone.now())


@register.simple_tag
def day_input(name: str, value: date | None, element: str = "") -> SafeString:
    """{% day_input "since" period.since %}: the browser's calendar, or a field for Jalali days."""
    attributes = {"id": element or name, "name": name, "type": "date"}
    if counts_jalali():
        attributes |= JALALI_DAY | {"type": "text"}
    if value is not None:
        attributes["value"] = formatting.typed_day(value)
    return format_html("<input{}>", format_html_join("", ' {}="{}"', attributes.items()))


# -- pictures ----------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """{% icon "print" %}, {% icon "next" "faint" %}. Never alone: a word or a name stands by it."""
    classes = " ".join(filter(None, ("icon", "icon--flip" if name in _FLIPPED else "", css)))
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def piece_icon(category: str, css: str = "") -> SafeString:
    """The picture of a kind of piece; a gem for a category that has none."""
    words = formatting.fold_letters(category or "").replace("-", " ").replace("_", " ").split()
    # "wedding rings" is a ring: the last word that is known, singular or plural.
    known = (_KINDS.get(word) or _KINDS.get(word.removesuffix("s")) for word in reversed(words))
    return icon(next(filter(None, known), "gem"), css)


@register.simple_tag
def mark(metal: str, fineness: int) -> SafeString:
    """{% mark piece.metal piece.fineness %}: the shape is the metal, the number the fineness.

    Units: fineness in parts per ten thousand.
    """
    kind = str(metal).lower()
    shape = f"mark mark--{kind}" if kind in _METALS_WITH_SHAPE else "mark"
    return format_html(
        '<span class="{}"><span class="vh">{} </span>{}</span>',
        shape,
        metal_name(kind),
        formatting.fineness(fineness),
    )


@register.filter
def metal_name(metal: str) -> str:
    """{{ "gold"|metal_name }}: Gold."""
    names = {
        "gold": pgettext("metal", "Gold"),
        "silver": pgettext("metal", "Silver"),
        "platinum": pgettext("metal", "Platinum"),
        "palladium": pgettext("metal", "Palladium"),
    }
    return names.get(str(metal).lower(), str(metal))


@register.filter
def iso(code: object) -> SafeString:
    """A code inside a sentence, kept left to right: a tag, a bill's number, a phone number."""
    return format_html('<bdi dir="ltr">{}</bdi>', code)


@register.filter
def isolated(name: object) -> SafeString:
    """A name inside a sentence, in its own direction: a Persian one before a number in English."""
    return format_html("<bdi>{}</bdi>", name)


@register.filter
def listed(names: Iterable[object]) -> str:
    return formatting.listed(names)


@register.filter
def after(sentence: object, tag: str) -> str:
    """What a sentence says after the tag it begins with; the whole of it when it does not."""
    return str(sentence).removeprefix(str(tag)).strip()


# -- page --------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def in_part(context: template.Context, *names: str) -> SafeString:
    """` aria-current="page"` when the page belongs to one of `names`, namespaces or URL names."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = {match.namespace, match.view_name} - {""} if match else set()
    return SafeString(' aria-current="page"' if here & set(names) else "")


@register.simple_tag(takes_context=True)
def reader_attributes(context: template.Context) -> SafeString:
    """What the page's scripts should know of the reader, where the language does not say it."""
    attributes = {}
    if wish := reading().digits:
        attributes["data-digits"] = "arabext" if wish == PERSIAN else "latn"
    member = getattr(context.get("request"), "member", None)
    if member is not None and not member.user.sounds:
        attributes["data-sounds"] = "off"
    return format_html_join("", ' {}="{}"', attributes.items())
