"""Identity papers that the shop has seen. Their numbers are sealed; four digits find them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.customers.models.customers import Customer
from apps.shops.models import Member, ShopOwned


class PaperKind(models.TextChoices):
    NATIONAL_ID = "national_id", _("National identity card")
    PASSPORT = "passport", _("Passport")
    DRIVING_LICENCE = "driving_licence", _("Driving licence")
    RESIDENCE = "residence", _("Residence permit")
    TAX_CARD = "tax_card", _("Tax card (PAN)")
    OTHER = "other", _("Another paper")


class IdentityPaper(ShopOwned):
    """A paper that a member held in their hand. A renewed one is a new row.

    `sealed` is the number as `apps.customers.sealing` keeps it; only a change of the
    installation's key writes it anew. No picture of a paper is kept.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="papers", db_index=False)
    kind = models.CharField(max_length=16, choices=PaperKind)
    sealed = models.TextField()
    last4 = models.CharField(max_length=4)
    country = models.CharField(max_length=2, blank=True, default="")  # ISO 3166: AE, IN, IR
    expires_on = models.DateField(null=True, blank=True)
    seen_at = models.DateTimeField()
    seen_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="customers_identitypaper_possible",
                condition=Q(kind__in=PaperKind.values) & ~Q(sealed="") & ~Q(last4=""),
            ),
        ]
        indexes = [
            # The papers of a customer, the newest first.
            models.Index(name="customers_paper_newest", fields=["shop", "customer", "-id"]),
            # Whose paper ends in these four.
            models.Index(name="customers_paper_last4", fields=["shop", "last4"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} …{self.last4}"
