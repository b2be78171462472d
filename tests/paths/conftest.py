"""Real servers for each path of docs/explanation/database-link.md, started once and stopped.

Each test of `primary`, `replica`, `hardened` or `stock` runs on PostgreSQL 15
and on the version of the packages, behind Spilo's default rules.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler

from apps.core.database.params import link_from
from local import pooler, spilo
from local.env import SILENCED
from local.place import CHECKOUT
from local.roles import APP, OWNER
from local.tools import PGBOUNCER, POSTGRESQL_15

# As the operator's pooler is set up: encrypted towards the server, and believing anybody.
STOCK = """\
[databases]
* = host=localhost port={server_port} auth_user=pooler

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
admin_users = pooler
auth_type = md5
auth_file = {folder}/userlist.txt
auth_query = SELECT * FROM pooler.user_lookup($1)
server_tls_sslmode = require
server_tls_ca_file = {folder}/tls.crt
server_tls_protocols = secure
client_tls_sslmode = require
client_tls_cert_file = {folder}/tls.crt
client_tls_key_file = {folder}/tls.key
default_pool_size = 4
reserve_pool_size = 2
max_client_conn = 200
max_db_connections = 8
idle_transaction_timeout = 600
server_login_retry = 5
ignore_startup_parameters = extra_float_digits,options
log_connections = 0
log_disconnections = 0
"""


def needs(tool):
    if not tool.is_here():
        if os.environ.get("CI") == "true":
            pytest.fail(tool.why_missing)
        pytest.skip(tool.why_missing)


def fresh(folder, name):
    """A name below `folder` that nothing has yet: a server may be set up anew for another file."""
    parent = Path(tempfile.mkdtemp(dir=folder, prefix=f"{name}-"))
    parent.chmod(0o755)
    return parent / "server"


@pytest.fixture(scope="session", params=[15, spilo.embedded_major()], ids="PostgreSQL {}".format)
def major(request):
    if request.param == 15:
        needs(POSTGRESQL_15)
    return request.param


@pytest.fixture(scope="session")
def primary(open_folder, authority, ca, major):
    server = spilo.start_primary(
        fresh(open_folder, f"primary-{major}"),
        major=major,
        pair=authority.issue(),
        ca=ca,
        # With spec.tls.caFile, which the hardened pooler needs, the server asks clients too.
        client_ca=authority.pem,
    )
    yield server
    server.stop()


@pytest.fixture(scope="session")
def replica(open_folder, authority, primary):
    folder = fresh(open_folder, f"replica-{primary.major}")
    server = spilo.start_replica(folder, of=primary, pair=authority.issue())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def hardened(open_folder, authority, primary):
    """The image of docker/pgbouncer."""
    needs(PGBOUNCER)
    one = pooler.start(
        fresh(open_folder, f"hardened-{primary.major}"),
        behind=primary,
        pair=authority.issue(),
        server_ca=authority.pem,
    )
    yield one
    one.stop()


@pytest.fixture(scope="session")
def stock(open_folder, authority, primary):
    """The operator's own."""
    needs(PGBOUNCER)
    one = pooler.start_with(
        fresh(open_folder, f"stock-{primary.major}"),
        configuration=STOCK,
        behind=primary,
        pair=authority.issue(),
        server_ca=authority.pem,
    )
    yield one
    one.stop()


@pytest.fixture(params=["hardened", "stock"])
def behind_pooler(request, hardened, stock):
    """Either pooler: what holds behind one holds behind the other."""
    return {"hardened": hardened, "stock": stock}[request.param]


@pytest.fixture
def own_folder(open_folder):
    """A folder for servers that a test breaks on purpose."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o755)
    return folder


def environment_of(server, user, **given):
    """What a program of the shop gets in order to reach this server or pooler."""
    behind = getattr(server, "behind", server)
    return {
        "POSTGRES_HOST": "localhost",
        "POSTGRES_PORT": str(server.port),
        "DB_USER": user,
        "APP_DB_PASSWORD": behind.passwords[user],
        "DB_SSLMODE": "verify-full",
        "DB_SSLROOTCERT": str(server.ca),
    } | given


def entry_of(server, user=APP, *, pooled=False, read_only=False, **given):
    """The entry of DATABASES that the settings would make of it."""
    link = link_from(environment_of(server, user, **given), pooled=pooled)
    if read_only:
        link = link.to_replica(host=link.host, port=link.port)
    return link.django(connect_timeout_seconds=5, conn_max_age_seconds=60)


@pytest.fixture
def as_django(django_db_blocker):
    """A connection as Django makes it, from the environment on; closed after the test."""
    made = []

    def connection(server, user=APP, **given):
        handler = ConnectionHandler({"default": entry_of(server, user, **given)})
        made.append(handler["default"])
        return made[-1]

    with django_db_blocker.unblock():
        yield connection
        for one in made:
            one.close()


def manage(*arguments, environment):
    """Run manage.py as a pod does."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "localhost",
    }
    return python("manage.py", *arguments, environment=environment | settings)


def python(*arguments, environment):
    """Run Python in the checkout, with no variable of this process's own database."""
    ours = ("DB_", "APP_DB_", "POSTGRES_", "TEST_", "PG", *SILENCED)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,  # a busy machine migrates slowly
    )


@pytest.fixture(scope="session")
def migrated(primary):
    """The primary with the shop's tables, made by the owner over the direct link."""
    done = manage("migrate", "--verbosity", "0", environment=environment_of(primary, OWNER))
    assert done.returncode == 0, done.stderr[-2000:]
    return primary


@pytest.fixture
def serving(django_db_blocker):
    """Let the shop's own code, in every thread, use the server that is given."""
    before = connections["default"], settings.DATABASES["default"]

    def use(server, *, alias="default", **given):
        entry = entry_of(server, **given)
        made = ConnectionHandler({"default": {}, alias: entry})
        connections.settings[alias] = made.settings[alias]
        connections[alias] = made[alias]

    with django_db_blocker.unblock():
        yield use
        for alias in list(connections.settings):
            connections[alias].close()
            if alias != "default":
                del connections[alias], connections.settings[alias]
        connections["default"], connections.settings["default"] = before
