"""Two templates that a shop begins with, and the piece that previews show."""

from decimal import Decimal
from typing import Any, Final

from apps.labels.models import LabelTemplate, Stock
from apps.labels.models.templates import Speaks
from apps.labels.sheet import SYMBOLS

# What the preview shows where no piece was chosen: a long name, two weights, a stone.
SAMPLE: Final[dict[str, Any]] = {
    "tag": "R10482",
    "net_weight_g": Decimal("9.876"),
    "gross_weight_g": Decimal("10.042"),
    "carats": Decimal("0.83"),
    "huid": "AB12CD",
    "metal": "gold",
    "fineness": 9160,
}


def _field(
    what: str, side: str, x: str, y: str, width: str, height: str, **more: Any
) -> dict[str, Any]:
    return {
        "what": what,
        "side": side,
        "x_mm": x,
        "y_mm": y,
        "width_mm": width,
        "height_mm": height,
        "align": "left",
        "bold": False,
        "turned": False,
        **more,
    }


def _spoken(fields: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Words of Persian begin at the right of their boxes; symbols stay where they are."""
    if language != Speaks.PERSIAN:
        return fields
    turned = {"left": "right", "right": "left"}
    return [
        field if field["what"] in SYMBOLS else {**field, "align": turned[field["align"]]}
        for field in fields
    ]


def barbell(*, name: str, language: str) -> LabelTemplate:
    """72 × 12 mm: pads of 27 mm and a bridge of 18 mm that goes round the ring."""
    return LabelTemplate(
        name=name,
        stock=Stock.BARBELL,
        width_mm=Decimal(72),
        height_mm=Decimal(12),
        front_x_mm=Decimal(0),
        front_width_mm=Decimal(27),
        back_x_mm=Decimal(45),
        back_width_mm=Decimal(27),
        language=language,
        fields=_spoken(
            [
                _field("datamatrix", "front", "1", "1.5", "8.5", "8.5"),
                _field("tag", "front", "10.5", "1", "15.5", "3.4", bold=True),
                _field("karat", "front", "10.5", "4.6", "6.5", "3"),
                _field("fineness", "front", "17.5", "4.6", "8.5", "3", align="right"),
                _field("huid", "front", "10.5", "7.8", "15.5", "3"),
                _field("name", "back", "1", "0.8", "25", "3"),
                _field("gross", "back", "1", "3.8", "25", "2.6"),
                _field("net", "back", "1", "6.4", "25", "2.8", bold=True),
                _field("carats", "back", "1", "9.2", "25", "2.4"),
            ],
            language,
        ),
    )


def rat_tail(*, name: str, language: str) -> LabelTemplate:
    """75 × 10 mm: pads of 22 mm beside each other, folded together, and a tail of 31 mm."""
    return LabelTemplate(
        name=name,
        stock=Stock.RAT_TAIL,
        width_mm=Decimal(75),
        height_mm=Decimal(10),
        front_x_mm=Decimal(0),
        front_width_mm=Decimal(22),
        back_x_mm=Decimal(22),
        back_width_mm=Decimal(22),
        language=language,
        fields=_spoken(
            [
                _field("datamatrix", "front", "0.8", "1", "7.5", "7.5"),
                _field("tag", "front", "9", "0.8", "12.5", "3.2", bold=True),
                _field("karat", "front", "9", "4", "5.5", "2.6"),
                _field("fineness", "front", "14.5", "4", "7", "2.6", align="right"),
                _field("huid", "front", "9", "6.6", "12.5", "2.6"),
                _field("name", "back", "0.8", "0.5", "20.4", "2.6"),
                _field("gross", "back", "0.8", "3.2", "20.4", "2.2"),
                _field("net", "back", "0.8", "5.5", "20.4", "2.4", bold=True),
                _field("carats", "back", "0.8", "7.8", "20.4", "2"),
            ],
            language,
        ),
    )
