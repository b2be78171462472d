"""HTML of a paper to PDF by WeasyPrint. Loaded by `pdf` alone, since importing it needs Pango.

Our own style sheet and fonts are all that is ever read.
"""

import os
from functools import cache
from typing import Any, Final

from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, path2url

_STYLES: Final = "css/receipt.css"
_FONTS: Final = tuple(
    f"fonts/receipt-{script}-{weight}.woff2"
    for script in ("latin", "arabic")
    for weight in (400, 700)
)
# Where the ink of the roll ends, and the white below it. Units: CSS pixels, 96 to the inch.
_LAST_INK: Final = "last-ink"
_WHITE_BELOW_PX: Final = 4 / 25.4 * 96


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Reads our style sheet and fonts; every other address ends the drawing.

    What customers write is escaped and cannot name an address. Should a template ever forget
    that, the paper is refused: neither a neighbour of the server nor a file is asked.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"file"}, allow_redirects=False, fail_on_errors=True)
        self._ours = {path2url(path_of(name)) for name in (_STYLES, *_FONTS)}

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url not in self._ours:
            raise ValueError(f"{url} is no file of a paper")
        return super().fetch(url, headers)


def draw(html: str, *, cut: bool) -> bytes:
    """The PDF of a page; with `cut` its last page ends below the element `last-ink`.

    A page of CSS cannot grow with what stands on it, but it can be made shorter afterwards.
    """
    styles, fonts = _styles()
    page = HTML(string=html, url_fetcher=OwnFilesOnly())
    document = page.render(stylesheets=[styles], font_config=fonts)
    if cut:
        last = document.pages[-1]
        last.height = last.anchors[_LAST_INK][1] + _WHITE_BELOW_PX
    drawn: bytes = document.write_pdf()
    return drawn


@cache
def _styles() -> tuple[CSS, FontConfiguration]:
    """The style sheet with its fonts, read once: reading them takes longer than drawing a bill."""
    fonts = FontConfiguration()
    path = path_of(_STYLES)
    # With its address, without which the fonts would be left out in silence.
    styles = CSS(
        filename=path, base_url=path2url(path), url_fetcher=OwnFilesOnly(), font_config=fonts
    )
    return styles, fonts


def path_of(name: str) -> str:
    """Where a static file is on this machine."""
    found = finders.find(name)
    assert isinstance(found, str | os.PathLike), f"static/{name} is part of the program"
    return os.fspath(found)
