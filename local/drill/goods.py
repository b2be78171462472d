"""A shop to sell in, made through the services: alike pieces, so that one price fits all.

python -m local.drill.goods open PIECES     founds it; prints its API token and a price
python -m local.drill.goods more PIECES     more of the same; prints their tags' numbers
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import django

TILLS: Final = 6
SLUG: Final = "drill"
PREFIX: Final = "D-"
AT_ONCE: Final = 500


def main(arguments: list[str]) -> int:
    """Found the shop or fill it up; one line of JSON is the answer."""
    verb, pieces = arguments[0], int(arguments[1])
    django.setup()
    made = found(pieces) if verb == "open" else more(pieces)
    print(json.dumps(made))
    return 0


def found(pieces: int) -> dict[str, Any]:
    """A shop with six tills, a rate of today and its pieces; say how one sells in it."""
    from django.utils import timezone

    from apps.core.units import permille
    from apps.ledger.services import open_books
    from apps.pricing.services import set_rate
    from apps.shops.models import Branch, Register, Role
    from apps.shops.scope import shop_scope
    from apps.shops.services import enrol, issue_token, open_shop
    from apps.users.models import User

    now = timezone.now()
    shop = open_shop(name="Drill", slug=SLUG, currency="AED", tax_pack="AE", time_zone="UTC")
    owner = enrol(user=User.objects.create_user(SLUG), shop=shop, role=Role.OWNER)
    with shop_scope(shop.pk):
        open_books()
        branch = Branch.objects.get()
        for number in range(2, TILLS + 1):
            Register.objects.create(branch=branch, code=str(number), name=f"Till {number}")
        # Of today and of tomorrow: a drill may last over midnight.
        for at in (now - timedelta(seconds=1), now + timedelta(hours=20)):
            set_rate(
                shop=shop,
                metal="gold",
                fineness=permille("1000"),
                side="sell",
                unit="g",
                amount=Decimal(100),
                at=at,
                by=None,
            )
    token = issue_token(member=owner, at=now)
    return more(pieces) | {"token": token, "shop": shop.pk}


def more(pieces: int) -> dict[str, Any]:
    """Take in so many pieces; from which number to which."""
    from django.utils import timezone

    from apps.core.units import permille
    from apps.inventory.models import Piece
    from apps.inventory.services.new_pieces import NewMetal, NewPiece
    from apps.inventory.services.take_in import take_in_all
    from apps.shops.models import Member, Shop
    from apps.shops.scope import shop_scope

    shop = Shop.objects.get(slug=SLUG)
    owner = Member.objects.select_related("shop").get(shop=shop)
    ring = NewMetal(metal="gold", fineness=permille("916"), net_weight_g=Decimal(10))
    with shop_scope(shop.pk):
        first = Piece.objects.count()
    for start in range(first, first + pieces, AT_ONCE):
        with shop_scope(shop.pk):
            take_in_all(
                pieces=[
                    NewPiece(
                        tag=f"{PREFIX}{number}",
                        name="Ring",
                        category="ring",
                        metals=(ring,),
                        gross_weight_g=Decimal(10),
                        making_mode="percent_of_metal",
                        making_value=Decimal(10),
                        cost=Decimal(500),
                    )
                    for number in range(start, min(start + AT_ONCE, first + pieces))
                ],
                by=owner,
                at=timezone.now(),
                reference="drill",
            )
    return {"first": first, "last": first + pieces - 1}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
