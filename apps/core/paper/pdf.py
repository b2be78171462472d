"""HTML as PDF: on A4, or on the 80 mm roll cut below its last ink.

WeasyPrint needs libraries of the operating system. Whether they are there is found out here and
nowhere else; without them the pages still work, and the PDF is refused in one sentence that names
the command which installs them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from threading import Lock
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.core.errors import Unavailable

PACKAGES: Final = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fontconfig",
)
COMMAND: Final = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
# Pango's fonts are one set per process: papers are drawn one after another.
_LONGEST_WAIT_SECONDS: Final = 20.0
_drawing: Final = Lock()
ROLL_MM: Final = 80
_roll_mm: Final = ContextVar("roll_mm", default=ROLL_MM)


@contextmanager
def roll_of(width_mm: int) -> Iterator[None]:
    """What is drawn inside stands on a roll of this width."""
    token = _roll_mm.set(width_mm)
    try:
        yield
    finally:
        _roll_mm.reset(token)


class PdfLibrariesMissing(Unavailable):
    """The operating system lacks what WeasyPrint draws with."""

    def __str__(self) -> str:
        return _(
            "This machine has no libraries to draw PDFs with, and root installs them with"
            " “%(command)s”."
        ) % {"command": COMMAND}


class PrinterBusy(Unavailable):
    """Too many papers at once."""

    def __str__(self) -> str:
        return _("Other receipts are being drawn. Print this one again in a moment.")


def demand_libraries() -> None:
    """Raises PdfLibrariesMissing."""
    _drawer()


def can_draw() -> bool:
    """Whether this machine can make PDFs."""
    try:
        demand_libraries()
    except PdfLibrariesMissing:
        return False
    return True


def read_ahead() -> None:
    """Read now what the first paper of a process would wait a second for. Raises as `draw`."""
    draw("<p id=last-ink>.</p>", cut=True)


def draw(html: str, *, cut: bool) -> bytes:
    """Draw a page that `static/css/receipt.css` styles: class `a4` or `roll` on its root.

    `cut`: the last page ends below the element `last-ink`, as the roll does.
    Raises PdfLibrariesMissing, PrinterBusy.
    """
    drawer = _drawer()
    if not _drawing.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise PrinterBusy
    try:
        drawn: bytes = drawer.draw(html, cut=cut, roll_mm=_roll_mm.get())
    finally:
        _drawing.release()
    return drawn


def _drawer() -> Any:
    # Importing asks the dynamic linker for the libraries; nothing else does so reliably.
    try:
        return import_module("apps.core.paper.drawing")
    except OSError as missing:
        raise PdfLibrariesMissing from missing
