"""The chart of accounts that every shop starts with.

Metal stands in the same accounts as money, as another commodity: `stock`
holds its cost in AED and its fine grams of gold.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as translated
from django.utils.translation import gettext_noop as _

from apps.ledger.models import AccountKind

CASH: Final = "cash"
CARD: Final = "card"
BANK: Final = "bank"
STOCK: Final = "stock"
TAX: Final = "tax"
TAX_CGST: Final = "tax:cgst"
TAX_SGST: Final = "tax:sgst"
TAX_IGST: Final = "tax:igst"
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
BULLION: Final = "bullion"
METAL_PAYABLE: Final = "metal-payable"
METAL_VARIANCE: Final = "metal-variance"
PAYABLE: Final = "payable"
KEPT: Final = "kept"
LOTS: Final = "lots"
SHRINKAGE: Final = "shrinkage"
SALES_METAL: Final = "sales-metal"
SALES_MAKING: Final = "sales-making"
SALES_STONES: Final = "sales-stones"
SALES_EXTRAS: Final = "sales-extras"
DISCOUNTS: Final = "discounts"
ROUND_OFF: Final = "round-off"
CASH_ROUNDING: Final = "cash-rounding"
COST_OF_SALES: Final = "cost-of-sales"

CHART: Final[dict[str, tuple[str, AccountKind]]] = {
    CASH: (_("Cash in the drawers"), AccountKind.ASSET),
    CARD: (_("Card payments to come"), AccountKind.ASSET),
    BANK: (_("Bank"), AccountKind.ASSET),
    STOCK: (_("Pieces in stock"), AccountKind.ASSET),
    TAX: (_("Tax on sales, owed"), AccountKind.LIABILITY),
    # Taxes that go to different treasuries, apart: see `tax_account`.
    TAX_CGST: (_("Central GST, owed"), AccountKind.LIABILITY),
    TAX_SGST: (_("State GST, owed"), AccountKind.LIABILITY),
    TAX_IGST: (_("Integrated GST, owed"), AccountKind.LIABILITY),
    OPENING: (_("Stock brought in"), AccountKind.EQUITY),
    SALES_METAL: (_("Sales: metal"), AccountKind.INCOME),
    SALES_MAKING: (_("Sales: making and wastage"), AccountKind.INCOME),
    SALES_STONES: (_("Sales: stones"), AccountKind.INCOME),
    SALES_EXTRAS: (_("Sales: extras and tag prices"), AccountKind.INCOME),
    DISCOUNTS: (_("Discounts given"), AccountKind.EXPENSE),
    ROUND_OFF: (_("Round-off of bills"), AccountKind.INCOME),
    CASH_ROUNDING: (_("Rounding of cash"), AccountKind.INCOME),
    SAFE: (_("Cash in the safe"), AccountKind.ASSET),
    # Between two currencies: what came in as dollars pays a bill in dirhams.
    EXCHANGE: (_("Exchange of currencies"), AccountKind.ASSET),
    OVER_SHORT: (_("Drawers over and short"), AccountKind.EXPENSE),
    OWNER: (_("Put in and taken out by the owner"), AccountKind.EQUITY),
    EXPENSES: (_("Paid from the drawer"), AccountKind.EXPENSE),
    DUES: (_("Customers' dues"), AccountKind.ASSET),
    STORE_CREDIT: (_("Store credit of customers"), AccountKind.LIABILITY),
    GIFT_CARDS: (_("Gift cards not used yet"), AccountKind.LIABILITY),
    BREAKAGE: (_("Gift cards that ran out"), AccountKind.INCOME),
    # In money what was paid in; in grams what was promised at a fixed rate.
    ADVANCES: (_("Deposits of customers"), AccountKind.LIABILITY),
    SCHEMES: (_("Savings schemes of customers"), AccountKind.LIABILITY),
    SCHEME_BONUS: (_("Bonuses of savings schemes"), AccountKind.EXPENSE),
    FORFEITS: (_("Deposits kept"), AccountKind.INCOME),
    # The other side of grams that are owed and not delivered: grams alone.
    METAL_PROMISED: (_("Metal promised, not delivered"), AccountKind.ASSET),
    OLD_GOLD: (_("Old gold"), AccountKind.ASSET),
    OLD_GOLD_DUE: (_("Old gold taken, not paid yet"), AccountKind.LIABILITY),
    ASSAY: (_("Gain and loss of melting"), AccountKind.INCOME),
    # Bars of our own melts, and metal bought from suppliers; at refiners too, until they settle.
    BULLION: (_("Bars and grain"), AccountKind.ASSET),
    METAL_PAYABLE: (_("Metal bought, not fixed yet"), AccountKind.LIABILITY),
    # Between the rate metal was taken in at and the rate it was fixed at.
    METAL_VARIANCE: (_("Difference of metal prices"), AccountKind.EXPENSE),
    PAYABLE: (_("Owed to suppliers"), AccountKind.LIABILITY),
    KEPT: (_("Kept of what came back"), AccountKind.INCOME),
    # Loose stones and goods by the gram, at the average cost of their lot.
    LOTS: (_("Lots in stock"), AccountKind.ASSET),
    SHRINKAGE: (_("Stock lost and found"), AccountKind.EXPENSE),
    COST_OF_SALES: (_("Cost of pieces sold"), AccountKind.EXPENSE),
}

_OF_A_PART: Final[Mapping[str, str]] = {"CGST": TAX_CGST, "SGST": TAX_SGST, "IGST": TAX_IGST}


def tax_account(label: str) -> str:
    """The account a tax, or one part of a tax, is owed in; `label` is the tax pack's word."""
    return _OF_A_PART.get(label, TAX)


def account_name(code: str) -> str:
    """What an account is called in the reader's language; its code where the chart has none."""
    return translated(CHART[code][0]) if code in CHART else code
