"""Which column of a file is which: the names we write, and the names others write."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from apps.core.formatting import digits
from apps.core.typed import fold_digits, fold_letters

# In the order in which a file is written. {n} is 1, 2, …; the first metal has no number.
METAL_FIELDS: Final = ("metal", "fineness", "net_weight_g")
STONE_FIELDS: Final = (
    "kind", "pieces", "carats", "certificate", "lab", "certificate_fee", "price_mode", "price",
)  # fmt: skip
PLAIN_FIELDS: Final = {
    "tag": _("Tag"),
    "name": _("Name"),
    "category": _("Category"),
    "gross_weight_g": _("Gross weight, g"),
    "making_mode": _("Making: how"),
    "making_value": _("Making: how much"),
    "making_basis": _("Making: of what"),
    "making_table": _("Making table"),
    "wastage_mode": _("Wastage: how"),
    "wastage_value": _("Wastage: how much"),
    "fixed_price": _("Tag price"),
    "profit_percent": _("Profit, percent"),
    "hallmark": _("Hallmark"),
    "hallmark_fee": _("Hallmark fee"),
    "tax_category": _("Tax category"),
    "margin_purchase_price": _("Bought second-hand for"),
    "cost": _("Cost"),
    "place": _("Place"),
}
_METAL_LABELS: Final = {
    "metal": _("Metal %(n)s"),
    "fineness": _("Fineness %(n)s"),
    "net_weight_g": _("Net weight %(n)s, g"),
}
_STONE_LABELS: Final = {
    "kind": _("Stone %(n)s: kind"),
    "pieces": _("Stone %(n)s: how many"),
    "carats": _("Stone %(n)s: carats"),
    "certificate": _("Stone %(n)s: certificate"),
    "lab": _("Stone %(n)s: laboratory"),
    "certificate_fee": _("Stone %(n)s: fee for the certificate"),
    "price_mode": _("Stone %(n)s: priced how"),
    "price": _("Stone %(n)s: price"),
}
MOST_METALS: Final = 8
MOST_STONES: Final = 20
_OFFERED: Final = 3  # numbers of metals and stones that every select offers

# Folded as `_key` does it, without spaces and signs.
_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "tag": ("tagno", "tagnumber", "sku", "code", "barcode", "itemcode", "کد", "اتیکت", "شماره"),
    "name": ("title", "description", "item", "itemname", "piece", "نام", "شرح", "الاسم"),
    "category": ("type", "kind", "group", "گروه", "نوع", "الفئة"),
    "metal": ("metaltype", "فلز", "المعدن"),
    "fineness": ("purity", "permille", "stamp", "عیار", "العيار"),
    "net_weight_g": ("net", "netweight", "netwt", "nett", "netg", "وزنخالص", "الوزنالصافي"),
    "gross_weight_g": (
        "gross", "grossweight", "grosswt", "grossg", "weight", "weightg", "وزن", "وزنناخالص",
        "الوزن", "الوزنالقائم",
    ),
    "making_mode": ("makingtype", "makinghow"),
    "making_value": ("making", "makingcharge", "makingcharges", "labour", "labor", "wage", "اجرت"),
    "making_basis": ("makingon", "makingper"),
    "making_table": ("slab", "makingslab"),
    "hallmark": ("huid", "hallmarkno", "hallmarknumber"),
    "profit_percent": ("profit", "سود"),
    "wastage_mode": ("wastagetype", "wastagehow"),
    "wastage_value": ("wastage", "wastagecharge"),
    "fixed_price": ("price", "tagprice", "retailprice", "sellingprice", "قیمت", "السعر"),
    "cost": ("costprice", "purchaseprice", "buyingprice", "قیمتخرید", "بهایخرید", "التكلفة"),
    "place": ("location", "tray", "safe", "counter", "جا", "محل", "الموقع"),
    "stone_kind": ("stone", "stonetype", "سنگ"),
    "stone_pieces": ("stones", "stonecount", "stoneqty"),
    "stone_carats": ("carat", "carats", "ct", "stoneweight", "قیراط"),
    "stone_certificate": ("certificate", "cert", "certno", "certificateno"),
    "stone_lab": ("lab", "laboratory", "certlab"),
}  # fmt: skip


def _key(header: str) -> str:
    """A header without case, spaces, signs and what stands in brackets: "Net Wt. (g)" is netwt."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", fold_letters(fold_digits(header)))
    return re.sub(r"[\W_]+", "", bare)


_KNOWN: Final = {
    **{_key(alias): field for field, aliases in _ALIASES.items() for alias in aliases},
    **{_key(field): field for field in (*PLAIN_FIELDS, *METAL_FIELDS)},
    **{_key(f"stone_{part}"): f"stone_{part}" for part in STONE_FIELDS},
}


def field_of(header: str) -> str:
    """The field a header means, "" for none: "Tag No." is tag, "metal 2" is metal_2."""
    key = _key(header)
    if key in _KNOWN:
        return _numbered(_KNOWN[key], 1)
    match = re.fullmatch(r"(\D+?)([1-9]\d?)(\D*)", key)
    if match is None:
        return ""
    field = _KNOWN.get(match[1] + match[3], "")
    return _numbered(field, int(match[2]))


def _numbered(field: str, n: int) -> str:
    if field in METAL_FIELDS:
        return metal_field(field, n) if n <= MOST_METALS else ""
    if field.startswith("stone_"):
        return stone_field(field.removeprefix("stone_"), n) if n <= MOST_STONES else ""
    return field if n == 1 else ""


def metal_field(part: str, n: int) -> str:
    return part if n == 1 else f"{part}_{n}"


def stone_field(part: str, n: int) -> str:
    return f"stone_{n}_{part}"


def match(header: Sequence[str]) -> dict[int, str]:
    """Column number → field. Of two columns that mean the same field the first is taken."""
    matched: dict[int, str] = {}
    for index, title in enumerate(header):
        field = field_of(title)
        if field and field not in matched.values():
            matched[index] = field
    return matched


def is_field(field: str) -> bool:
    return field in PLAIN_FIELDS or (field_of(field) == field and bool(field))


def label_of(field: str) -> str:
    """What a person calls the field."""
    if field in PLAIN_FIELDS:
        return str(PLAIN_FIELDS[field])
    stone = re.fullmatch(r"stone_(\d+)_(\w+)", field)
    if stone:
        return str(_STONE_LABELS[stone[2]]) % {"n": digits(stone[1])}
    part, _sign, n = field.rpartition("_") if field[-1].isdigit() else (field, "", "1")
    return str(_METAL_LABELS[part]) % {"n": digits(n)}


def choices(matched: Mapping[int, str]) -> list[tuple[str, str]]:
    """What a column can be said to be, for its select: field and label."""
    used = set(matched.values())
    fields: list[str] = ["tag", "name", "category"]
    fields += _offered(
        (metal_field(part, n) for n in range(1, MOST_METALS + 1) for part in METAL_FIELDS), used
    )
    fields += [field for field in PLAIN_FIELDS if field not in fields]
    fields += _offered(
        (stone_field(part, n) for n in range(1, MOST_STONES + 1) for part in STONE_FIELDS), used
    )
    return [(field, label_of(field)) for field in fields]


def _offered(fields: Iterable[str], used: set[str]) -> list[str]:
    return [
        field
        for field in fields
        if field in used or int((re.search(r"\d+", field) or [1])[0]) <= _OFFERED
    ]
