"""`manage.py check_health` and `manage.py drain`: what they say, how they end, what they cost."""

import os
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from apps.core.sampling.port import open_port
from config import check_health
from tests.core.probing import a_station, bad, until

MANAGE = Path(settings.BASE_DIR) / "manage.py"


@pytest.fixture
def free():
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serving(free, monkeypatch):
    """Open a station with its probe port, at the port that HEALTH_PORT names."""
    opened = []

    def serve(found=None):
        station = a_station(found)
        station.open()
        until(lambda: station.sampler.has_seen_everything, what="first looks")
        opened.extend([station, open_port(station, host="127.0.0.1", port=free)])
        return station

    monkeypatch.setenv("HEALTH_PORT", str(free))
    yield serve
    for one in reversed(opened):
        one.close()


@pytest.fixture
def run(capsys):
    """(exit status, what was said) of a command line."""

    def run(*arguments):
        try:
            status = check_health.main(["manage.py", *arguments])
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        assert not (said.out and said.err)
        return status, said.out + said.err

    return run


class TestCheckHealth:
    @pytest.mark.parametrize("group", check_health.GROUPS)
    def test_pass(self, serving, run, group):
        serving()
        assert run("check_health", group) == (0, f"{group}: pass\n")

    def test_ready_unless_said_otherwise(self, serving, run):
        serving()
        assert run("check_health") == (0, "ready: pass\n")

    def test_a_warning_is_no_failure(self, serving, run):
        serving({"cache": bad("unreachable"), "queue": bad("late")})

        assert run("check_health") == (
            0,
            "ready: pass, with warnings: cache (unreachable), queue (late)\n",
        )

    def test_what_fails_and_why(self, serving, run):
        serving({"database": bad("refused"), "cache": bad("unreachable")})

        assert run("check_health", "ready") == (
            1,
            "ready: failing: database (refused); warnings: cache (unreachable)\n",
        )
        assert run("check_health", "live") == (0, "live: pass\n")

    def test_nobody_there(self, run, free):
        status, said = run("check_health", "live", "--port", str(free))

        assert status == 1
        assert said.startswith(f"live: nobody answers at 127.0.0.1:{free} (Connection refused)")
        assert said.count("\n") == 1

    def test_another_program_there(self, run):
        for answer, told in (
            (b"HTTP/1.1 404 Not Found\r\n\r\n", "answered 404"),
            (b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", "answered 301"),
            (b"SSH-2.0-OpenSSH\r\n", "not as a probe port"),
            (b"", "not as a probe port"),
        ):
            with socket.create_server(("127.0.0.1", 0)) as other:

                def say(other=other, answer=answer):
                    link, _ = other.accept()
                    with link:
                        link.recv(4096)
                        link.sendall(answer)

                thread = threading.Thread(target=say)
                thread.start()
                status, said = run("check_health", "--port", str(other.getsockname()[1]))
                thread.join()
            assert (status, told in said) == (1, True), said

    def test_one_that_is_silent(self, run, monkeypatch):
        monkeypatch.setattr(check_health, "_ANSWER_WITHIN_S", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            status, said = run("check_health", "--port", str(silent.getsockname()[1]))

        assert status == 1
        assert "gives no answer" in said

    @pytest.mark.parametrize(
        "arguments",
        [
            ["check_health", "life"],
            ["check_health", "--wait", "soon"],
            ["check_health", "--wait", "-1"],
            ["check_health", "--wait", "inf"],
            ["check_health", "--port", "0"],
            ["check_health", "--port", "65536"],
            ["check_health", "live", "ready"],
            ["drain", "now"],
        ],
    )
    def test_misuse(self, run, arguments):
        assert run(*arguments)[0] == 2

    def test_a_port_of_the_environment_that_is_none(self, run, monkeypatch):
        monkeypatch.setenv("HEALTH_PORT", "probe")

        assert run("check_health")[0] == 2

    def test_the_environment_in_a_file(self, serving, run, monkeypatch, tmp_path):
        serving()
        (tmp_path / "port").write_text(os.environ["HEALTH_PORT"] + "\n")
        monkeypatch.setenv("HEALTH_PORT_FILE", str(tmp_path / "port"))
        monkeypatch.setenv("HEALTH_PORT", "1")
        assert run("check_health")[0] == 0

        monkeypatch.setenv("HEALTH_PORT_FILE", str(tmp_path / "none"))
        assert run("check_health")[0] == 2

    @pytest.mark.parametrize("bind", ["0.0.0.0", "127.0.0.1"])  # noqa: S104
    def test_where_the_server_listens(self, serving, run, monkeypatch, bind):
        serving()
        monkeypatch.setenv("HEALTH_BIND", bind)

        assert run("check_health")[0] == 0

    def test_at_an_address_of_version_6(self, run, monkeypatch, free):
        for bind in ("::", "::1", "[::1]"):
            monkeypatch.setenv("HEALTH_BIND", bind)
            assert f"[::1]:{free}" in run("check_health", "--port", str(free))[1]


class TestWait:
    def test_until_it_passes(self, serving, run, free):
        begun = time.monotonic()
        later = threading.Timer(0.4, serving)
        later.start()
        assert run("check_health", "--wait", "30") == (0, "ready: pass\n")
        later.join()
        assert 0.3 < time.monotonic() - begun < 10

    def test_no_longer_than_that(self, serving, run):
        serving({"database": bad("refused")})

        begun = time.monotonic()
        assert run("check_health", "--wait", "0.5") == (1, "ready: failing: database (refused)\n")
        assert 0.5 <= time.monotonic() - begun < 5


class TestDrain:
    def test_takes_the_server_out(self, serving, run):
        station = serving()

        assert run("drain") == (0, "drain: the server takes no new work from now on\n")
        assert station.is_draining
        assert run("check_health") == (1, "ready: failing: draining (draining)\n")
        assert run("check_health", "live")[0] == 0

    def test_nobody_there(self, run, free):
        status, said = run("drain", "--port", str(free))

        assert status == 1
        assert said.startswith("drain: nobody answers")


class TestCost:
    """A probe that starts a program does so every few seconds."""

    def started(self, *arguments, env=None):
        return subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | (env or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def test_it_is_a_fraction_of_django_s_start(self, serving):
        serving()

        def cpu_s(used):
            return used.ru_utime + used.ru_stime

        costs = []
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            ended = self.started(str(MANAGE), "check_health")
            costs.append(cpu_s(resource.getrusage(resource.RUSAGE_CHILDREN)) - cpu_s(before))
            assert (ended.returncode, ended.stdout) == (0, "ready: pass\n"), ended.stderr
        assert min(costs) < 0.2, costs

    @pytest.mark.parametrize("command", check_health.COMMANDS)
    def test_it_imports_no_django_and_needs_no_settings(self, serving, command):
        serving()
        code = (
            "import runpy, sys\n"
            f"sys.argv = ['manage.py', {command!r}]\n"
            "try:\n"
            f"    runpy.run_path({str(MANAGE)!r}, run_name='__main__')\n"
            "except SystemExit as end:\n"
            "    print(end.code, sorted({name.split('.')[0] for name in sys.modules}))\n"
        )
        ended = self.started(
            "-c", code, env={"DJANGO_SETTINGS_MODULE": "nowhere", "SECRET_KEY": ""}
        )

        assert ended.stdout.splitlines()[-1].startswith("0 "), ended.stderr
        for name in ("django", "apps", "http", "urllib", "ssl", "asyncio", "psycopg"):
            assert f"'{name}'" not in ended.stdout

    def test_other_commands_go_through_django(self):
        assert "migrate" in self.started(str(MANAGE), "help").stdout
