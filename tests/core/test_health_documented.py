"""The pages on health say what the code does: checks, words, and a check made by the book."""

import importlib.util
import re
import sys
import time

import pytest

from apps.core.database.certificate import WARN_DAYS
from apps.core.sampling import checks as package
from apps.core.sampling.catalogue import Facts, for_web, for_worker
from apps.core.sampling.check import WORDS, State
from apps.core.sampling.checks import jobs, queue, replicas
from apps.core.sampling.station import (
    BEAT_EXPIRES_AFTER_S,
    BEAT_LATE_AFTER_S,
    Options,
    Station,
)
from config import draining, gunicorn
from tests.architecture.sources import ROOT

HEALTH = ROOT / "docs" / "reference" / "health.md"
HOWTO = ROOT / "docs" / "howto" / "add-a-health-check.md"
SITE = ("127.0.0.1", 8000)


def section(title):
    """The text under a heading."""
    text = HEALTH.read_text()
    return re.split(r"^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[
        0
    ]


def rows(text):
    """The first column's code, and the other columns, of each row of a table."""
    for line in text.splitlines():
        if line.startswith("| `"):
            first, *rest = [cell.strip() for cell in line.strip("|").split("|")]
            yield first.strip("`"), rest


def test_the_words():
    assert [word for word, _ in rows(section("The words"))] == sorted(WORDS)


def test_the_checks():
    web = {check.name: check for check in for_web(Facts(site=SITE))}
    worker = {check.name: check for check in for_worker(Facts(), jobs.build(jobs.Progress()))}
    table = section("The checks").partition("Beside them")[0]
    documented = {name: cells for name, cells in rows(table) if len(cells) == 5}
    assert documented.keys() == web.keys() | worker.keys()
    for name, (where, _, every, within, gates) in documented.items():
        check = web.get(name) or worker[name]
        runs_in = "both" if name in web and name in worker else "web" if name in web else "worker"
        assert where == runs_in, name
        assert within == f"{check.within_s:g} s", name
        assert every == f"{check.every_s:g} s" or check.latch, name
        assert bool(gates) == check.gates, name


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("replicas", f"more than {replicas.BEHIND_AFTER_S:g} s behind"),
        ("queue", f"due for {queue.LATE_AFTER_S:g} s"),
        ("queue", f"within {queue.SILENT_AFTER_S:g} s that it lives"),
        ("certificates", f"last {WARN_DAYS} days or more"),
    ],
)
def test_from_when_they_warn(name, limit):
    (said,) = [cells[1] for check, cells in rows(section("The checks")) if check == name]
    assert limit in said


def test_the_vitals():
    """What liveness and readiness hang on beside the checks, and from when on."""
    said = {name: cells[1] for name, cells in rows(section("The checks")) if len(cells) == 2}
    assert (
        f"{BEAT_EXPIRES_AFTER_S:g} s (live) or {BEAT_LATE_AFTER_S:g} s (ready)" in said["sampler"]
    )
    assert f"`timeout`, {gunicorn.timeout} s" in said["workers"]
    assert f"not turned for {jobs.STUCK_AFTER_S:g} s" in said["loop"]


def test_the_drain_is_given_as_long_as_it_takes():
    """What a supervisor must wait is added up in two pages."""
    emptied, stop = draining.QUEUE_WITHIN_S, gunicorn.graceful_timeout
    assert f"`DRAIN_SECONDS` + {emptied:g} s (the queue) + {stop} s (`graceful_timeout`)" in (
        HEALTH.read_text()
    )
    probing = (ROOT / "docs" / "howto" / "probe-from-outside.md").read_text()
    assert f"at least `DRAIN_SECONDS` + {emptied + stop + 5:g} s" in probing
    grace = int(re.search(r"terminationGracePeriodSeconds: (\d+)", probing).group(1))
    drain = int(re.search(r'DRAIN_SECONDS, value: "(\d+)"', probing).group(1))
    assert grace >= drain + emptied + stop + 5


class TestHowto:
    """`docs/howto/add-a-health-check.md`, followed."""

    @pytest.fixture
    def blocks(self):
        return re.findall(r"^```python\n(.*?)^```", HOWTO.read_text(), re.MULTILINE | re.DOTALL)

    @pytest.fixture
    def mail(self, blocks, tmp_path, monkeypatch):
        """The module of the page, where the page puts it."""
        assert "`apps/core/sampling/checks/mail.py`" in HOWTO.read_text()
        return loaded(f"{package.__name__}.mail", blocks[0], tmp_path / "mail.py", monkeypatch)

    def test_it_is_as_short_as_it_says(self, blocks):
        code = blocks[0].partition("def build")[2].splitlines()
        assert len([line for line in code if line.strip()]) <= 10

    def test_its_own_tests_pass(self, blocks, mail, settings, tmp_path, monkeypatch):
        monkeypatch.setattr(package, "mail", mail, raising=False)
        tests = loaded("test_checks_mail", blocks[1], tmp_path / "test_mail.py", monkeypatch)
        ran = [test(settings) for name, test in vars(tests).items() if name.startswith("test_")]
        assert len(ran) == 2

    def test_it_warns_and_the_server_is_ready(self, mail, settings):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        station = Station([mail.build()], options=Options())
        station.open()
        try:
            deadline = time.monotonic() + 10
            while not station.sampler.has_seen_everything:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            ready = {one.name: one for one in station.ready()}
            assert (ready["mail"].state, ready["mail"].word) == (State.WARN, "unreachable")
            assert not [one for one in ready.values() if one.gates and one.state is State.FAIL]
        finally:
            station.close()

    def test_the_lists_are_where_it_says(self):
        text = HOWTO.read_text()
        assert {"`apps/core/sampling/names.py`", "`apps/core/sampling/catalogue.py`"} <= set(
            re.findall(r"`[\w/]+\.py`", text)
        )
        for path in re.findall(r"`((?:apps|tests)/[\w/]+\.py)`", text):
            made_here = path.endswith(("/mail.py", "/test_checks_mail.py"))
            assert (ROOT / path).exists() or made_here, path


def loaded(name, code, path, monkeypatch):
    """A module of this code, under this name."""
    path.write_text(code)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module
