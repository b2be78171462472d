"""compose.yaml, read by compose itself: each service as closed as it can be, each with a check."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from config import gunicorn
from local.place import CHECKOUT
from ops.certs.issue import names_of, read_certificate, service_names
from tests.architecture.test_settings import headings
from tests.images.build import stages
from tests.images.compose import COMPOSE, project, seconds
from tests.k8s.pods import QUEUE_S, ROOM_S

SERVICES = ("setup", "database", "pooler", "migrate", "web", "worker")
ONE_SHOT = {"setup", "migrate"}
OURS = {"setup", "migrate", "web", "worker"}


@pytest.fixture
def services():
    return project()["services"]


def test_the_services_are_these(services):
    assert set(services) == set(SERVICES)


def test_compose_refuses_a_slip(tmp_path):
    """It is compose that validates, so a clean file means something."""
    slipped = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())
    slipped["services"]["web"]["healtcheck"] = {}
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(slipped))
    done = subprocess.run(
        [str(COMPOSE), "--file", str(tmp_path / "compose.yaml"), "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "healtcheck" in done.stderr


@pytest.mark.parametrize("name", SERVICES)
class TestAService:
    def test_has_a_check_or_ends(self, services, name):
        check = services[name].get("healthcheck")
        if name in ONE_SHOT:
            assert check == {"disable": True}
            assert services[name]["restart"] == "no"
        elif name in OURS:
            assert check is None, "the image's own"
            assert stages(CHECKOUT / "Dockerfile")[-1].all("HEALTHCHECK")
        else:
            assert check["test"][0] in {"CMD", "CMD-SHELL"}
            assert all(check[value] for value in ("interval", "timeout", "retries", "start_period"))

    def test_has_no_rights(self, services, name):
        one = services[name]
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in one
        if name == "setup":
            assert set(one["cap_add"]) == {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
            assert one["network_mode"] == "none", "who may everything talks to nobody"
        else:
            assert "cap_add" not in one
            assert one.get("user", "10001:10001").split(":")[0] != "0"

    def test_has_a_tag_that_stays(self, services, name):
        image = services[name]["image"].partition("@")[0]
        assert ":" in image
        assert not image.endswith(":latest")

    def test_is_told_no_secret(self, services, name):
        told = {
            variable
            for variable, value in (services[name].get("environment") or {}).items()
            if any(word in variable for word in ("PASSWORD", "SECRET", "TOKEN"))
            and not variable.endswith("_FILE")
            and value
        }
        assert not told

    def test_keeps_its_log_small(self, services, name):
        assert services[name]["logging"]["options"]["max-size"]


def test_each_sees_only_its_own_secrets(services):
    seen = {
        name: {
            mount["source"]: mount.get("read_only", False)
            for mount in one.get("volumes", [])
            if mount["type"] == "volume"
        }
        for name, one in services.items()
    }
    assert seen["web"] == seen["worker"] == {"ca": True, "secrets-app": True}
    assert seen["migrate"] == {"ca": True, "secrets-owner": True}
    assert seen["pooler"] == {"secrets-pooler": True}
    assert seen["database"] == {"data": False, "secrets-database": True}
    assert set(seen["setup"]) == set(project()["volumes"]) - {"data"}
    assert [name for name, volumes in seen.items() if "authority" in volumes] == ["setup"]


def test_the_world_reaches_the_site_alone_and_from_here_alone(services):
    published = {
        (name, port["host_ip"], port["target"])
        for name, one in services.items()
        for port in one.get("ports", [])
    }
    assert published == {("web", "127.0.0.1", 8000)}


def test_nobody_starts_before_what_it_needs(services):
    waits = {
        name: {other: how["condition"] for other, how in one.get("depends_on", {}).items()}
        for name, one in services.items()
    }
    assert waits["database"] == {"setup": "service_completed_successfully"}
    assert waits["migrate"]["database"] == "service_healthy"
    assert waits["web"] == {
        "pooler": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert waits["worker"]["migrate"] == "service_completed_successfully"


@pytest.mark.parametrize(
    ("name", "graceful"), [("web", QUEUE_S + gunicorn.graceful_timeout), ("worker", 20)]
)
def test_a_stop_has_time(services, name, graceful):
    drain = float(services[name]["environment"]["DRAIN_SECONDS"])
    assert seconds(services[name]["stop_grace_period"]) >= drain + graceful + ROOM_S


def test_the_site_alone_is_pooled(services):
    environments = {name: services[name]["environment"] for name in ("web", "worker", "migrate")}
    assert environments["web"]["POSTGRES_HOST"] == "jewelry-shop-db-pooler"
    assert environments["web"]["USE_PGBOUNCER"] == "1"
    for name in ("worker", "migrate"):
        assert environments[name]["POSTGRES_HOST"] == "jewelry-shop-db"
        assert "USE_PGBOUNCER" not in environments[name]
    assert all(one["DB_SSLMODE"] == "verify-full" for one in environments.values())


def test_names_of_servers_are_names_of_their_certificate(services):
    aliases = {
        alias
        for name in ("database", "pooler")
        for alias in services[name]["networks"]["default"]["aliases"]
    }
    assert aliases <= set(service_names())
    assert services["pooler"]["environment"]["PGHOST"] in aliases
    assert {
        services[n]["environment"]["POSTGRES_HOST"] for n in ("web", "worker", "migrate")
    } <= aliases


def test_papers_are_sealed_with_a_key_of_their_own(services):
    for name in ("web", "worker"):
        given = services[name]["environment"]
        assert given["IDENTITY_KEY_FILE"] == "/run/secrets/shop/identity_key"
        assert given["IDENTITY_KEY_FILE"] != given["SECRET_KEY_FILE"]


def test_every_variable_is_one_that_somebody_reads(services):
    known = headings()
    unread = {
        variable
        for name in ("web", "worker", "migrate")
        for variable in services[name]["environment"]
        if variable not in known and variable.removesuffix("_FILE") not in known
    }
    assert not unread


def test_files_that_are_bound_are_there(services):
    bound = {
        mount["source"]
        for one in services.values()
        for mount in one.get("volumes", [])
        if mount["type"] == "bind"
    }
    assert len(bound) == 5
    assert all((CHECKOUT / path).is_file() for path in bound)
    # The postgres image runs an executable script, and takes the lines of another as its own.
    assert os.access(CHECKOUT / "docker/postgres/init.sh", os.X_OK)


class TestSetup:
    @pytest.fixture
    def fill(self, tmp_path, monkeypatch):
        program = {"__name__": "prepare"}
        source = CHECKOUT / "docker/compose/prepare.py"
        exec(compile(source.read_text(), str(source), "exec"), program)  # noqa: S102  # our own file
        given = []
        monkeypatch.setattr("os.chown", lambda path, *owner: given.append((str(path), owner)))
        fill = program["fill"]
        return lambda **when: (fill(tmp_path, **({"now": datetime.now(UTC)} | when)), given)

    def test_makes_everything_once(self, fill, tmp_path):
        first, _ = fill()
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        again, _ = fill()
        after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert "secret_key" in first
        assert len(first) == 8
        assert again == []
        assert after == before

    def test_gives_each_user_its_own(self, fill, tmp_path):
        fill()
        files = {
            path.relative_to(tmp_path).as_posix(): path
            for path in tmp_path.rglob("*")
            if path.is_file()
        }
        shown = {name for name in files if not name.startswith("authority/")}
        assert shown == {
            "ca/ca.crt",
            "database/app",
            "database/owner",
            "database/pooler",
            "database/superuser",
            "database/tls.crt",
            "database/tls.key",
            "pooler/ca.crt",
            "pooler/tls.crt",
            "pooler/tls.key",
            "pooler/userlist.txt",
            "owner/owner",
            "owner/secret_key",
            "app/app",
            "app/health_token",
            "app/identity_key",
            "app/secret_key",
        }
        modes = {name: files[name].stat().st_mode & 0o777 for name in shown}
        assert {mode for name, mode in modes.items() if name != "ca/ca.crt"} == {0o400}
        assert modes["ca/ca.crt"] == 0o444

    def test_a_shop_from_before_gets_what_it_lacks_and_keeps_the_rest(self, fill, tmp_path):
        fill()
        kept = (tmp_path / "app/secret_key").read_bytes()
        for place in ("authority", "app"):
            (tmp_path / place / "identity_key").unlink()
        made, _ = fill()
        assert made == ["identity_key"]
        assert (tmp_path / "app/secret_key").read_bytes() == kept
        assert len((tmp_path / "app/identity_key").read_text()) >= 50
        assert (tmp_path / "app/identity_key").read_bytes() != kept

    def test_its_users_are_those_of_the_services(self, fill, tmp_path):
        _, given = fill()
        if os.geteuid() != 0:
            pytest.skip("only root may give files away")
        services = project()["services"]
        users = {
            "database": services["database"]["user"],
            "pooler": services["pooler"]["user"],
            "app": stages(CHECKOUT / "Dockerfile")[-1].last("USER"),
            "owner": stages(CHECKOUT / "Dockerfile")[-1].last("USER"),
        }
        for folder, user in users.items():
            place = tmp_path / folder
            owners = {owner for path, owner in given if place in (Path(path), *Path(path).parents)}
            assert owners == {tuple(map(int, user.split(":")))}, folder

    def test_the_authoritys_key_stays(self, fill, tmp_path):
        fill()
        (key,) = (path.read_bytes() for path in tmp_path.rglob("authority/certs/authority/ca.key"))
        others = [
            p
            for p in tmp_path.rglob("*")
            if p.is_file() and "authority" not in p.relative_to(tmp_path).parts
        ]
        assert others
        assert all(key not in path.read_bytes() for path in others)

    def test_the_certificate_is_renewed_before_its_end_with_its_authority_kept(
        self, fill, tmp_path
    ):
        fill()
        ca, before = (
            (tmp_path / "ca/ca.crt").read_bytes(),
            read_certificate(tmp_path / "database/tls.crt"),
        )
        made, _ = fill(now=before.not_valid_after_utc - timedelta(days=29))
        after = read_certificate(tmp_path / "database/tls.crt")
        assert made == ["a new certificate of the database's servers"]
        assert after.serial_number != before.serial_number
        assert (tmp_path / "pooler/tls.crt").read_bytes() == (
            tmp_path / "database/tls.crt"
        ).read_bytes()
        assert (tmp_path / "ca/ca.crt").read_bytes() == ca

    def test_the_certificate_carries_the_names(self, fill, tmp_path):
        fill()
        assert names_of(read_certificate(tmp_path / "database/tls.crt")) == list(service_names())
        fill(also=["localhost"])
        assert names_of(read_certificate(tmp_path / "pooler/tls.crt"))[-1] == "localhost"
