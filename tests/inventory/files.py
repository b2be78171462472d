"""Files of pieces, as people send them."""

import csv
import io
import zipfile

from openpyxl import Workbook

HEADER = ["tag", "name", "category", "metal", "fineness", "net_weight_g", "gross_weight_g", "cost"]
RING = ["R-1", "Plain ring", "Ring", "gold", "916", "3.850", "3.900", "500.00"]


def ring(**cells):
    """A row of a ring, some of its cells otherwise."""
    return [str(cells.get(name, usual)) for name, usual in zip(HEADER, RING, strict=True)]


def rings(count):
    return [ring(tag=f"R-{number}") for number in range(1, count + 1)]


def csv_file(rows, *, header=HEADER, delimiter=",", encoding="utf-8"):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(rows, *, header=HEADER):
    book = Workbook()
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zip_file(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


SHOPIFY_HEADER = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Option1 Name", "Option1 Value",
    "Variant SKU", "Variant Grams", "Variant Inventory Qty", "Variant Price", "Image Src",
    "Cost per item",
]  # fmt: skip


def shopify_file(rows):
    """Rows as dictionaries of the columns that are not empty."""
    return csv_file(
        [[row.get(name, "") for name in SHOPIFY_HEADER] for row in rows], header=SHOPIFY_HEADER
    )
