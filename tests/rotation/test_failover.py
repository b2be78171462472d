"""The database is cut off, stopped, frozen and demoted under real requests."""

import itertools
import os
import signal
from contextlib import contextmanager

import pytest

from local.postgres import _launch, _stop_child, start
from tests.rotation.conftest import Answer, Load, Web, wait_for

pytestmark = pytest.mark.slow

# What was waited for, what the test's settings allow, and room for a busy machine.
BOUND_S = 15


@pytest.fixture(scope="module")
def web(installation):
    """As it serves: connections are kept."""
    with installation.web() as one:
        yield one


def assert_away(answer):
    assert answer.status == 503, answer.body
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["error"] == "DatabaseAway"


def assert_only_away(load):
    """Each answer is good, or says that the same request may be sent again."""
    assert set(load.statuses()) <= {200, 201, 503}, load.statuses()
    for answer in load.answers:
        if answer.status == 503:
            assert_away(answer)


def cut(installation):
    installation.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'jewelry_app'"
    )


def stop_and_start(installation):
    """A fast shutdown, as Patroni ends a primary, and the same server again."""
    server = installation.server
    _stop_child(server.place, server.child)
    server._lock.close()
    again = start(server.place)
    server.child, server._lock = again.child, again._lock
    assert again.port == server.port


@contextmanager
def switched_to_read_only(installation):
    with installation.superuser(autocommit=True) as superuser:
        superuser.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        superuser.execute("SELECT pg_reload_conf()")
    try:
        wait_for(lambda: shown(installation) == "on", "the server to be read-only")
        yield
    finally:
        with installation.superuser(options="-c default_transaction_read_only=off") as superuser:
            superuser.execute("ALTER SYSTEM RESET default_transaction_read_only")
            superuser.execute("SELECT pg_reload_conf()")
        wait_for(lambda: shown(installation) == "off", "the server to be writable")


def shown(installation):
    return installation.sql("SHOW default_transaction_read_only")[0][0]


def frozen(installation):
    """The processes of the server, which do not run while the block does."""

    @contextmanager
    def stop():
        backends = [
            pid
            for (pid,) in installation.sql(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'jewelry_app'"
            )
        ]
        pids = [installation.server.child.pid, *backends]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    return stop()


def test_connections_that_were_cut_while_idle_fail_no_request(installation, web):
    for _ in range(3):
        assert web.pieces().status == 200
        cut(installation)
        assert web.pieces().status == 200


def test_connections_cut_under_load_are_told_and_replaced(installation, web):
    with Load(web) as load:
        for _ in range(5):
            cut(installation)
            load.go_on(10)

    assert_only_away(load)
    assert web.pieces().status == 200


def test_a_restart_under_load_loses_no_sale_and_sells_nothing_twice(installation, web):
    """Each order is sent with its key until it is taken, as the counter does."""
    numbers = itertools.count()
    taken: dict[str, str] = {}
    sent_again = []

    def sell_until_taken(web: Web) -> Answer:
        number = next(numbers) % 50
        key = f"restart-{number:02}"
        while (answer := web.sell(f"R-{number}", key)).status == 503:
            assert_away(answer)
            sent_again.append(key)
        # A key names one sale for ever, whoever asks.
        assert taken.setdefault(key, answer.json().get("number")) == answer.json().get("number")
        return answer

    with Load(web, sell_until_taken) as load:
        stop_and_start(installation)
        load.go_on(6)

    assert set(load.statuses()) == {201}, load.statuses()
    assert sent_again
    assert None not in taken.values()
    ((sales, numbered, pieces),) = installation.sql(
        "SELECT count(DISTINCT s.id), count(DISTINCT s.number), count(DISTINCT l.piece_id)"
        " FROM sales_sale s JOIN sales_saleline l ON l.sale_id = s.id"
    )
    assert sales == numbered == pieces == len(taken)


def test_while_it_is_down_every_door_says_so_at_once(installation, web):
    server = installation.server
    _stop_child(server.place, server.child)
    server._lock.close()
    try:
        assert_away(web.pieces())
        page = web.ask("GET", "/counter/", cookie="sessionid=somebody")
        assert (page.status, page.headers["Content-Type"][:9]) == (503, "text/html")
        assert int(page.headers["Retry-After"]) >= 1
        web.wait_until_not_ready("unreachable")
        assert web.ask("GET", "/health/live/").status == 200
    finally:
        again = start(server.place)
        server.child, server._lock = again.child, again._lock
    assert web.pieces().status == 200


def test_a_frozen_server_is_given_up_in_time(installation, web):
    """It holds its sockets open, and its own clock has stopped with it."""
    assert web.pieces().status == 200
    with frozen(installation):
        answers = [web.pieces(within_s=BOUND_S), web.pieces(within_s=BOUND_S)]
        for answer in answers:
            assert_away(answer)
            assert answer.took_s < BOUND_S
        assert web.ask("GET", "/health/live/").took_s < 1
    assert web.pieces().status == 200


def test_nothing_is_answered_from_a_server_that_became_read_only(installation, web):
    assert web.pieces().status == 200
    with switched_to_read_only(installation):
        assert_away(web.pieces())
        assert_away(web.sell("R-59", "read-only-1"))
        web.wait_until_not_ready("read_only")
    assert web.pieces().status == 200
    web.wait_until_ready()


def test_a_switch_to_read_only_under_load(installation, web):
    with Load(web) as load:
        with switched_to_read_only(installation):
            # What was asked before the switch may still be answered.
            load.go_on(4)
            begun = len(load.answers)
            load.go_on(10)
            after = [answer.status for answer in load.answers[begun:]]
        load.go_on(10)

    assert set(after) == {503}
    assert_only_away(load)
    assert web.pieces().status == 200


def test_a_standby_is_not_served_from_until_it_is_promoted(installation, web):
    """The link leads to a server in recovery, which is then made the primary."""
    server = installation.server
    assert web.pieces().status == 200
    _stop_child(server.place, server.child)
    (server.place.data / "standby.signal").touch()
    if server.place.user:
        server.place.user.give(server.place.data / "standby.signal")
    server.child, port = _launch(server.place)
    try:
        assert port == server.port
        assert installation.sql("SELECT pg_is_in_recovery()") == [(True,)]
        assert_away(web.pieces())
        web.wait_until_not_ready("read_only")
    finally:
        installation.sql("SELECT pg_promote(true, 30)")
    assert web.pieces().status == 200
    assert web.sell("R-58", "after-promotion").status == 201
