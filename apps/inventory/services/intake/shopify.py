"""A product export of Shopify: each variant is a piece with a tag price.

Columns: `Handle, Title, …, Type, Tags, …, Option1 Value, …, Variant SKU, Variant Grams, …,
Variant Price, …, Cost per item`. A product spans rows: title and type stand in its first alone,
the rows after it hold further variants, or only a picture.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from apps.inventory.services.intake.read import Row
from apps.inventory.services.intake.rows import Record

_NEEDED: Final = frozenset({"Handle", "Title", "Variant SKU", "Variant Price"})
_FIELDS: Final = {
    "Variant SKU": "tag",
    "Title": "name",
    "Type": "category",
    "Variant Grams": "gross_weight_g",
    "Variant Price": "fixed_price",
    "Cost per item": "cost",
}
_OPTIONS: Final = ("Option1 Value", "Option2 Value", "Option3 Value")
_NO_OPTION: Final = "Default Title"
_LONGEST_NAME: Final = 120
_LONGEST_CATEGORY: Final = 40


def is_shopify(header: Sequence[str]) -> bool:
    return set(header) >= _NEEDED


def columns(header: Sequence[str]) -> dict[int, str]:
    """Column number → field, for naming a refused value by its own column."""
    return {index: _FIELDS[title] for index, title in enumerate(header) if title in _FIELDS}


def records(header: Sequence[str], rows: Iterator[Row]) -> Iterator[Record]:
    """One record a variant. Rows with neither SKU nor price only continue their product."""
    at = {title: index for index, title in reversed(list(enumerate(header)))}

    def cell(row: Row, title: str) -> str:
        index = at.get(title, -1)
        return row.cells[index].strip() if 0 <= index < len(row.cells) else ""

    handle = title = category = ""
    for row in rows:
        if cell(row, "Handle") != handle or cell(row, "Title"):
            handle, title = cell(row, "Handle"), cell(row, "Title")
            category = cell(row, "Type") or cell(row, "Product Category").split(">")[-1].strip()
        sku, price = cell(row, "Variant SKU"), cell(row, "Variant Price")
        if not sku and not price:
            continue
        options = [cell(row, option) for option in _OPTIONS]
        variant = " / ".join(option for option in options if option and option != _NO_OPTION)
        name = " ".join(filter(None, (title, f"({variant})" if variant else "")))
        yield Record(
            line=row.line,
            raw=row.cells,
            cells={
                "tag": sku.removeprefix("'"),  # Shopify writes '00123 for what begins with zeros
                "name": name[:_LONGEST_NAME],
                "category": category[:_LONGEST_CATEGORY],
                "gross_weight_g": _weight(cell(row, "Variant Grams")),
                "fixed_price": _amount(price),
                "cost": _amount(cell(row, "Cost per item")),
            },
        )


def _weight(grams: str) -> str:
    """Whole grams, 0 where nobody weighed; then there is no weight rather than none."""
    return "" if not grams.strip("0.") else _amount(grams)


def _amount(text: str) -> str:
    """Shopify writes two decimals in every currency: 1200.00 yen are 1200."""
    return text.rstrip("0").rstrip(".") if "." in text else text
