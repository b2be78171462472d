"""Real servers for the checks: the tests' own database, and a throwaway one to be broken."""

import os
import signal
import socket
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from apps.core.sampling.check import State
from apps.core.sampling.link import Link
from local import pooler, spilo
from local.roles import APP, OWNER
from local.tools import PGBOUNCER
from tests.paths.conftest import entry_of, fresh, needs

# As much of the shop's schema as the checks look at.
SCHEMA = """
GRANT USAGE ON SCHEMA public TO jewelry_app;
CREATE TABLE shops_register (shop integer);
ALTER TABLE shops_register ENABLE ROW LEVEL SECURITY;
CREATE TABLE django_migrations (app text, name text);
INSERT INTO django_migrations VALUES ('core', '0001_grants');
CREATE TABLE core_cache (cache_key text, value text);
CREATE TABLE procrastinate_jobs (id bigserial, status text, scheduled_at timestamptz);
CREATE TABLE procrastinate_events (job_id bigint, at timestamptz);
CREATE TABLE procrastinate_workers (last_heartbeat timestamptz);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO jewelry_app;
"""


@pytest.fixture(scope="session")
def primary(open_folder, authority, ca):
    """A server that tests break and mend."""
    server = spilo.start_primary(
        fresh(open_folder, "primary"),
        major=spilo.embedded_major(),
        pair=authority.issue(),
        ca=ca,
    )
    with psycopg.connect(**server.link("postgres", autocommit=True)) as superuser:
        superuser.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {OWNER}")
    with psycopg.connect(**server.link(OWNER, autocommit=True)) as owner:
        owner.execute(SCHEMA)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def replica(open_folder, authority, primary):
    """A server that follows the other."""
    server = spilo.start_replica(fresh(open_folder, "replica"), of=primary, pair=authority.issue())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pooled(open_folder, authority, primary):
    """The image of docker/pgbouncer in front of the server."""
    needs(PGBOUNCER)
    one = pooler.start(
        fresh(open_folder, "pooled"),
        behind=primary,
        pair=authority.issue(),
        server_ca=authority.pem,
    )
    yield one
    one.stop()


@pytest.fixture
def links():
    """Makes links as the settings would; hung up after the test."""
    made = []

    def to(server, user=APP, *, clock=time.monotonic, **given):
        pooled = isinstance(server, pooler.Pooler)
        read_only = given.pop("read_only", False)
        entry = entry_of(server, user, pooled=pooled, read_only=read_only) | given
        made.append(Link(entry, clock=clock))
        return made[-1]

    yield to
    for link in made:
        link.cut()


@pytest.fixture
def link(links, primary):
    """A link to the server that tests break."""
    return links(primary)


@pytest.fixture
def shop_link(django_db_setup):
    """A link to the database of the tests, which has the whole schema, as the serving role."""
    link = Link(connection.settings_dict)
    yield link
    link.cut()


@contextmanager
def broken_by(server, *statements, mended_by):
    """With statements of the superuser in force."""
    with server.superuser() as superuser:
        try:
            for statement in statements:
                superuser.execute(statement)
            yield superuser
        finally:
            for statement in mended_by:
                superuser.execute(statement)


@contextmanager
def frozen(server):
    """With every process of the server stopped: its kernel goes on taking what is sent."""
    stopped = []
    try:
        for pid in _family(server.child.pid):
            # Not a process of ours that ended meanwhile.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
        yield
    finally:
        for pid in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _family(pid):
    """A process and its children, the parent first: then there are no new ones."""
    yield pid
    yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


@contextmanager
def black_hole():
    """An address whose queue is full: the kernel drops who knocks, as a firewall does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = []
        try:
            for _ in range(8):
                one = socket.socket()
                one.settimeout(0.1)
                waiting.append(one)
                try:
                    one.connect(listening.getsockname())
                except TimeoutError:
                    break
            else:
                raise AssertionError("the queue does not fill")
            yield listening.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def seen(reading):
    """What was observed: measurement (and component) -> value."""
    return {
        f"{one.measurement}/{one.component}" if one.component else one.measurement: one.value
        for one in reading.observed
    }


def passes(reading):
    return (reading.state, reading.word) == (State.PASS, "")
