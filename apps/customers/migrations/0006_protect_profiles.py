from pathlib import Path

from django.db import migrations

from apps.core.history import KeepHistory
from apps.core.rls import AppendOnly, ProtectByShop, TieToShop

FORWARD = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
    DROP FUNCTION customers_forget_papers(bigint, timestamptz);
    DROP FUNCTION customers_papers_follow(bigint);
    DROP FUNCTION customers_find(text[], text, text, bigint, boolean, integer);
"""
_KEPT = ("profile", "occasion", "paperlook", "cashkept")
_NOT_SAID = ["search_text", "name_key", "phone_tail"]


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_profiles_and_merges"), ("shops", "0008_history")]
    operations = [
        *(ProtectByShop(f"customers_{table}") for table in _KEPT),
        *(TieToShop(f"customers_{table}", "customer_id", "customers_customer") for table in _KEPT),
        TieToShop("customers_customer", "merged_into_id", "customers_customer"),
        TieToShop("customers_profile", "consent_by_id", "shops_member"),
        TieToShop("customers_paperlook", "by_id", "shops_member"),
        TieToShop("customers_cashkept", "by_id", "shops_member"),
        AppendOnly("customers_paperlook"),
        AppendOnly("customers_cashkept"),
        KeepHistory("customers_customer", ignored=_NOT_SAID),
        KeepHistory("customers_profile"),
        KeepHistory("customers_identitypaper", hidden=["sealed"]),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
