from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop, UpdateOnly


class Migration(migrations.Migration):
    dependencies = [("pricing", "0006_rate_proposals")]
    operations = [
        ProtectByShop("pricing_rateproposal"),
        TieToShop("pricing_rateproposal", "asked_by_id", "shops_member"),
        TieToShop("pricing_rateproposal", "decided_by_id", "shops_member"),
        UpdateOnly("pricing_rateproposal", "outcome", "decided_by_id", "decided_at"),
    ]
