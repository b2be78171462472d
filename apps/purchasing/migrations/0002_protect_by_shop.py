from pathlib import Path

from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly

HERE = Path(__file__)

DOCUMENTS = (
    "oldgoldslip",
    "slipvoid",
    "claimpayout",
    "melt",
    "assay",
    "settlement",
    "metalreceipt",
    "fixing",
)
TABLES = (*DOCUMENTS, "oldgolditem", "photo", "claimmove", "bag", "bar")


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0001_initial"),
        ("shops", "0004_protect_shifts"),
        ("customers", "0004_protect_papers"),
    ]
    operations = [
        *(ProtectByShop(f"purchasing_{table}") for table in TABLES),
        *(
            TieToShop(f"purchasing_{table}", column, target)
            for table in DOCUMENTS
            for column, target in (
                ("register_id", "shops_register"),
                ("shift_id", "shops_shift"),
                ("by_id", "shops_member"),
            )
        ),
        TieToShop("purchasing_oldgoldslip", "customer_id", "customers_customer"),
        TieToShop("purchasing_oldgoldslip", "identity_paper_id", "customers_identitypaper"),
        TieToShop("purchasing_oldgolditem", "slip_id", "purchasing_oldgoldslip"),
        TieToShop("purchasing_oldgolditem", "bag_id", "purchasing_bag"),
        TieToShop("purchasing_oldgolditem", "tested_by_id", "shops_member"),
        TieToShop("purchasing_photo", "item_id", "purchasing_oldgolditem"),
        TieToShop("purchasing_photo", "by_id", "shops_member"),
        TieToShop("purchasing_slipvoid", "slip_id", "purchasing_oldgoldslip"),
        TieToShop("purchasing_claimmove", "slip_id", "purchasing_oldgoldslip"),
        TieToShop("purchasing_claimmove", "by_id", "shops_member"),
        TieToShop("purchasing_claimpayout", "slip_id", "purchasing_oldgoldslip"),
        TieToShop("purchasing_bag", "opened_by_id", "shops_member"),
        TieToShop("purchasing_bag", "sealed_by_id", "shops_member"),
        TieToShop("purchasing_melt", "bag_id", "purchasing_bag"),
        TieToShop("purchasing_assay", "bag_id", "purchasing_bag"),
        TieToShop("purchasing_bar", "refiner_id", "customers_customer"),
        TieToShop("purchasing_bar", "sent_by_id", "shops_member"),
        TieToShop("purchasing_settlement", "bar_id", "purchasing_bar"),
        TieToShop("purchasing_metalreceipt", "supplier_id", "customers_customer"),
        TieToShop("purchasing_fixing", "supplier_id", "customers_customer"),
        UpdateOnly("purchasing_oldgoldslip", "state", "claim_left"),
        UpdateOnly("purchasing_oldgolditem", "bag_id"),
        UpdateOnly("purchasing_bag", "state", "seal", "sealed_at", "sealed_by_id"),
        UpdateOnly("purchasing_bar", "state", "refiner_id", "sent_at", "sent_by_id"),
        *(AppendOnly(f"purchasing_{table}") for table in ("photo", "claimmove", *DOCUMENTS[1:])),
        migrations.RunSQL(
            HERE.with_suffix(".sql").read_text(),
            "DROP TRIGGER purchasing_slip_finished ON purchasing_oldgolditem;"
            "DROP FUNCTION purchasing_demand_all_items();"
            "ALTER TABLE purchasing_photo DROP CONSTRAINT purchasing_photo_small;",
        ),
    ]
