"""Who the shop deals with, what it knows of them, and the papers it has seen of them."""

from apps.customers.models.customers import Customer, CustomerKind
from apps.customers.models.papers import IdentityPaper, PaperKind
from apps.customers.models.profiles import (
    CashKept,
    Channel,
    Occasion,
    OccasionKind,
    PaperLook,
    Profile,
)

__all__ = [
    "CashKept",
    "Channel",
    "Customer",
    "CustomerKind",
    "IdentityPaper",
    "Occasion",
    "OccasionKind",
    "PaperKind",
    "PaperLook",
    "Profile",
]
