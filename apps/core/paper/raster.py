"""A PDF as black and white dots, one to one for a printer's head."""

from threading import Lock
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

# Darker than this is ink. Letters are grey at their edges; a thermal head knows two shades only.
_INK: Final = 160
# PDFium is one library per process and serves one caller at a time.
_drawing: Final = Lock()


def pictures_of(pdf: bytes, *, dots: int, live_mm: float) -> list[Image.Image]:
    """Each page as a 1-bit picture `dots` wide: the `live_mm` in the middle of the paper.

    Black is 0 and white 255, as Pillow has it in mode "1".
    """
    with _drawing:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [_picture(page, dots=dots, live_mm=live_mm) for page in document]
        finally:
            document.close()


def _picture(page: pypdfium2.PdfPage, *, dots: int, live_mm: float) -> Image.Image:
    dots_per_point = dots / live_mm * 25.4 / 72
    drawn = page.render(scale=dots_per_point, grayscale=True).to_pil().convert("L")
    page.close()
    left = (drawn.width - dots) // 2
    live = drawn.crop((left, 0, left + dots, drawn.height))
    dots_only: Image.Image = live.point(lambda shade: 255 if shade > _INK else 0).convert("1")
    return dots_only
