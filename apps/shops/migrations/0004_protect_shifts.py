from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly


class Migration(migrations.Migration):
    dependencies = [("shops", "0003_shifts_and_approvals")]
    operations = [
        ProtectByShop("shops_series"),
        ProtectByShop("shops_shift"),
        ProtectByShop("shops_policyversion"),
        ProtectByShop("shops_approval"),
        TieToShop("shops_register", "shift_id", "shops_shift"),
        TieToShop("shops_series", "register_id", "shops_register"),
        TieToShop("shops_shift", "register_id", "shops_register"),
        TieToShop("shops_shift", "opened_by_id", "shops_member"),
        TieToShop("shops_shift", "closed_by_id", "shops_member"),
        TieToShop("shops_policyversion", "set_by_id", "shops_member"),
        TieToShop("shops_approval", "asked_by_id", "shops_member"),
        TieToShop("shops_approval", "approved_by_id", "shops_member"),
        UpdateOnly("shops_shift", "closed_at", "closed_by_id"),
        AppendOnly("shops_policyversion"),
        AppendOnly("shops_approval"),
    ]
