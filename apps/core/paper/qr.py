"""A document's number as a square that scanners read."""

from typing import Final

import segno
from django.utils.safestring import SafeString

_SIZE_PX: Final = 128


def qr_svg(code: str) -> SafeString:
    """An inline SVG of class `qr`: attributes only, so that no policy of the page forbids it.

    Never a Micro QR, which most readers do not know, though a short number would fit in one.
    """
    drawn = segno.make(code, micro=False, error="m")
    # The four white modules around it are part of the standard: readers look for them.
    svg = drawn.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", omitsize=True)
    # Without a size it would fill its page; a style sheet may still say otherwise.
    sized = svg.replace("<svg ", f'<svg width="{_SIZE_PX}" height="{_SIZE_PX}" ', 1)
    # Safe: segno draws paths and writes nothing of `code` as text.
    return SafeString(sized)
