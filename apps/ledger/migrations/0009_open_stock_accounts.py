from django.db import migrations

from apps.ledger.opening import OpenAccounts


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_open_accounts")]
    operations = [OpenAccounts()]
