"""Jobs of dossiers. They open each shop's scope by themselves, and bear running twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from apps.dossiers.erasing import forget_due
from apps.shops.models import Shop
from apps.shops.scope import shop_scope


@app.periodic(cron="23 2 * * *")
@app.task(name="dossiers.forget_papers", queueing_lock="dossiers.forget_papers")
def forget_papers_everywhere(timestamp: int) -> None:
    """Remove papers of erased customers whose years are over, each night, in every shop."""
    for shop in Shop.objects.order_by("pk"):
        with shop_scope(shop.pk):
            forget_due(shop=shop, at=timezone.now())
