"""What a bill says about the shop, frozen with the sale: a shop moves, and its old bills do not."""

from django.utils import translation

from apps.shops.models import Member


def head_of(by: Member) -> dict[str, str]:
    """The head of a bill that `by` makes now, for the sale's terms.

    The language is the one the sale was made in: the customer's mail is written in it.
    """
    shop = by.shop
    return {
        "name": shop.name,
        "address": shop.address,
        "phone": shop.phone,
        "tax_number": shop.tax_number,
        "terms": shop.receipt_terms,
        "time_zone": shop.time_zone,
        "seller": str(by.user),
        "language": translation.get_language() or "en",
    }
