from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop, UpdateOnly


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0003_scraps")]
    operations = [
        ProtectByShop("purchasing_scrap"),
        TieToShop("purchasing_scrap", "bag_id", "purchasing_bag"),
        UpdateOnly("purchasing_scrap", "bag_id"),
    ]
