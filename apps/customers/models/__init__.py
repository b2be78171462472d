"""Who the shop deals with, and the papers it has seen of them."""

from apps.customers.models.customers import Customer, CustomerKind
from apps.customers.models.papers import IdentityPaper, PaperKind

__all__ = ["Customer", "CustomerKind", "IdentityPaper", "PaperKind"]
