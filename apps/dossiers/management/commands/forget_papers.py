"""manage.py forget_papers: papers of erased customers that the law has kept no longer."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.dossiers.erasing import forget_due
from apps.shops.models import Shop
from apps.shops.scope import shop_scope


class Command(BaseCommand):
    help = "Remove the papers of erased customers whose years of keeping are over."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for shop in Shop.objects.order_by("pk"):
            with shop_scope(shop.pk):
                count += forget_due(shop=shop, at=timezone.now())
        self.stdout.write(f"Papers of erased customers removed: {count}.")
