from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly


class Migration(migrations.Migration):
    dependencies = [("credit", "0001_initial")]
    operations = [
        ProtectByShop("credit_cashrate"),
        TieToShop("credit_cashrate", "set_by_id", "shops_member"),
        AppendOnly("credit_cashrate"),
        ProtectByShop("credit_giftcard"),
        TieToShop("credit_giftcard", "customer_id", "customers_customer"),
        TieToShop("credit_giftcard", "sold_by_id", "shops_member"),
        TieToShop("credit_giftcard", "shift_id", "shops_shift"),
        UpdateOnly("credit_giftcard", "balance"),
        ProtectByShop("credit_giftcardmove"),
        TieToShop("credit_giftcardmove", "card_id", "credit_giftcard"),
        TieToShop("credit_giftcardmove", "by_id", "shops_member"),
        AppendOnly("credit_giftcardmove"),
        ProtectByShop("credit_duespayment"),
        TieToShop("credit_duespayment", "customer_id", "customers_customer"),
        TieToShop("credit_duespayment", "by_id", "shops_member"),
        TieToShop("credit_duespayment", "shift_id", "shops_shift"),
        AppendOnly("credit_duespayment"),
    ]
