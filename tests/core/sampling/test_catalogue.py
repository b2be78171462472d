"""Which checks a process runs, and what hangs on each."""

import pytest

from apps.core.sampling import catalogue, names
from apps.core.sampling.catalogue import Facts, for_web, for_worker
from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.link import Link

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


@pytest.fixture
def asked(django_db_setup, monkeypatch):
    """The links that the checks of a web process were given, and those checks."""
    made = []

    def link(database):
        made.append(Link(database))
        return made[-1]

    monkeypatch.setattr(catalogue, "Link", link)
    checks = {check.name: check for check in for_web(Facts(site=SITE))}
    yield made, checks
    for one in made:
        one.cut()


@pytest.mark.django_db
def test_one_session_for_all_questions(asked):
    (link,), checks = asked
    for check in checks.values():
        check.look()
    assert link.sessions == 1


@pytest.mark.django_db
def test_who_asks_on_the_side_never_cuts_what_readiness_hangs_on(asked):
    """A machine may be too slow for one of them; that is no fault of the database."""
    (link,), checks = asked
    for check in checks.values():
        check.look()
    for check in checks.values():
        if check.name != "database":
            check.give_up()

    assert checks["database"].look().state is State.PASS
    assert link.sessions == 1

    checks["database"].give_up()
    assert checks["database"].look().state is State.PASS
    assert link.sessions == 2, "its own way to give up hangs up"
