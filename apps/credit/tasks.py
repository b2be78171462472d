"""Jobs of the gift cards. Each bears running twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from apps.credit.breakage import post_breakage
from apps.shops.models import Shop
from apps.shops.scope import shop_scope


@app.periodic(cron="23 4 * * *")
@app.task(name="credit.break_gift_cards", queueing_lock="credit.break_gift_cards")
def break_gift_cards(timestamp: int) -> None:
    """Post in every shop what ran out, by its own rules."""
    for shop in Shop.objects.order_by("pk"):
        with shop_scope(shop.pk):
            post_breakage(shop=shop, at=timezone.now())
