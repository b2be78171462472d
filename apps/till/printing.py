"""The printers beside a till: which one a paper goes to, and sending it there.

A job is sent while the clerk waits: it takes less than a second, and a printer that is off is
said at once. Whoever remembers printings does so in the same transaction, so that a paper that
did not come out was not printed.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.paper import escpos, network, pdf, raster
from apps.shops.models import Register
from apps.till.models import Printer, PrinterDots, PrinterUse

# Width of the roll, and of what a head of so many dots reaches of it.
_ROLL_MM: Final = {PrinterDots.WIDE: 80, PrinterDots.NARROW: 58}
_LIVE_MM: Final = {PrinterDots.WIDE: 72.0, PrinterDots.NARROW: 48.0}


@dataclass(eq=False)
class NoPrinter(Conflict):
    """Nobody said where this till's printer is."""

    register: str
    use: str

    def __str__(self) -> str:
        said = (
            _(
                "%(till)s has no receipt printer. Open the PDF, or let the owner name one under"
                " Printers."
            )
            if self.use == PrinterUse.RECEIPT
            else _(
                "%(till)s has no tag printer. Save the file, or let the owner name one under"
                " Printers."
            )
        )
        return said % {"till": self.register}


def printer_of(register: Register | None, use: PrinterUse) -> Printer | None:
    """The till's printer of this use, if it has one; one query."""
    if register is None:
        return None
    return Printer.objects.filter(register=register, use=use).first()


def demand_printer(register: Register, use: PrinterUse) -> Printer:
    """Raises NoPrinter."""
    found = printer_of(register, use)
    if found is None:
        raise NoPrinter(register=register.name, use=use)
    return found


def on_its_roll(printer: Printer) -> AbstractContextManager[None]:
    """Papers that are drawn inside are as wide as this printer's roll."""
    return pdf.roll_of(_ROLL_MM[PrinterDots(printer.dots)])


def roll_job(drawn: bytes, *, printer: Printer, kick: bool = False) -> bytes:
    """A PDF of the roll as the bytes of this printer; `kick` where it has a drawer."""
    dots = PrinterDots(printer.dots)
    pictures = raster.pictures_of(drawn, dots=dots.value, live_mm=_LIVE_MM[dots])
    return escpos.job(pictures, cut=printer.cuts, kick=kick and printer.opens_drawer)


def send(data: bytes, printer: Printer) -> None:
    """Raises PrinterSilent, PrinterOutside."""
    network.send(data, host=printer.host, port=printer.port)
