"""The checks' own way to the database: one session, and an end to every wait."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest

from apps.core.database.login import Login
from apps.core.sampling import dial
from apps.core.sampling.link import RENEWED_AFTER_S, Away
from apps.core.sampling.waiting import Late, Phase
from local.roles import APP
from tests.core.probing import until
from tests.core.sampling.conftest import black_hole, broken_by, closed_port, frozen
from tests.health.links import Proxy
from tests.paths.authority import Authority

# On a noisy machine; a driver's own limit would be 2 s at the least.
SOON_S = 0.5
LONG_S = 30.0


@contextmanager
def soon(within_s=SOON_S):
    began_s = time.monotonic()
    yield
    assert time.monotonic() - began_s < within_s


@contextmanager
def silent(secured_with=None):
    """A port that accepts and says nothing; with a certificate, nothing after TLS."""
    held = []

    def serve(listening):
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            held.append(link)
            if secured_with is not None:
                link.recv(8)
                link.sendall(b"S")
                held.append(secured_with.wrap_socket(link, server_side=True))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for one in held:
        one.close()


@contextmanager
def silent_after_tls(authority, tmp_path):
    pair = authority.issue()
    (tmp_path / "tls.pem").write_bytes(pair.certificate + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem")
    with silent(context) as port:
        yield port


@pytest.fixture
def deaf_resolver(monkeypatch):
    """The system's resolver hangs until the test ends."""
    end = threading.Event()
    asked = []

    def hang(*about, **how):
        asked.append(about)
        end.wait(LONG_S)
        raise OSError("the test is over")

    monkeypatch.setattr(dial.socket, "getaddrinfo", hang)
    yield asked
    end.set()


class TestOneSession:
    def test_five_hundred_questions(self, link):
        pids = {link.ask("SELECT pg_backend_pid()", within_s=LONG_S).row[0] for _ in range(500)}

        assert len(pids) == 1
        assert link.sessions == 1

    def test_it_goes_where_django_goes(self, link):
        answer = link.ask(
            "SELECT current_user::text, ssl, application_name, current_database()::text"
            " FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()",
            within_s=LONG_S,
        )

        assert answer.row == (APP, True, "jewelry-shop health", "jewelry_shop")
        assert answer.encrypted
        assert 0 < answer.took_s < SOON_S

    def test_parameters_are_no_text_of_the_statement(self, link):
        answer = link.ask("SELECT %s::text, %s::int", ["'; --", 4], within_s=LONG_S)

        assert answer.row == ("'; --", 4)

    def test_a_refused_statement_costs_no_session(self, link):
        with pytest.raises(psycopg.errors.UndefinedTable):
            link.ask("SELECT FROM nowhere", within_s=LONG_S)

        assert link.ask("SELECT 1", within_s=LONG_S).row == (1,)
        assert link.sessions == 1

    def test_one_that_was_ended_meanwhile_is_replaced_unnoticed(self, link, primary):
        """A restart of the pooler, or a firewall's memory: the database itself is well."""
        (pid,) = link.ask("SELECT pg_backend_pid()", within_s=LONG_S).row
        with primary.superuser() as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        assert link.ask("SELECT pg_backend_pid()", within_s=LONG_S).row != (pid,)
        assert link.sessions == 2

    def test_behind_a_pooler_nothing_hangs_on_one_server(self, links, pooled):
        one, other = links(pooled), links(pooled)
        for number in range(30):
            assert one.ask("SELECT %s::int", [number], within_s=LONG_S).row == (number,)
            assert other.ask("SELECT %s::int", [number], within_s=LONG_S).row == (number,)

        assert (one.sessions, other.sessions) == (1, 1)


