"""The printers beside a till: where they listen, and what they can."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.paper.network import LONGEST_HOST, PORTS, USUAL_PORT
from apps.shops.models import Register, ShopOwned


class PrinterUse(models.TextChoices):
    RECEIPT = "receipt", _("Receipts and slips")
    LABEL = "label", _("Tags")


class PrinterDots(models.IntegerChoices):
    """What a receipt printer's head can, by its paper: 8 dots to the millimetre."""

    WIDE = 576, _("80 mm paper, 576 dots")
    NARROW = 384, _("58 mm paper, 384 dots")


class Printer(ShopOwned):
    """One printer of a till. `dots`, `cuts` and `opens_drawer` are said of receipt printers."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="printers", db_index=False)
    use = models.CharField(max_length=8, choices=PrinterUse)
    host = models.CharField(max_length=LONGEST_HOST)
    port = models.PositiveIntegerField(default=USUAL_PORT)
    dots = models.PositiveSmallIntegerField(choices=PrinterDots, default=PrinterDots.WIDE)
    cuts = models.BooleanField(default=True)
    opens_drawer = models.BooleanField(default=False)  # when a sale took cash

    class Meta:
        constraints = [
            models.UniqueConstraint(name="till_printer_unique", fields=["shop", "register", "use"]),
            models.CheckConstraint(
                name="till_printer_possible",
                condition=Q(
                    use__in=PrinterUse.values,
                    dots__in=PrinterDots.values,
                    port__gte=PORTS.start,
                    port__lt=PORTS.stop,
                )
                & ~Q(host=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
