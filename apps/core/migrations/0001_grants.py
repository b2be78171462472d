"""What the serving role may do with every table that comes after this.

The first migration of all: default privileges belong to one database, so a
test database or a restored one has them only if a migration gives them.
"""

from django.db import migrations

from apps.core.rls import CREATE_CURRENT_SHOP_ID, DROP_CURRENT_SHOP_ID

GRANTS = """
    GRANT USAGE ON SCHEMA public TO jewelry_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO jewelry_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO jewelry_app;
    GRANT SELECT ON django_migrations TO jewelry_app;
"""
REVOKES = """
    REVOKE SELECT ON django_migrations FROM jewelry_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE USAGE ON SEQUENCES FROM jewelry_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public
        REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM jewelry_app;
    REVOKE USAGE ON SCHEMA public FROM jewelry_app;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    # Every root of the graph; tests/architecture holds this list complete.
    run_before = [
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
        ("procrastinate", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(GRANTS, REVOKES),
        migrations.RunSQL(CREATE_CURRENT_SHOP_ID, DROP_CURRENT_SHOP_ID),
    ]