class TestAnEndToEveryWait:
    """Each with a deadline, and each cut short long before one."""

    @pytest.fixture(
        params=["resolving", "connecting", "securing", "login", "answer"],
    )
    def hanging(self, request, links, primary, authority, tmp_path):
        """A link that hangs, and where it does."""
        phase = request.param
        if phase == "resolving":
            request.getfixturevalue("deaf_resolver")
            yield links(primary), phase
        elif phase == "connecting":
            with black_hole() as port:
                yield links(primary, PORT=port), phase
        elif phase == "securing":
            with silent() as port:
                yield links(primary, PORT=port), phase
        elif phase == "login":
            with silent_after_tls(authority, tmp_path) as port:
                yield links(primary, PORT=port), phase
        else:
            link = links(primary)
            link.ask("SELECT 1", within_s=LONG_S)
            with frozen(primary):
                yield link, phase

    def test_the_deadline(self, hanging):
        link, phase = hanging
        with soon(0.3 + SOON_S), pytest.raises(Late) as late:
            link.ask("SELECT 1", within_s=0.3, urgent=True)

        assert late.value.phase is Phase(phase)

    def test_cut_short(self, hanging):
        link, phase = hanging
        ended = []

        def ask():
            try:
                link.ask("SELECT 1", within_s=LONG_S)
            except psycopg.Error as failure:
                ended.append((time.monotonic(), failure))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive(), "nothing hangs"
        cut_at = time.monotonic()
        link.cut()
        thread.join(LONG_S)

        ((at, failure),) = ended
        assert isinstance(failure, Late)
        assert failure.phase is Phase(phase)
        assert at - cut_at < SOON_S

    def test_a_frozen_server_that_thaws(self, link, primary):
        link.ask("SELECT 1", within_s=LONG_S)
        with frozen(primary):
            for _ in range(2):  # with the kept session, then with none
                with soon(0.2 + SOON_S), pytest.raises(Late):
                    link.ask("SELECT 1", within_s=0.2, urgent=True)

        assert link.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)

    def test_a_login_that_takes_longer_than_a_question_may(self, links, primary):
        """It goes on at the next look: else a slow server would be away for ever."""
        proxy = Proxy(primary.port)
        proxy.delay_s = 0.05  # each way, and a login goes there and back half a dozen times
        try:
            link, late = links(primary, PORT=proxy.port), 0
            for _ in range(10):
                try:
                    link.ask("SELECT 1", within_s=0.25, urgent=True)
                    break
                except Late:
                    late += 1
            assert 0 < late < 10
            assert (link.sessions, proxy.opened) == (1, 1)
            link.cut()
        finally:
            proxy.close()

    def test_a_login_that_was_lost_is_begun_anew(self, links, primary, monkeypatch):
        monkeypatch.setattr(dial, "_ATTEMPTED_FOR_S", 0.3)
        with silent() as port:
            link = links(primary, PORT=port)
            with pytest.raises(Late):
                link.ask("SELECT 1", within_s=0.4, urgent=True)
            link._database["PORT"] = primary.port
            assert link.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)

    def test_a_late_answer_is_nobodys_and_costs_no_session(self, link):
        (pid,) = link.ask("SELECT pg_backend_pid()", within_s=LONG_S).row
        with pytest.raises(Late):
            link.ask("SELECT pg_sleep(0.3), 'late'", within_s=0.2)

        assert link.ask("SELECT 1", within_s=LONG_S).row == (1,)
        assert link.ask("SELECT pg_backend_pid()", within_s=LONG_S).row == (pid,)
        assert link.sessions == 1

    def test_a_late_refusal_is_nobodys_either(self, link):
        link.ask("SELECT 1", within_s=LONG_S)
        with pytest.raises(Late):
            link.ask("SELECT 1 / length(pg_sleep(0.3)::text)", within_s=0.2)

        assert link.ask("SELECT 1", within_s=LONG_S).row == (1,)
        assert link.sessions == 1

    def test_a_slow_statement(self, link):
        with soon(0.2 + SOON_S), pytest.raises(Late):
            link.ask("SELECT pg_sleep(20)", within_s=0.2)

        # Its answer, should it come, is nobody's any more.
        assert link.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)

    def test_a_stuck_resolver_holds_one_thread_however_often_one_asks(
        self, links, primary, deaf_resolver
    ):
        link = links(primary)
        before = threading.active_count()
        for _ in range(5):
            with pytest.raises(Late):
                link.ask("SELECT 1", within_s=0.05, urgent=True)

        assert len(deaf_resolver) == 1
        assert threading.active_count() <= before + 1

    def test_nobody_asks(self, link):
        link.ask("SELECT 1", within_s=LONG_S)

        link.cut()
        link.cut()

        assert link.ask("SELECT 1", within_s=LONG_S).row == (1,)
        assert link.sessions == 2


