"""ESC/POS, as much of it as a picture needs: bands of dots, the cut, the drawer. Pure.

Text is never sent as text: such printers cannot join Persian letters, and each has other code
pages. Source: the commands ESC @, GS v 0, GS V and ESC p, which receipt printers share.
"""

from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageChops

BAND_ROWS: Final = 256  # small printers hold little more than this
_RESET: Final = b"\x1b@"
_LEFT: Final = b"\x1ba\x00"
_FEED: Final = b"\x1bd\x04"  # past the knife
_CUT: Final = b"\x1dVB\x00"
_KICK: Final = b"\x1bp\x00\x19\xfa"  # pin 2, 50 ms on, 500 ms off


def job(pictures: Iterable[Image.Image], *, cut: bool, kick: bool = False) -> bytes:
    """The bytes that print these 1-bit pictures one below the other.

    `kick` opens the drawer, and does so first: the clerk counts while the paper comes.
    """
    parts = [_RESET]
    if kick:
        parts.append(_KICK)
    parts.append(_LEFT)
    for picture in pictures:
        parts.extend(_bands(picture))
    parts.append(_FEED)
    if cut:
        parts.append(_CUT)
    return b"".join(parts)


def kick() -> bytes:
    """The bytes that open the drawer and print nothing."""
    return _RESET + _KICK


def _bands(picture: Image.Image) -> Iterable[bytes]:
    assert picture.mode == "1", "dots are black or white"
    across = (picture.width + 7) // 8
    for top in range(0, picture.height, BAND_ROWS):
        rows = min(BAND_ROWS, picture.height - top)
        band = picture.crop((0, top, picture.width, top + rows))
        # In the printer's words a set bit is ink; the bits that pad a row are white.
        ink = ImageChops.invert(band).tobytes()
        assert len(ink) == across * rows
        yield b"\x1dv0\x00" + across.to_bytes(2, "little") + rows.to_bytes(2, "little") + ink
