"""Who the shop deals with."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
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
    # Everything they are found by, as a search compares it; see apps.customers.search.
    search_text = models.TextField(blank=True, default="", editable=False)
    # The same person twice is looked for by these: folded words of the name in order, and the
    # last digits of the phone.
    name_key = models.CharField(max_length=130, blank=True, default="", editable=False)
    phone_tail = models.CharField(max_length=8, blank=True, default="", editable=False)
    # Whom they turned out to be: the row stays for its documents, and whoever asks for it is
    # given the other one, which is never merged itself.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    # What they were called, where they lived and how they were reached is gone since.
    erased_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(
                name="customers_customer_merged_once",
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=F("id")),
            ),
            models.UniqueConstraint(
                name="customers_customer_key_unique", fields=["shop", "idempotency_key"]
            ),
        ]
        indexes = [
            models.Index(name="customers_customer_name", fields=["shop", "name", "id"]),
            # Search by any part: asked by the function customers_find alone, since no policy
            # lets a LIKE use it.
            GinIndex(
                name="customers_customer_search",
                fields=["shop", "search_text"],
                opclasses=["int8_ops", "gin_trgm_ops"],
                gin_pending_list_limit=256,
            ),
            # The same person twice.
            models.Index(
                name="customers_customer_phonetail",
                fields=["shop", "phone_tail"],
                condition=~Q(phone_tail="") & Q(merged_into__isnull=True),
            ),
            models.Index(
                name="customers_customer_namekey",
                fields=["shop", "name_key"],
                condition=~Q(name_key="") & Q(merged_into__isnull=True),
            ),
            # Who somebody was before.
            models.Index(
                name="customers_customer_merged",
                fields=["shop", "merged_into"],
                condition=Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
