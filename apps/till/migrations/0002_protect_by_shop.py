from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("till", "0001_initial"),
        ("ledger", "0005_count_postings"),
        ("customers", "0002_protect_by_shop"),
    ]
    operations = [
        ProtectByShop("till_payment"),
        TieToShop("till_payment", "shift_id", "shops_shift"),
        TieToShop("till_payment", "by_id", "shops_member"),
        AppendOnly("till_payment"),
        # Here, since neither the ledger nor the customers know the other.
        TieToShop("ledger_posting", "party", "customers_customer"),
    ]
