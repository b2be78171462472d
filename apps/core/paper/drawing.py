"""HTML of a paper to PDF by WeasyPrint. Loaded by `pdf` alone, since importing it needs Pango.

Our own style sheet and fonts are all that is ever read.
"""

from functools import cache
from typing import Any, Final

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, path2url

from apps.core.paper.files import path_of

_STYLES: Final = "css/receipt.css"
_FONTS: Final = tuple(
    f"fonts/receipt-{script}-{weight}.woff2"
    for script in ("latin", "arabic")
    for weight in (400, 700)
)
# Where the ink of the roll ends, and the white below it. Units: CSS pixels, 96 to the inch.
_LAST_INK: Final = "last-ink"
_USUAL_ROLL_MM: Final = 80
_NARROW: Final = (
    ".roll { font-size: 8.5pt } .roll .tot { font-size: 11pt } .roll h1 { font-size: 12pt }"
)
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


def draw(html: str, *, cut: bool, roll_mm: int = _USUAL_ROLL_MM) -> bytes:
    """The PDF of a page; with `cut` its last page ends below the element `last-ink`.

    A page of CSS cannot grow with what stands on it, but it can be made shorter afterwards.
    """
    styles, fonts = _styles()
    page = HTML(string=html, url_fetcher=OwnFilesOnly())
    document = page.render(stylesheets=[styles, *_narrow(roll_mm)], font_config=fonts)
    if cut:
        last = document.pages[-1]
        last.height = last.anchors[_LAST_INK][1] + _WHITE_BELOW_PX
    drawn: bytes = document.write_pdf()
    return drawn


def _narrow(roll_mm: int) -> list[CSS]:
    """What a roll changes that is not the usual one: its width, and figures on a row of theirs."""
    if roll_mm == _USUAL_ROLL_MM:
        return []
    page = f"@page roll {{ size: {roll_mm}mm 5000mm; margin: 3mm 5mm }}"
    return [CSS(string=page + _NARROW)]


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
