"""New accounts for shops that opened their books before there were any: a migration operation.

An account that is added to the chart goes with a migration of one line, `OpenAccounts()`.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from apps.ledger.chart import CHART


class OpenAccounts(migrations.RunPython):
    """Give every shop with books the accounts of the chart that it lacks.

    Runs as the owner, whom no policy binds; new shops get theirs from `open_books`. Taking it
    back leaves the accounts: nobody can tell which were there before.
    """

    def __init__(self) -> None:
        super().__init__(_open, migrations.RunPython.noop)

    def describe(self) -> str:
        return "Open the accounts of the chart in every shop"


def _open(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    codes, names, kinds = [], [], []
    for code, (name, kind) in CHART.items():
        codes.append(code)
        names.append(name)
        kinds.append(str(kind.value))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account (shop_id, code, name, kind)"
            " SELECT shop.shop_id, new.code, new.name, new.kind"
            " FROM (SELECT DISTINCT shop_id FROM ledger_account) shop,"
            " unnest(%s::text[], %s::text[], %s::text[]) AS new (code, name, kind)"
            " ON CONFLICT (shop_id, code) DO NOTHING",
            [codes, names, kinds],
        )
