"""The chart of accounts that every shop starts with.

Metal stands in the same accounts as money, as another commodity: `stock`
holds its cost in AED and its fine grams of gold.
"""

from typing import Final

from apps.ledger.models import AccountKind

CASH: Final = "cash"
CARD: Final = "card"
BANK: Final = "bank"
STOCK: Final = "stock"
TAX: Final = "tax"
OPENING: Final = "opening"
SALES_METAL: Final = "sales-metal"
SALES_MAKING: Final = "sales-making"
SALES_STONES: Final = "sales-stones"
SALES_EXTRAS: Final = "sales-extras"
DISCOUNTS: Final = "discounts"
ROUND_OFF: Final = "round-off"
CASH_ROUNDING: Final = "cash-rounding"
COST_OF_SALES: Final = "cost-of-sales"

CHART: Final[dict[str, tuple[str, AccountKind]]] = {
    CASH: ("Cash in the drawers", AccountKind.ASSET),
    CARD: ("Card payments to come", AccountKind.ASSET),
    BANK: ("Bank", AccountKind.ASSET),
    STOCK: ("Pieces in stock", AccountKind.ASSET),
    TAX: ("Tax on sales, owed", AccountKind.LIABILITY),
    OPENING: ("Stock brought in", AccountKind.EQUITY),
    SALES_METAL: ("Sales: metal", AccountKind.INCOME),
    SALES_MAKING: ("Sales: making and wastage", AccountKind.INCOME),
    SALES_STONES: ("Sales: stones", AccountKind.INCOME),
    SALES_EXTRAS: ("Sales: extras and tag prices", AccountKind.INCOME),
    DISCOUNTS: ("Discounts given", AccountKind.EXPENSE),
    ROUND_OFF: ("Round-off of bills", AccountKind.INCOME),
    CASH_ROUNDING: ("Rounding of cash", AccountKind.INCOME),
    COST_OF_SALES: ("Cost of pieces sold", AccountKind.EXPENSE),
}
