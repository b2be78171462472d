"""Who the shop deals with."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY
from apps.shops.models import Member, ShopOwned


class CustomerKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    SUPPLIER = "supplier", _("Supplier")
    REFINER = "refiner", _("Refiner")


class Customer(ShopOwned):
    """A person or a business with an account in money, and in grams of metal.

    What lies in the account are postings of the ledger that name it as their party.
    """

    kind = models.CharField(max_length=10, choices=CustomerKind, default=CustomerKind.CUSTOMER)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    address = models.CharField(max_length=200, blank=True, default="")
    birth_date = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    # Up to how much they may owe; NULL: nothing is sold to them on account.
    credit_limit = models.DecimalField(**MONEY, null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Name, phone and mail as a search compares them; see apps.customers.search.
    search_text = models.CharField(max_length=500, blank=True, default="", editable=False)
    # A form that is sent twice makes one customer.
    idempotency_key = models.CharField(max_length=80, null=True, editable=False)  # noqa: DJ001 - several have none

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="customers_customer_possible",
                condition=~Q(name="")
                & Q(kind__in=CustomerKind.values)
                & (Q(credit_limit__isnull=True) | Q(credit_limit__gte=0)),
            ),
            models.UniqueConstraint(
                name="customers_customer_key_unique", fields=["shop", "idempotency_key"]
            ),
        ]
        indexes = [models.Index(name="customers_customer_name", fields=["shop", "name", "id"])]

    def __str__(self) -> str:
        return self.name
