"""What a process sees of its own machine: folders, disks, its slots, its site, its own program."""

import errno
import os
import resource
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from apps.core.sampling.check import State
from apps.core.sampling.checks import disk, program, requests, site, temporary
from apps.core.sampling.checks.requests import Busy, accept_queue
from apps.core.sampling.checks.site import Site
from apps.core.sampling.requests import Load, Requests
from tests.core.sampling.conftest import closed_port, passes, seen


def fails(reading, word):
    return (reading.state, reading.word) == (State.FAIL, word)


def warns(reading, word):
    return (reading.state, reading.word) == (State.WARN, word)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB of its own; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=64", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems can be mounted by root only")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder, megabytes):
    (folder / f"{megabytes}").write_bytes(b"\0" * int(megabytes * 1024 * 1024))


@contextmanager
def files_at_most(size):
    """As with a quota: a longer file is refused by the kernel."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestTemporary:
    def test_it_can_be_written(self, tmp_path):
        reading = temporary.look(lambda: tmp_path)

        assert passes(reading)
        assert list(tmp_path.iterdir()) == []
        assert seen(reading)["temporary:responseTime"] > 0

    def test_where_uploads_go(self, settings, tmp_path):
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
        assert temporary.folder() == tmp_path
        settings.FILE_UPLOAD_TEMP_DIR = None
        assert temporary.folder().is_dir()

    def test_there_is_no_such_folder(self, tmp_path):
        assert fails(temporary.look(lambda: tmp_path / "gone"), "disk")

    def test_it_is_no_folder(self, tmp_path):
        (tmp_path / "file").touch()
        assert fails(temporary.look(lambda: tmp_path / "file"), "disk")

    def test_the_kernel_refuses(self, tmp_path):
        with files_at_most(1024):
            reading = temporary.look(lambda: tmp_path)
        assert fails(reading, "disk")
        assert os.strerror(errno.EFBIG) in reading.said

    def test_nearly_full(self, small_disk):
        assert passes(temporary.look(lambda: small_disk))
        fill(small_disk, 5)
        assert fails(temporary.look(lambda: small_disk), "disk")

    def test_full(self, small_disk):
        with pytest.raises(OSError, match="No space left"):
            fill(small_disk, 9)
        reading = temporary.look(lambda: small_disk)
        assert fails(reading, "disk")
        assert "No space left" in reading.said

    def test_no_more_files(self, small_disk):
        number = 0
        with pytest.raises(OSError, match="No space left"):  # noqa: PT012
            while number := number + 1:
                (small_disk / str(number)).touch()
        assert fails(temporary.look(lambda: small_disk), "disk")

    def test_it_gates(self):
        assert temporary.build().gates


class TestDisk:
    @pytest.mark.parametrize(
        ("used", "state"), [(6, State.PASS), (7.5, State.WARN), (7.9, State.FAIL)]
    )
    def test_levels(self, small_disk, used, state):
        fill(small_disk, used)
        reading = disk.look(lambda: {"media": small_disk})

        assert reading.state is state
        assert reading.word == ("" if state is State.PASS else "disk")
        observed = seen(reading)
        assert observed["disk:utilization/media"] == pytest.approx(100 * used / 8, abs=1)
        assert observed["disk:free/media"] == pytest.approx((8 - used) * 1024 * 1024, abs=65536)

    def test_the_fullest_counts(self, small_disk, tmp_path):
        fill(small_disk, 7.9)
        reading = disk.look(lambda: {"temporary": Path("/dev"), "media": small_disk})

        assert fails(reading, "disk")
        assert reading.said.endswith("media")

    @pytest.mark.parametrize(
        ("share", "state"),
        [(1.0, State.PASS), (0.1, State.PASS), (0.0999, State.WARN), (0.0299, State.FAIL)],
    )
    def test_judgement(self, share, state):
        assert disk.judged(share) is state

    def test_folders_that_are_used_here(self, settings, tmp_path):
        (tmp_path / "static").mkdir()
        settings.STATIC_ROOT = tmp_path / "static"
        settings.MEDIA_ROOT = str(tmp_path / "media")
        assert set(disk.folders()) == {"temporary", "static"}
        settings.MEDIA_ROOT = ""
        assert set(disk.folders()) == {"temporary", "static"}

    def test_a_folder_that_went_away(self, tmp_path):
        assert warns(disk.look(lambda: {"media": tmp_path / "gone"}), "disk")

    def test_it_never_gates(self):
        assert not disk.build().gates


class TestRequests:
    def test_a_free_hand(self):
        one = Requests(slots=2)
        one.begin()
        looked = Busy(lambda: [one.load(), one.load()], port=None).look()

        assert passes(looked)
        assert seen(looked) == {"http:connections": {"busy": 2, "slots": 4}}

    def test_full_in_two_looks(self):
        one = Requests(slots=1)
        held = one.begin()
        check = Busy(lambda: [one.load()], port=None)

        assert passes(check.look())
        assert warns(check.look(), "full")
        one.end(held)
        assert passes(check.look())
        one.begin()
        assert passes(check.look())  # only two in a row count

    def test_who_waits_to_be_let_in(self):
        with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
            port = listening.getsockname()[1]
            check = Busy(lambda: [Load(slots=4, busy=0, newest_began_s=None)], port=port)
            assert seen(check.look())["http:acceptQueue"] == 0
            waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
            try:
                assert accept_queue(port) == 5
                assert passes(check.look())
                reading = check.look()
                assert warns(reading, "full")
                assert seen(reading) == {
                    "http:connections": {"busy": 0, "slots": 4, "acceptQueue": 5},
                    "http:acceptQueue": 5,
                }
            finally:
                for one in waiting:
                    one.close()

    def test_over_ipv6_too(self):
        with socket.create_server(("::1", 0), family=socket.AF_INET6, backlog=16) as listening:
            port = listening.getsockname()[1]
            with socket.create_connection(("::1", port)):
                assert accept_queue(port) == 1

    @pytest.mark.parametrize(
        ("host", "family"),
        [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6), ("localhost", socket.AF_INET)],
    )
    def test_wherever_the_site_is(self, host, family):
        with socket.create_server((host, 0), family=family, backlog=16) as listening:
            address = listening.getsockname()[:2]
            check = requests.build(list, site=(host, address[1]))
            with socket.create_connection(address):
                assert seen(check.look())["http:acceptQueue"] == 1

    def test_where_the_kernel_does_not_tell(self, tmp_path):
        assert accept_queue(80, tables=[tmp_path / "none"]) is None
        check = Busy(list, port=80, tables=[tmp_path / "none"])
        assert seen(check.look()) == {"http:connections": {"busy": 0, "slots": 0}}

    def test_nobody_listens(self):
        assert accept_queue(closed_port()) is None

    def test_it_never_gates(self):
        assert not requests.build(list, site=None).gates


class TestSite:
    @pytest.fixture
    def now(self):
        return [0.0]

    @contextmanager
    def answering(self, answer):
        """A site that answers every request with the same bytes."""
        with socket.create_server(("127.0.0.1", 0)) as listening:

            def serve():
                while True:
                    try:
                        link, _ = listening.accept()
                    except OSError:
                        return
                    with link:
                        link.recv(4096)
                        link.sendall(answer)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield listening.getsockname()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)

    def test_it_answers(self):
        with self.answering(b"HTTP/1.1 200 OK\r\n\r\n") as address:
            reading = Site(address).look()

        assert passes(reading)
        assert seen(reading)["site:responseTime"] > 0

    def test_any_answer_is_one(self):
        with self.answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n") as address:
            assert seen(Site(address).look())

    @pytest.mark.parametrize("answer", [b"", b"nonsense"])
    def test_no_answer_at_all(self, answer, now):
        with self.answering(answer) as address:
            one = Site(address, clock=lambda: now[0])
            assert one.look().observed == ()
            now[0] = 31
            assert warns(one.look(), "unreachable")

    def test_unanswered_for_half_a_minute(self, now):
        with self.answering(b"HTTP/1.1 200 OK\r\n\r\n") as address:
            one = Site(address, clock=lambda: now[0])
            now[0] = 100
            assert passes(one.look())
        for now[0] in (110, 120, 129):
            assert passes(one.look())
        now[0] = 131
        assert warns(one.look(), "unreachable")

    def test_silence_ends_the_look(self, now, monkeypatch):
        monkeypatch.setattr(site, "_ANSWERED_WITHIN_S", 0.1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            one = Site(silent.getsockname(), clock=lambda: now[0])
            assert passes(one.look())
            now[0] = 31
            assert warns(one.look(), "timeout")

    @pytest.mark.parametrize(
        ("bound", "asked"),
        [
            ("", "127.0.0.1"),
            ("0.0.0.0", "127.0.0.1"),  # noqa: S104
            ("::", "::1"),
            ("10.1.2.3", "10.1.2.3"),
            ("localhost", "localhost"),
        ],
    )
    def test_where_it_is_asked(self, bound, asked):
        assert Site((bound, 80))._address == (asked, 80)

    def test_it_never_gates(self):
        assert not site.build(("127.0.0.1", 80)).gates


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    return tmp_path_factory.mktemp("static")


class TestProgram:
    @pytest.fixture
    def with_manifest(self, settings, collected):
        """The files of the site, by names that carry their content's hash."""
        settings.STATIC_ROOT = str(collected)
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {
                "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
            },
        }
        if not (collected / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        return collected

    def test_it_is_whole(self):
        reading = program.look()

        assert passes(reading)
        observed = seen(reading)
        assert observed["program:addresses"] > 20
        assert observed["program:templates"] > 20
        assert observed["program:files"] == 0  # these names need no manifest

    def test_every_template_of_ours_is_looked_at(self):
        names = set(program.template_names())
        ours = {
            str(path).partition("templates/")[2]
            for root in ("templates", "apps")
            for path in Path(program.__file__).parents[4].glob(f"{root}/**/*.html")
        }
        assert ours
        assert ours <= names

    def test_it_is_whole_with_a_manifest(self, with_manifest):
        reading = program.look()

        assert passes(reading)
        assert seen(reading)["program:files"] > 5

    def test_a_file_that_pages_name_is_missing(self, with_manifest):
        manifest = with_manifest / "staticfiles.json"
        before = manifest.read_text()
        manifest.write_text(before.replace('"css/', '"was/'))
        try:
            staticfiles_storage.hashed_files, _ = staticfiles_storage.load_manifest()
            reading = program.look()
        finally:
            manifest.write_text(before)
        assert fails(reading, "error")
        assert "css/" in reading.said

    def test_no_manifest(self, settings, tmp_path, with_manifest):
        settings.STATIC_ROOT = str(tmp_path)
        assert fails(program.look(), "error")

    def test_a_template_that_does_not_parse(self, settings, tmp_path):
        (tmp_path / "broken.html").write_text("{% if %}")
        (engine,) = settings.TEMPLATES
        settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path]}]
        reading = program.look()

        assert fails(reading, "error")
        assert "broken.html" in reading.said

    def test_addresses_that_do_not_import(self, settings, tmp_path, monkeypatch):
        (tmp_path / "broken_addresses.py").write_text("import nobody_has_this_module\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        settings.ROOT_URLCONF = "broken_addresses"
        reading = program.look()

        assert fails(reading, "error")
        assert "nobody_has_this_module" in reading.said

    def test_a_page_for_errors_that_does_not_import(self, settings, tmp_path, monkeypatch):
        (tmp_path / "half_addresses.py").write_text(
            "urlpatterns = []\nhandler500 = 'apps.core.pages.nobody'\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        settings.ROOT_URLCONF = "half_addresses"

        assert fails(program.look(), "error")

    def test_it_asks_no_database(self):
        """No mark for it here: a query would fail this test."""
        assert passes(program.build().look())
        assert program.build().latch


def test_a_folder_is_left_as_it_was(tmp_path):
    before = shutil.disk_usage(tmp_path)
    for _ in range(20):
        temporary.look(lambda: tmp_path)
    assert not list(tmp_path.iterdir())
    assert before.total == shutil.disk_usage(tmp_path).total
