from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly

DEPOSIT, PIECE, DUE, MOVE = (
    "deposits_deposit",
    "deposits_depositpiece",
    "deposits_depositdue",
    "deposits_depositmove",
)
PLAN, MEMBERSHIP, SCHEME_MOVE = (
    "deposits_schemeplan",
    "deposits_membership",
    "deposits_schememove",
)


class Migration(migrations.Migration):
    dependencies = [
        ("deposits", "0001_initial"),
        ("customers", "0002_protect_by_shop"),
        ("inventory", "0002_protect_by_shop"),
        ("shops", "0004_protect_shifts"),
    ]
    operations = [
        *(ProtectByShop(table) for table in (DEPOSIT, PIECE, DUE, MOVE)),
        *(ProtectByShop(table) for table in (PLAN, MEMBERSHIP, SCHEME_MOVE)),
        TieToShop(DEPOSIT, "replaces_id", DEPOSIT),
        TieToShop(DEPOSIT, "customer_id", "customers_customer"),
        TieToShop(DEPOSIT, "opened_by_id", "shops_member"),
        TieToShop(DEPOSIT, "shift_id", "shops_shift"),
        TieToShop(PIECE, "deposit_id", DEPOSIT),
        TieToShop(PIECE, "piece_id", "inventory_piece"),
        TieToShop(DUE, "deposit_id", DEPOSIT),
        TieToShop(MOVE, "deposit_id", DEPOSIT),
        TieToShop(MOVE, "shift_id", "shops_shift"),
        TieToShop(MOVE, "by_id", "shops_member"),
        TieToShop(PLAN, "set_by_id", "shops_member"),
        TieToShop(MEMBERSHIP, "plan_id", PLAN),
        TieToShop(MEMBERSHIP, "customer_id", "customers_customer"),
        TieToShop(MEMBERSHIP, "opened_by_id", "shops_member"),
        TieToShop(MEMBERSHIP, "shift_id", "shops_shift"),
        TieToShop(SCHEME_MOVE, "membership_id", MEMBERSHIP),
        TieToShop(SCHEME_MOVE, "shift_id", "shops_shift"),
        TieToShop(SCHEME_MOVE, "by_id", "shops_member"),
        UpdateOnly(DEPOSIT, "state"),
        UpdateOnly(PIECE, "left_at", "left_as", "left_for"),
        UpdateOnly(MEMBERSHIP, "state"),
        *(AppendOnly(table) for table in (DUE, MOVE, PLAN, SCHEME_MOVE)),
    ]
