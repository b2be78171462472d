"""What is left on gift cards that ran out becomes income, where the shop's rules say so."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.credit.gift_cards import move
from apps.credit.models import GiftCard, MoveKind
from apps.credit.policy import credit_rules
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.shops.models import Member, Shop

WHAT: Final = "gift-card-expiry"


@transaction.atomic
def post_breakage(*, shop: Shop, at: datetime, by: Member | None = None) -> list[GiftCard]:
    """Post what ran out long enough ago, an entry for each card; run again it finds nothing.

    Cards are locked in order, so that one that is being spent is waited for.
    """
    days = credit_rules(at=at).breakage_days
    if days is None:
        return []
    today = day_of(shop, at)
    over = GiftCard.objects.filter(
        balance__gt=0, expires_on__isnull=False, expires_on__lt=today - timedelta(days=days)
    )
    cards = list(over.select_for_update(of=("self",)).order_by("pk"))
    for card in cards:
        left: Decimal = card.balance
        move(card, MoveKind.EXPIRED, -left, reference=card.number, by=by, at=at)
        post(
            what=WHAT,
            reference=card.number,
            at=at,
            day=today,
            by=by,
            amounts=[
                Amount(account=chart.GIFT_CARDS, commodity=shop.currency, amount=left),
                Amount(account=chart.BREAKAGE, commodity=shop.currency, amount=-left),
            ],
        )
    return cards
