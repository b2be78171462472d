"""Jobs of deposits. They open each shop's scope by themselves, and bear running twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from apps.deposits.services.expiry import mark_expired
from apps.shops.models import Shop
from apps.shops.scope import shop_scope


@app.periodic(cron="11 * * * *")
@app.task(name="deposits.mark_expired", queueing_lock="deposits.mark_expired")
def mark_expired_everywhere(timestamp: int) -> None:
    """Mark what ran out, every hour, since each shop's day begins at an hour of its own."""
    now = timezone.now()
    for shop in Shop.objects.order_by("pk"):
        with shop_scope(shop.pk):
            mark_expired(shop=shop, at=now)
