"""Which checks a process runs, and what hangs on each."""

import pytest

from apps.core.sampling import names
from apps.core.sampling.catalogue import Facts, for_web, for_worker
from apps.core.sampling.check import Check, Reading

SITE = ("127.0.0.1", 8000)
JOBS = Check(name="jobs", look=Reading, every_s=1, within_s=1)


@pytest.fixture
def web():
    return {check.name: check for check in for_web(Facts(site=SITE))}


@pytest.fixture
def worker():
    return {check.name: check for check in for_worker(Facts(), JOBS)}


def test_the_fixed_names(web, worker):
    assert tuple(web) == names.WEB
    assert tuple(worker) == names.WORKER


def test_what_readiness_hangs_on(web, worker):
    gates = {"program", "database", "migrations", "temporary"}
    assert {name for name, check in web.items() if check.gates} == gates
    assert {name for name, check in worker.items() if check.gates} == gates
    assert {name for name, check in web.items() if check.latch} == {"program", "migrations"}


def test_each_says_what_it_is_for(web):
    assert all(str(check.meaning) for check in web.values())


def test_a_database_that_only_warns():
    gates = {check.name for check in for_web(Facts(database_gates=False)) if check.gates}
    assert gates == {"program", "migrations", "temporary"}


def test_a_site_at_an_unknown_port():
    assert "site" not in {check.name for check in for_web(Facts())}


@pytest.mark.parametrize("name", sorted(names.MAY_BE_OFF))
def test_switched_off(name):
    off = Facts(site=SITE, off=frozenset({name}))
    assert {check.name for check in for_web(off)} == set(names.WEB) - {name}
    assert {check.name for check in for_worker(off, JOBS)} == set(names.WORKER) - {name}


def test_what_cannot_be_switched_off():
    assert {"database", "migrations"} <= names.ALWAYS_ON
    assert not names.ALWAYS_ON & names.MAY_BE_OFF


def test_a_cache_that_is_no_table(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert "cache" not in {check.name for check in for_web(Facts())}


def test_deadlines_fit_their_cadence(web, worker):
    """A look past its deadline is cut short before the next is due, so none piles up."""
    for check in (*web.values(), *worker.values()):
        assert 0 < check.within_s <= check.every_s or check.latch, check.name


def test_one_session_for_all_questions(django_db_setup):
    checks = for_web(Facts(site=SITE))
    asking = {check.give_up.__self__ for check in checks if hasattr(check.give_up, "__self__")}

    assert len(asking) == 1
    for check in checks:
        check.look()
    (link,) = asking
    assert link.sessions == 1
    link.cut()