class TestRefusals:
    @pytest.mark.parametrize("urgent", [True, False])
    def test_nobody_listens(self, links, primary, urgent):
        link = links(primary, PORT=closed_port())
        with soon(), pytest.raises(psycopg.OperationalError, match="refused"):
            link.ask("SELECT 1", within_s=LONG_S, urgent=urgent)

    def test_wrong_password(self, links, primary):
        link = links(primary, PASSWORD="wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            link.ask("SELECT 1", within_s=LONG_S)

    def test_an_impostor(self, links, primary, tmp_path):
        """The server's certificate is of another authority than the link's."""
        other = tmp_path / "other.crt"
        other.write_bytes(Authority("another").pem)
        link = links(primary)
        link._database["OPTIONS"]["sslrootcert"] = str(other)
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            link.ask("SELECT 1", within_s=LONG_S)

    def test_a_name_that_nobody_has(self, links, primary):
        link = links(primary, HOST="nowhere.invalid")
        with pytest.raises(psycopg.OperationalError, match="failed to resolve host"):
            link.ask("SELECT 1", within_s=LONG_S)

    @pytest.mark.parametrize("host", ["a" * 64 + ".example", ".", "a..b"])
    def test_a_name_that_is_none(self, links, primary, host):
        link = links(primary, HOST=host)
        with pytest.raises(psycopg.OperationalError):
            link.ask("SELECT 1", within_s=LONG_S)

    def test_the_second_address_when_nobody_is_at_the_first(self, links, primary, monkeypatch):
        entries = [(0, 0, 0, "", (address, 0)) for address in ("127.0.0.9", "127.0.0.1")]
        monkeypatch.setattr(dial.socket, "getaddrinfo", lambda *about, **how: entries)

        assert links(primary).ask("SELECT 1", within_s=LONG_S).row == (1,)

    def test_the_second_address_when_the_first_is_a_black_hole(self, links, primary, monkeypatch):
        with black_hole() as hole:
            ports = iter([hole, primary.port])
            entries = [(0, 0, 0, "", (address, 0)) for address in ("127.0.0.1", "127.0.0.1 ")]
            monkeypatch.setattr(dial.socket, "getaddrinfo", lambda *about, **how: entries)
            begin = dial.Attempt
            monkeypatch.setattr(
                dial,
                "Attempt",
                lambda given: begin({**given, "hostaddr": "127.0.0.1", "port": next(ports)}),
            )

            assert links(primary).ask("SELECT 1", within_s=2.0).row == (1,)


class TestTurns:
    def test_one_that_failed_is_opened_again_by_who_is_urgent(self, links, primary):
        link = links(primary, PORT=closed_port())
        with pytest.raises(psycopg.OperationalError, match="refused"):
            link.ask("SELECT 1", within_s=LONG_S, urgent=True)
        link._database["PORT"] = primary.port

        with pytest.raises(Away) as away:
            link.ask("SELECT 1", within_s=LONG_S)
        assert "refused" in str(away.value.__cause__)
        assert link.sessions == 0

        assert link.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)
        assert link.ask("SELECT 1", within_s=LONG_S).row == (1,)

    def test_what_one_side_question_stumbles_over_stops_no_other(self, link):
        with pytest.raises(Late):
            link.ask("SELECT pg_sleep(20)", within_s=0.1)

        assert link.ask("SELECT 1", within_s=LONG_S).row == (1,)

    def test_who_is_urgent_waits_for_one_question_at_most(self, link):
        link.ask("SELECT 1", within_s=LONG_S)
        order = []

        def ask(name, query, *, urgent=False):
            link.ask(query, within_s=LONG_S, urgent=urgent)
            order.append(name)

        threads = [threading.Thread(target=ask, args=("first", "SELECT pg_sleep(0.5)"))]
        threads[0].start()
        time.sleep(0.1)
        threads += [
            threading.Thread(target=ask, args=(f"side {number}", "SELECT pg_sleep(0.1)"))
            for number in range(4)
        ]
        for thread in threads[1:]:
            thread.start()
        time.sleep(0.1)
        ask("urgent", "SELECT 1", urgent=True)
        for thread in threads:
            thread.join(LONG_S)

        assert order[:2] == ["first", "urgent"]
        assert len(order) == 6

    def test_a_turn_that_does_not_come(self, link):
        link.ask("SELECT 1", within_s=LONG_S)
        thread = threading.Thread(
            target=link.ask, args=("SELECT pg_sleep(0.5)",), kwargs={"within_s": LONG_S}
        )
        thread.start()
        time.sleep(0.1)
        with soon(), pytest.raises(Late) as late:
            link.ask("SELECT 1", within_s=0.1)
        thread.join(LONG_S)

        assert late.value.phase is Phase.TURN
        assert link.sessions == 1  # who only waited breaks nothing


