from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("till", "0003_drawers")]
    operations = [
        ProtectByShop("till_tillcount"),
        TieToShop("till_tillcount", "shift_id", "shops_shift"),
        TieToShop("till_tillcount", "by_id", "shops_member"),
        AppendOnly("till_tillcount"),
        ProtectByShop("till_cashmove"),
        TieToShop("till_cashmove", "shift_id", "shops_shift"),
        TieToShop("till_cashmove", "by_id", "shops_member"),
        AppendOnly("till_cashmove"),
        ProtectByShop("till_zreport"),
        TieToShop("till_zreport", "shift_id", "shops_shift"),
        TieToShop("till_zreport", "count_id", "till_tillcount"),
        TieToShop("till_zreport", "signed_by_id", "shops_member"),
        AppendOnly("till_zreport"),
        ProtectByShop("till_zcorrection"),
        TieToShop("till_zcorrection", "z_id", "till_zreport"),
        TieToShop("till_zcorrection", "by_id", "shops_member"),
        AppendOnly("till_zcorrection"),
    ]
