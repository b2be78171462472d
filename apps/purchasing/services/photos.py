"""Pictures that were uploaded, drawn anew: small, without what the camera wrote into them."""

import io
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from apps.core.errors import Invalid
from apps.purchasing.models.photos import MOST_BYTES

MOST_UPLOADED: Final = 12_000_000
_MOST_PIXELS: Final = 60_000_000
_SIDES: Final = (1280, 960, 640)
_QUALITY: Final = 78
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


class PhotoUnreadable(Invalid):
    def __str__(self) -> str:
        return _("This file is no picture. Take a photo as JPEG, PNG or WebP.")


class PhotoTooLarge(Invalid):
    def __str__(self) -> str:
        return _("This picture is too large. Take it with fewer pixels.")


@dataclass(frozen=True, slots=True)
class Drawn:
    content: bytes
    width: int
    height: int


def drawn_anew(uploaded: bytes) -> Drawn:
    """The picture as a JPEG of at most 500 kB, upright, without place, time or camera in it.

    Only pixels are carried over: whatever else the file held is left behind.
    Raises PhotoUnreadable, PhotoTooLarge.
    """
    if len(uploaded) > MOST_UPLOADED:
        raise PhotoTooLarge
    try:
        with Image.open(io.BytesIO(uploaded), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise PhotoTooLarge
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise PhotoUnreadable from None
    for side in _SIDES:
        small = upright.copy()
        small.thumbnail((side, side))
        kept = io.BytesIO()
        small.save(kept, "JPEG", quality=_QUALITY, optimize=True)
        if kept.tell() <= MOST_BYTES:
            return Drawn(kept.getvalue(), small.width, small.height)
    raise PhotoTooLarge
