"""Saying where a till's printers are."""

from apps.core.paper.network import demand_printer_address
from apps.shops.models import Register
from apps.till.models import Printer, PrinterDots, PrinterUse


def printers_shown(register: Register) -> dict[str, Printer]:
    """The till's printers by what they are used for."""
    return {printer.use: printer for printer in Printer.objects.filter(register=register)}


def name_printer(
    *,
    register: Register,
    use: PrinterUse,
    host: str,
    port: int,
    dots: int = PrinterDots.WIDE,
    cuts: bool = True,
    opens_drawer: bool = False,
) -> Printer:
    """Let a till's papers go to this printer from now on.

    Raises PrinterOutside, PrinterPortUnusual.
    """
    demand_printer_address(host, port)
    printer, _made = Printer.objects.update_or_create(
        register=register,
        use=use,
        defaults={
            "host": host,
            "port": port,
            "dots": dots,
            "cuts": cuts,
            "opens_drawer": opens_drawer,
        },
    )
    return printer


def take_printer_away(*, register: Register, use: PrinterUse) -> None:
    """Let a till have no printer of this use."""
    Printer.objects.filter(register=register, use=use).delete()
