"""manage.py reseal_papers: identity papers of every shop under the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.customers.services import reseal_papers
from apps.shops.models import Shop
from apps.shops.scope import shop_scope


class Command(BaseCommand):
    help = "Seal the numbers of all identity papers with the first key of IDENTITY_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for shop in Shop.objects.order_by("pk"):
            with shop_scope(shop.pk):
                count += reseal_papers()
        self.stdout.write(f"Sealed with the newest key: {count} papers.")
