from apps.sales.models.favourites import Favourite
from apps.sales.models.finished import Sale, SaleLine, Tender
from apps.sales.models.open import OpenSale, OpenSaleLine, OpenSaleTender
from apps.sales.models.receipts import Paper, ReceiptPrint
from apps.till.kinds import TenderKind

__all__ = [
    "Favourite",
    "OpenSale",
    "OpenSaleLine",
    "OpenSaleTender",
    "Paper",
    "ReceiptPrint",
    "Sale",
    "SaleLine",
    "Tender",
    "TenderKind",
]
