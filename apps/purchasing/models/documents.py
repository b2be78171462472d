"""What every numbered document of the old gold has in common."""

from django.db import models

from apps.shops.models import Member, Register, Shift, ShopOwned


class Document(ShopOwned):
    """A numbered paper of a till. `code` is the number as it is printed: 1-G000042."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    at = models.DateTimeField()
    day = models.DateField()  # the shop's day
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    # Repeated, a request is answered with the document that the first one made.
    key = models.CharField(max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.code
