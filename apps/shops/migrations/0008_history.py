from pathlib import Path

from django.db import migrations

from apps.core.history import KeepHistory
from apps.core.rls import ProtectByShop, TieToShop, UpdateOnly

REVERSE = """
    DROP TRIGGER shops_member_owner_stays ON shops_member;
    DROP FUNCTION shops_keep_an_owner();
    DROP FUNCTION shops_redact_history(text, bigint);
    DROP FUNCTION shops_keep_history();
"""


class Migration(migrations.Migration):
    dependencies = [("shops", "0007_change_history")]
    operations = [
        ProtectByShop("shops_change"),
        ProtectByShop("shops_pinfailure"),
        TieToShop("shops_change", "who_id", "shops_member"),
        TieToShop("shops_change", "till_id", "shops_register"),
        TieToShop("shops_pinfailure", "member_id", "shops_member"),
        TieToShop("shops_pinfailure", "tried_by_id", "shops_member"),
        migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text(), REVERSE),
        # A place in a shop is never removed, nor handed to another person or shop.
        UpdateOnly("shops_member", "role", "pin", "pin_failures", "pin_locked_until", "let_go_at"),
        UpdateOnly("shops_apitoken", "revoked_at"),
        KeepHistory("shops_shop", inserts=True),
        KeepHistory("shops_member", hidden=["pin"], ignored=["pin_failures"], inserts=True),
        KeepHistory("shops_apitoken", hidden=["digest"], inserts=True),
        KeepHistory("shops_branch", inserts=True),
        KeepHistory("shops_register", ignored=["last_number", "shift_id"], inserts=True),
    ]
