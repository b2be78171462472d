"""The history's tables and columns as the shop calls them."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What history is kept of (apps.core.history.KeepHistory in the migrations); the filter's choices.
TABLES: Final[dict[str, str | Promise]] = {
    "shops_shop": _("Shop"),
    "shops_branch": _("Branch"),
    "shops_register": _("Till"),
    "shops_member": _("Person at work"),
    "shops_apitoken": _("Key to the API"),
    "inventory_place": _("Place"),
    "inventory_piece": _("Piece"),
    "inventory_piecemetal": _("Metal of a piece"),
    "inventory_piecestone": _("Stone of a piece"),
    "lots_lot": _("Lot"),
    "customers_customer": _("Customer"),
    "customers_profile": _("Customer’s profile"),
    "customers_identitypaper": _("Identity paper"),
    "sales_opensale": _("Open sale"),
    "sales_opensaleline": _("Line of an open sale"),
}

# Where a row has a page: the view, and which attribute of the row it takes.
PAGES: Final[dict[str, tuple[str, str]]] = {
    "inventory_piece": ("inventory:piece", "tag"),
    "lots_lot": ("lots:lot", "code"),
    "customers_customer": ("customers:customer", "pk"),
}

# Columns that say nothing to a reader.
UNSAID: Final = frozenset({"id", "shop_id", "idempotency_key", "search_text", "key"})

# What a piece cost: for who may see it.
COSTS: Final = frozenset({"cost", "margin_purchase_price"})

COLUMNS: Final[dict[str, str | Promise]] = {
    "name": _("Name"),
    "code": _("Code"),
    "slug": _("Address in the system"),
    "currency": _("Currency"),
    "tax_pack": _("Tax pack"),
    "time_zone": _("Time zone"),
    "address": _("Address"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "tax_number": _("Tax number"),
    "receipt_terms": _("Terms on receipts"),
    "cash_step": _("Smallest coin"),
    "rounding": _("Rounding"),
    "rate_days": _("Days a rate counts"),
    "branch_id": _("Branch"),
    "user_id": _("User"),
    "member_id": _("Person"),
    "role": _("Role"),
    "pin": _("PIN"),
    "pin_locked_until": _("PIN locked until"),
    "let_go_at": _("Let go"),
    "digest": _("Key"),
    "created_at": _("Made"),
    "created_by_id": _("Made by"),
    "revoked_at": _("Revoked"),
    "tag": _("Tag"),
    "category": _("Kind"),
    "state": _("State"),
    "place_id": _("Place"),
    "ownership": _("Whose it is"),
    "owner_id": _("Owner"),
    "gross_weight_g": _("Gross weight, g"),
    "net_weight_g": _("Net weight, g"),
    "weight_g": _("Weight, g"),
    "weight_ct": _("Weight, ct"),
    "fineness": _("Fineness"),
    "metal": _("Metal"),
    "cost": _("Cost"),
    "making": _("Making"),
    "making_mode": _("Making"),
    "making_value": _("Making charge"),
    "wastage_mode": _("Wastage"),
    "wastage_value": _("Wastage, how much"),
    "price_mode": _("Price by"),
    "price_value": _("Fixed price"),
    "tax_category": _("Tax category"),
    "price": _("Price"),
    "huid": _("HUID"),
    "note": _("Note"),
    "kind": _("Kind"),
    "birth_date": _("Birthday"),
    "credit_limit": _("Limit on account"),
    "customer_id": _("Customer"),
    "sealed": _("Number"),
    "last4": _("Last four digits"),
    "country": _("Country"),
    "expires_on": _("Expires"),
    "piece_id": _("Piece"),
    "sale_id": _("Sale"),
    "discount": _("Discount"),
}
