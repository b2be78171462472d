"""How a shop's tags look: the stock they are printed on, and what stands where."""

from typing import Final, TypedDict

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.shops.models import ShopOwned


class _Digits(TypedDict):
    max_digits: int
    decimal_places: int


MILLIMETRES: Final[_Digits] = {"max_digits": 5, "decimal_places": 2}


class Stock(models.TextChoices):
    BARBELL = "barbell", _("Barbell: two pads and a bridge")
    RAT_TAIL = "rat_tail", _("Rat tail: two pads and a tail")


class Dpi(models.IntegerChoices):
    COARSE = 203, _("203 dpi, 8 dots per mm")
    FINE = 300, _("300 dpi, 11.8 dots per mm")


class Speaks(models.TextChoices):
    """In which language and digits a tag is written."""

    ENGLISH = "en", _("English")
    PERSIAN = "fa", _("Persian")


class LabelTemplate(ShopOwned):
    """One kind of tag. What of the sheet lies in neither pad is the dead zone: nothing is
    printed there.

    `fields` is a list of apps.labels.layout.Field as JSON; their places count from the
    upper left corner of their pad. Lengths in millimetres.
    """

    name = models.CharField(max_length=40)
    stock = models.CharField(max_length=8, choices=Stock)
    width_mm = models.DecimalField(**MILLIMETRES)
    height_mm = models.DecimalField(**MILLIMETRES)
    front_x_mm = models.DecimalField(**MILLIMETRES)
    front_width_mm = models.DecimalField(**MILLIMETRES)
    back_x_mm = models.DecimalField(**MILLIMETRES)
    back_width_mm = models.DecimalField(**MILLIMETRES)
    dpi = models.PositiveSmallIntegerField(choices=Dpi, default=Dpi.COARSE)
    darkness = models.PositiveSmallIntegerField(default=20)  # 0 to 30, as ~SD has it
    language = models.CharField(max_length=2, choices=Speaks, default=Speaks.ENGLISH)
    # Latin words by the printer's own letters; else every word is sent as a picture.
    printers_letters = models.BooleanField(default=False)
    fields = models.JSONField(default=list)
    is_usual = models.BooleanField(default=False)  # what a new print begins with

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="labels_labeltemplate_name_unique", fields=["shop", "name"]
            ),
            models.UniqueConstraint(
                name="labels_labeltemplate_one_usual",
                fields=["shop"],
                condition=Q(is_usual=True),
            ),
            models.CheckConstraint(
                name="labels_labeltemplate_possible",
                condition=Q(
                    stock__in=Stock.values,
                    dpi__in=Dpi.values,
                    language__in=Speaks.values,
                    darkness__lte=30,
                    width_mm__lte=200,
                    height_mm__gte=5,
                    height_mm__lte=100,
                    front_x_mm__gte=0,
                    front_width_mm__gt=0,
                    back_width_mm__gt=0,
                    # The back lies behind the front, and both on the sheet.
                    back_x_mm__gte=F("front_x_mm") + F("front_width_mm"),
                    width_mm__gte=F("back_x_mm") + F("back_width_mm"),
                )
                & ~Q(name=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name
