from django.db import migrations

from apps.ledger.opening import OpenAccounts


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_watch_days")]
    operations = [OpenAccounts()]