class TestRenewal:
    @pytest.fixture
    def now(self):
        return [1000.0]

    @pytest.fixture
    def aging(self, links, primary, now):
        link = links(primary, clock=lambda: now[0])
        link.ask("SELECT 1", within_s=LONG_S, urgent=True)
        return link

    def test_an_old_session_is_exchanged(self, aging, now, primary):
        now[0] += RENEWED_AFTER_S - 1
        (first,) = aging.ask("SELECT pg_backend_pid()", within_s=LONG_S, urgent=True).row
        assert aging.sessions == 1

        now[0] += 1
        aging.ask("SELECT 1", within_s=LONG_S, urgent=True)
        (second,) = aging.ask("SELECT pg_backend_pid()", within_s=LONG_S, urgent=True).row
        assert aging.sessions == 2
        with primary.superuser() as superuser:
            left = "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)"
            until(  # the server is told that one hung up
                lambda: superuser.execute(left, [[first, second]]).fetchall() == [(second,)],
                what="the old session stayed",
            )

    def test_side_questions_have_no_time_for_it(self, aging, now):
        now[0] += RENEWED_AFTER_S
        aging.ask("SELECT 1", within_s=LONG_S)
        assert aging.sessions == 1

    def test_while_none_can_be_had_the_old_one_goes_on(self, aging, now, primary):
        aging._database["PASSWORD"] = "wrong"
        now[0] += RENEWED_AFTER_S

        assert aging.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)
        assert aging.not_renewed is None
        assert aging.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)
        assert "password authentication failed" in str(aging.not_renewed)
        assert aging.sessions == 1

        aging._database["PASSWORD"] = primary.passwords[APP]
        now[0] += 5
        assert aging.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)
        assert aging.not_renewed is None
        assert aging.sessions == 2

    def test_a_frozen_renewal_leaves_time_for_the_question(self, aging, now, primary):
        with black_hole() as hole:
            aging._database["PORT"] = hole
            now[0] += RENEWED_AFTER_S

            for _ in range(2):
                assert aging.ask("SELECT 1", within_s=0.4, urgent=True).row == (1,)
            assert isinstance(aging.not_renewed, Late)

    def test_a_renewal_that_never_ends_is_told(self, aging, now):
        with silent() as port:
            aging._database["PORT"] = port
            now[0] += RENEWED_AFTER_S
            assert aging.ask("SELECT 1", within_s=0.4, urgent=True).row == (1,)
            assert aging.not_renewed is None
            now[0] += 5
            assert aging.ask("SELECT 1", within_s=0.4, urgent=True).row == (1,)
            assert isinstance(aging.not_renewed, Late)
            assert aging.sessions == 1

    def test_a_renewed_secret(self, links, primary):
        fresh = {"password": "old"}
        link = links(primary, PASSWORD="old", LOGIN=lambda: Login(APP, fresh["password"]))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            link.ask("SELECT 1", within_s=LONG_S, urgent=True)

        fresh["password"] = primary.passwords[APP]
        assert link.ask("SELECT 1", within_s=LONG_S, urgent=True).row == (1,)
        assert link._database["PASSWORD"] == primary.passwords[APP]


def test_the_password_is_in_no_text(links, primary):
    link = links(primary)
    with (
        broken_by(primary, f"ALTER ROLE {APP} NOLOGIN", mended_by=[f"ALTER ROLE {APP} LOGIN"]),
        pytest.raises(psycopg.OperationalError) as refused,
    ):
        link.ask("SELECT 1", within_s=LONG_S)

    assert primary.passwords[APP] not in f"{refused.value!r} {link!r}"
    assert link.secrets == (primary.passwords[APP],)
