"""Jobs: the sums of days. They open their own shop's scope, and bear running twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from apps.reports.services import sum_up
from apps.shops.models import Shop
from apps.shops.scope import shop_scope


@app.periodic(cron="7 * * * *")
@app.task(name="reports.sum_days", queueing_lock="reports.sum_days")
def sum_days_of_all(timestamp: int) -> None:
    """Sum what is over in every shop, each quarter of a year in a transaction of its own.

    Every hour, since shops of other longitudes end their day at other hours. Where nothing is
    new it costs three small queries a shop.
    """
    for shop in Shop.objects.order_by("pk"):
        while True:
            with shop_scope(shop.pk):
                if not sum_up(shop=shop, at=timezone.now()):
                    break
