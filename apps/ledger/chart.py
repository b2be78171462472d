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
SAFE: Final = "safe"
EXCHANGE: Final = "exchange"
OVER_SHORT: Final = "over-short"
OWNER: Final = "owner"
EXPENSES: Final = "expenses"
DUES: Final = "dues"
STORE_CREDIT: Final = "store-credit"
GIFT_CARDS: Final = "gift-cards"
BREAKAGE: Final = "breakage"
ADVANCES: Final = "advances"
SCHEMES: Final = "schemes"
SCHEME_BONUS: Final = "scheme-bonus"
FORFEITS: Final = "forfeits"
METAL_PROMISED: Final = "metal-promised"
OLD_GOLD: Final = "old-gold"
OLD_GOLD_DUE: Final = "old-gold-due"
ASSAY: Final = "assay"
METAL_PAYABLE: Final = "metal-payable"
PAYABLE: Final = "payable"
KEPT: Final = "kept"
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
    SAFE: ("Cash in the safe", AccountKind.ASSET),
    # Between two currencies: what came in as dollars pays a bill in dirhams.
    EXCHANGE: ("Exchange of currencies", AccountKind.ASSET),
    OVER_SHORT: ("Drawers over and short", AccountKind.EXPENSE),
    OWNER: ("Put in and taken out by the owner", AccountKind.EQUITY),
    EXPENSES: ("Paid from the drawer", AccountKind.EXPENSE),
    DUES: ("Customers' dues", AccountKind.ASSET),
    STORE_CREDIT: ("Store credit of customers", AccountKind.LIABILITY),
    GIFT_CARDS: ("Gift cards not used yet", AccountKind.LIABILITY),
    BREAKAGE: ("Gift cards that ran out", AccountKind.INCOME),
    # In money what was paid in; in grams what was promised at a fixed rate.
    ADVANCES: ("Deposits of customers", AccountKind.LIABILITY),
    SCHEMES: ("Savings schemes of customers", AccountKind.LIABILITY),
    SCHEME_BONUS: ("Bonuses of savings schemes", AccountKind.EXPENSE),
    FORFEITS: ("Deposits kept", AccountKind.INCOME),
    # The other side of grams that are owed and not delivered: grams alone.
    METAL_PROMISED: ("Metal promised, not delivered", AccountKind.ASSET),
    OLD_GOLD: ("Old gold", AccountKind.ASSET),
    OLD_GOLD_DUE: ("Old gold taken, not paid yet", AccountKind.LIABILITY),
    ASSAY: ("Gain and loss of melting", AccountKind.INCOME),
    METAL_PAYABLE: ("Metal bought, not fixed yet", AccountKind.LIABILITY),
    PAYABLE: ("Owed to suppliers", AccountKind.LIABILITY),
    KEPT: ("Kept of what came back", AccountKind.INCOME),
    COST_OF_SALES: ("Cost of pieces sold", AccountKind.EXPENSE),
}
