"""The whole of compose.yaml, run as processes: from nothing to a site that is ready, over TLS.

What is not tried here is the engine: namespaces, volumes, the users of the images.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from local.cluster import as_server_user, program
from local.place import CHECKOUT, Place
from local.roles import APP, APP_FLAGS, DATABASE, OWNER, OWNER_FLAGS
from local.server_user import server_user
from local.spilo import free_port
from local.tools import PGBOUNCER
from tests.images.build import stages
from tests.images.compose import Service, said, service
from tests.paths.conftest import needs

pytestmark = pytest.mark.slow
WITHIN_S = 120
BIN = f"{Path(sys.executable).parent}:{os.defpath}:/usr/sbin"


class Machine:
    """The services of compose.yaml that are running here, in the order in which it starts them."""

    def __init__(self, folder):
        self.folder, self.volumes = folder, folder / "volumes"
        self.place = Place(folder=folder / "server", for_tests=True)
        self.ports = {name: free_port() for name in ("database", "pooler", "web")}
        self.probe_ports = {name: free_port() for name in ("web", "worker")}
        self.running = ExitStack()
        self.logs = {}

    def service(self, name) -> Service:
        one = service(name, volumes=self.volumes)
        one.folders.update({"jewelry-shop-db-pooler": "localhost", "jewelry-shop-db": "localhost"})
        return one

    def environment(self, name):
        """What the service is told, with the ports of this machine."""
        given = {"PATH": BIN, "LC_ALL": "C.UTF-8", **self.service(name).environment()}
        if name in {"web", "worker", "migrate"}:
            image = stages(CHECKOUT / "Dockerfile")[-1].environment()
            given = image | given | {"STATIC_ROOT": str(self.folder / "static")}
            behind = "pooler" if name == "web" else "database"
            given |= {"POSTGRES_PORT": str(self.ports[behind]), "HOME": str(self.folder)}
            given |= {"BIND": "127.0.0.1", "PORT": str(self.ports["web"])}
            given |= {"DB_DIRECT_PORT": str(self.ports["database"])}
            given |= {"DB_POOLER_PORT": str(self.ports["pooler"])}
        if name in self.probe_ports:
            given |= {"HEALTH_PORT": str(self.probe_ports[name])}
        return given

    def start(self, name, command, *, environment, as_server=False, cwd=CHECKOUT, stop_signal=15):
        log = self.folder / f"{name}.log"
        self.logs[name] = log
        owner = server_user(data=self.place.server_home) if as_server else None
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                env=environment,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                user=owner.uid if owner else None,
                group=owner.gid if owner else None,
                extra_groups=[] if owner else None,
            )
        self.running.callback(self.stop, child, stop_signal)
        return child

    @staticmethod
    def stop(child, stop_signal):
        if child.poll() is None:
            os.killpg(child.pid, stop_signal)
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()

    def wait(self, name, child, is_there):
        deadline = time.monotonic() + WITHIN_S
        while not is_there():
            text = self.logs[name].read_text()[-2000:]
            assert child.poll() is None, f"{name} ended with {child.returncode}:\n{text}"
            assert time.monotonic() < deadline, f"{name} is not there:\n{text}"
            time.sleep(0.1)

    def setup(self):
        prepare = self.service("setup")
        python, script, folder = prepare.given["command"]
        assert (python, script, folder) == ("python", "/run/prepare.py", "/shop")
        done = subprocess.run(
            [sys.executable, prepare.here(script), str(self.volumes / "setup"), "localhost"],
            cwd=CHECKOUT,
            env={"PYTHONPATH": str(CHECKOUT), "PATH": BIN},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, said(done)
        # What the engine does: one volume, mounted here by `setup` and there by its reader.
        for mount in prepare.given["volumes"]:
            if mount["type"] == "volume":
                made = self.volumes / "setup" / mount["target"].removeprefix("/shop/")
                made.rename(self.volumes / mount["source"])
        owner = server_user(data=self.place.server_home)
        for path in [self.volumes, *self.volumes.rglob("*")] if owner else []:
            os.chown(path, owner.uid, owner.gid)

    def postgres(self, *extra):
        """The service's own arguments, as its image would run them."""
        name, *arguments = self.service("database").command()
        return [program(self.place, name), "-D", str(self.place.data), *arguments, *extra]

    def initialise(self):
        """As the image's entrypoint does with an empty data folder (docker-library/postgres)."""
        given = self.service("database").environment()
        initdb = [program(self.place, "initdb"), "-D", str(self.place.data), "--username=postgres"]
        initdb += [f"--pwfile={given['POSTGRES_PASSWORD_FILE']}", "--encoding=UTF8", "--locale=C"]
        made = subprocess.run(
            [*initdb, *given["POSTGRES_INITDB_ARGS"].split()],
            **as_server_user(self.place),
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, said(made)
        socket_folder = self.place.server_home
        closed = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={socket_folder}"]
        child = self.start(
            "first",
            self.postgres(*closed),
            environment={"LC_ALL": "C.UTF-8"},
            as_server=True,
            cwd="/",
            stop_signal=2,
        )
        ready = socket_folder / ".s.PGSQL.5432"
        self.wait("first", child, lambda: self.answers(PGHOST=str(ready.parent)))
        script = self.service("database").here("/docker-entrypoint-initdb.d/10-init.sh")
        arguments = as_server_user(self.place)
        arguments["env"] |= {
            "PGHOST": str(socket_folder),
            "PATH": f"{Path(program(self.place, 'psql')).parent}:{os.defpath}",
            "SECRETS": self.service("database").here("/run/secrets/database"),
            "SQL": str(self.sql()),
        }
        done = subprocess.run(
            ["bash", script], **arguments, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, said(done)
        os.kill(child.pid, 2)
        child.wait(60)

    def sql(self):
        """The folder of the statements, as the mounts of the service put it together."""
        folder = self.folder / "sql"
        folder.mkdir(mode=0o755)
        for mount in self.service("database").given["volumes"]:
            if "/sql/" in mount["target"]:
                copy = folder / mount["target"].rpartition("/")[2]
                shutil.copy(mount["source"], copy)
                copy.chmod(0o644)
        return folder

    def answers(self, **where):
        """The healthcheck of the database, asked where it is now."""
        check = self.service("database").check()
        if "PGHOST" in where:
            check = [word for word in check if word not in {"--host", "127.0.0.1"}]
        check[0] = program(self.place, check[0])
        arguments = as_server_user(self.place)
        arguments["env"] |= {"PGPORT": "5432"} | where
        return subprocess.run(check, **arguments, check=False, capture_output=True).returncode == 0

    def up(self):
        """As `docker compose up`: each after what it depends on."""
        self.folder.chmod(0o755)
        self.volumes.mkdir(mode=0o755)
        self.place.make_folder()
        self.place.server_home.mkdir(mode=0o700)
        if owner := server_user(data=self.place.server_home):
            owner.give(self.place.server_home)
        self.setup()
        self.initialise()
        listen = ["-p", str(self.ports["database"]), "-c", "listen_addresses=127.0.0.1"]
        listen += ["-c", f"unix_socket_directories={self.place.server_home}"]
        database = self.start(
            "database",
            self.postgres(*listen),
            environment={"LC_ALL": "C.UTF-8"},
            as_server=True,
            cwd="/",
            stop_signal=2,
        )
        self.wait("database", database, lambda: self.answers(PGPORT=str(self.ports["database"])))
        self.start_pooler()
        migrate = self.service("migrate")
        done = subprocess.run(
            [word.replace("python ", f"{sys.executable} ") for word in migrate.command()],
            cwd=CHECKOUT,
            env=self.environment("migrate"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, said(done)
        self.collect_static()
        default = stages(CHECKOUT / "Dockerfile")[-1].command("CMD")
        web = self.service("web").command(default)
        self.web = self.start(
            "web", [sys.executable, "-m", *web], environment=self.environment("web")
        )
        python, *worker = self.service("worker").command()
        assert python == "python"
        self.worker = self.start(
            "worker", [sys.executable, *worker], environment=self.environment("worker")
        )
        self.wait("web", self.web, lambda: self.get("/health/ready/")[0] == 200)

    def collect_static(self):
        """What is in the image since its build: a site without them is not ready."""
        given = {"DJANGO_SETTINGS_MODULE": "config.settings.lint", "PATH": BIN}
        given |= {"STATIC_ROOT": str(self.folder / "static")}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        subprocess.run(collect, cwd=CHECKOUT, env=given, check=True)

    def start_pooler(self):
        image = CHECKOUT / "docker/pgbouncer"
        copied = self.folder / "pooler"
        copied.mkdir(mode=0o755)
        for path in image.glob("*[!d]*"):
            shutil.copy(path, copied)
            (copied / path.name).chmod(0o644)
        given = self.environment("pooler") | {
            "PGPORT": str(self.ports["database"]),
            "CONNECTION_POOLER_PORT": str(self.ports["pooler"]),
            # Where the image has these, as it is not here.
            "POOLER_LISTEN_ADDRESS": "127.0.0.1",
            "POOLER_TEMPLATE": str(copied / "pgbouncer.ini.tmpl"),
            "POOLER_RUN": str(self.place.server_home / "pooler"),
        }
        entrypoint = ["sh", str(copied / "entrypoint.sh")]
        pooler = self.start("pooler", entrypoint, environment=given, as_server=True, cwd="/")
        check = [
            word.replace(":5432", f":{self.ports['pooler']}")
            for word in self.service("pooler").check()
        ]
        self.wait("pooler", pooler, lambda: subprocess.run(check, check=False).returncode == 0)

    def get(self, path, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.ports["web"], timeout=10)
        try:
            link.request("GET", path, headers={"Host": "localhost"} | headers)
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            link.close()

    def told(self, path):
        """A probe's answer, whatever its status; nothing where nobody answers."""
        return json.loads(self.get(path)[1] or "{}")

    def secret(self, volume, name):
        return (self.volumes / volume / name).read_text()

    def connect(self, user, password, **given):
        return psycopg.connect(
            host="localhost",
            port=self.ports["database"],
            dbname=DATABASE,
            user=user,
            password=password,
            connect_timeout=5,
            **({"sslmode": "verify-full", "sslrootcert": str(self.volumes / "ca/ca.crt")} | given),
        )

    def manage(self, *command, standard_input=""):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=CHECKOUT,
            env=self.environment("worker"),
            input=standard_input,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, said(done)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def machine():
    needs(PGBOUNCER)
    one = Machine(Path(tempfile.mkdtemp(prefix="shop-compose-")))
    try:
        with one.running:
            one.up()
            yield one
    finally:
        shutil.rmtree(one.folder)


def test_the_site_is_ready_and_answers(machine):
    assert machine.get("/health/live/")[0] == 200
    # A warning of slowness passes with the load of the first start; one that stays is a fault.
    machine.wait("web", machine.web, lambda: machine.told("/health/ready/") == {"status": "pass"})
    status, page = machine.get("/accounts/login/")
    assert status == 200
    assert "csrfmiddlewaretoken" in page
    assert machine.get("/", Host="elsewhere.example")[0] == 400


def test_a_shop_is_founded_and_read_through_the_pooler(machine):
    machine.manage(
        "open_shop", "noor", "--name", "Noor", "--currency", "AED", "--tax-pack", "AE",
        "--owner", "mira", standard_input="a long enough password 4\n",
    )  # fmt: skip
    token = machine.manage("create_api_token", "--shop", "noor", "--member", "mira").split()[-1]
    status, body = machine.get("/api/v1/pieces", Authorization=f"Bearer {token}")
    assert status == 200, body
    assert machine.get("/api/v1/pieces")[0] == 401


def test_the_worker_works(machine):
    machine.wait(
        "worker", machine.worker, lambda: "worker_started" in machine.logs["worker"].read_text()
    )
    assert "worker_lost_database" not in machine.logs["worker"].read_text()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_images_own_check_is_content(machine, name):
    python, *check = stages(CHECKOUT / "Dockerfile")[-1].command("HEALTHCHECK")
    assert python == "python"
    environment = machine.environment(name)
    child = getattr(machine, name)
    command = [sys.executable, *check]
    machine.wait(
        name,
        child,
        lambda: (
            subprocess.run(
                command, cwd=CHECKOUT, env=environment, capture_output=True, check=False
            ).returncode
            == 0
        ),
    )


def test_plaintext_is_refused_at_both_doors(machine):
    password = machine.secret("secrets-app", "app")
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        machine.connect(APP, password, sslmode="disable")
    with pytest.raises(psycopg.OperationalError, match="SSL required"):
        psycopg.connect(
            host="localhost",
            port=machine.ports["pooler"],
            dbname=DATABASE,
            user=APP,
            password=password,
            sslmode="disable",
        )


def test_the_roles_are_those_of_the_laptop(machine):
    with machine.connect("postgres", machine.secret("secrets-database", "superuser")) as link:
        rows = link.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcreatedb,"
            " rolinherit"
            " FROM pg_roles WHERE rolname IN (%s, %s)",
            [APP, OWNER],
        ).fetchall()
        hashes = link.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL"
        ).fetchall()
    flags = {name: tuple(held) for name, *held in rows}
    names = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION", "CREATEDB", "INHERIT")
    for role, given in ((APP, APP_FLAGS), (OWNER, f"{OWNER_FLAGS} NOCREATEDB INHERIT")):
        assert flags[role] == tuple(name in given.split() for name in names), role
    assert len(hashes) == 4
    assert all(verifier.startswith("SCRAM-SHA-256$") for (verifier,) in hashes)


def test_the_owner_is_not_let_in_with_the_apps_password(machine):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        machine.connect(OWNER, machine.secret("secrets-app", "app"))


def test_no_password_is_in_a_log(machine):
    written = "".join(path.read_text() for path in machine.logs.values())
    secrets = [
        path
        for volume in ("secrets-database", "secrets-app")
        for path in (machine.volumes / volume).iterdir()
    ]
    words = [path.read_text() for path in secrets if path.suffix not in {".crt", ".key"}]
    assert len(words) == 8
    assert written
    assert not [word for word in words if word in written]


def test_who_listens_does_so_on_the_loopback_alone(machine):
    for port in machine.ports.values():
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    listening = Path("/proc/net/tcp").read_text()
    for port in machine.ports.values():
        assert f"00000000:{port:04X} " not in listening
