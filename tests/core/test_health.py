"""What a probe is answered, to the letter, and what an anonymous caller never reads."""

import json
import threading
import time

import pytest
from django.test import Client
from django.urls import resolve

from apps.core import front, health
from apps.core.health import PLACES, Question, answer, answered
from apps.core.operators import COOKIE, give_pass
from apps.core.sampling import entry, names
from apps.core.sampling import station as stations
from apps.core.sampling.check import WORDS, Observation, Reading, State
from tests.core.probing import CANARIES, a_station, ask, bad, until

TOKEN = "t0ken-" + "x" * 40
GROUPS = ("live", "startup", "ready")


@pytest.fixture
def opened():
    """Open a station, and wait until each of its checks has been looked at."""
    made = []

    def open_station(found=None, **given):
        station = a_station(found, **given)
        made.append(station)
        station.open()
        until(lambda: station.sampler.has_seen_everything, what="first looks")
        return station

    yield open_station
    for station in made:
        station.close()


@pytest.fixture
def healthy(opened):
    return opened()


@pytest.fixture
def broken(opened):
    """A gate fails, and something else as well."""
    return opened({"database": bad("refused"), "cache": bad("unreachable"), "queue": bad("late")})


@pytest.fixture
def token(settings):
    settings.HEALTH = {**settings.HEALTH, "TOKEN": TOKEN}
    return TOKEN


class User:
    pk, is_active, is_staff = 7, True, True


def cookie_of(user):
    response = front.HttpResponse()
    give_pass(response, user)
    return f"{COOKIE}={response.cookies[COOKIE].value}"


def headers_of(given):
    return dict(given.headers)


class TestShortAnswer:
    def test_pass(self, healthy):
        for group in GROUPS:
            given = ask(healthy, f"/health/{group}/")
            assert (given.status, given.body) == (200, b'{"status":"pass"}')

    def test_headers(self, healthy):
        assert headers_of(ask(healthy, "/health/ready/")) == {
            "Content-Type": "application/health+json",
            "Content-Length": "17",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }

    def test_what_gates_nothing_warns_at_most(self, opened):
        station = opened({"cache": bad("unreachable"), "queue": bad("late", State.WARN)})

        given = ask(station, "/health/ready/")

        assert given.status == 200
        assert given.body == b'{"status":"warn","warnings":["cache","queue"]}'

    def test_a_gate_that_fails(self, opened):
        given = ask(opened({"database": bad("timeout")}), "/health/ready/")

        assert (given.status, given.body) == (503, b'{"status":"fail","failing":["database"]}')
        assert headers_of(given)["Retry-After"] == "5"

    def test_a_gate_that_warns_does_not_fail(self, opened):
        given = ask(opened({"temporary": bad("disk", State.WARN)}), "/health/ready/")

        assert (given.status, given.body) == (200, b'{"status":"warn","warnings":["temporary"]}')

    def test_failing_and_warnings(self, broken):
        given = ask(broken, "/health/ready/")

        assert json.loads(given.body) == {
            "status": "fail",
            "failing": ["database"],
            "warnings": ["cache", "queue"],
        }

    def test_no_dependency_ends_a_process_or_keeps_it_from_starting(self, broken):
        assert ask(broken, "/health/live/").body == b'{"status":"pass"}'
        assert ask(broken, "/health/startup/").body == b'{"status":"pass"}'

    def test_a_program_that_does_not_load_has_not_started(self, opened):
        station = opened({"program": bad("error")})

        assert ask(station, "/health/startup/").status == 503
        assert json.loads(ask(station, "/health/ready/").body)["failing"] == ["startup"]
        assert ask(station, "/health/live/").status == 200

    def test_before_the_first_look_has_ended(self):
        hold = threading.Event()
        station = a_station({"database": lambda: hold.wait(30) and Reading()})
        station.open()
        try:
            assert ask(station, "/health/live/").status == 200
            assert ask(station, "/health/startup/").status == 503
            assert json.loads(ask(station, "/health/ready/").body)["failing"][:1] == ["startup"]
        finally:
            hold.set()
            station.close()

    def test_draining(self, healthy):
        healthy.drain()

        given = ask(healthy, "/health/ready/")
        assert (given.status, given.body) == (503, b'{"status":"fail","failing":["draining"]}')
        assert ask(healthy, "/health/live/").status == 200

    def test_a_sampler_that_is_dead_fails_ready_first_and_then_live(self, opened):
        ahead = [0.0]
        station = opened(clock=lambda: time.monotonic() + ahead[0])
        station.sampler.stop()
        for thread in station.sampler._threads:
            thread.join(5)

        ahead[0] = 6
        assert "sampler" in json.loads(ask(station, "/health/ready/").body)["failing"]
        assert ask(station, "/health/live/").status == 200
        ahead[0] = 61
        assert ask(station, "/health/live/").body == b'{"status":"fail","failing":["sampler"]}'


class TestAddresses:
    def test_with_and_without_the_slash(self, broken):
        for path in ("/health/ready", "/health/live", "/health/startup", "/health/ready/database"):
            given, same = ask(broken, path), ask(broken, path + "/")
            assert (given.status, given.body) == (same.status, same.body)
            assert given.status in (200, 503)

    def test_one_check(self, broken):
        assert ask(broken, "/health/ready/database/").body == (
            b'{"status":"fail","failing":["database"]}'
        )
        assert ask(broken, "/health/ready/database/").status == 503
        assert ask(broken, "/health/ready/cache/").body == (
            b'{"status":"warn","warnings":["cache"]}'
        )
        assert ask(broken, "/health/ready/cache/").status == 200
        assert ask(broken, "/health/ready/disk/").body == b'{"status":"pass"}'
        assert ask(broken, "/health/live/sampler/").body == b'{"status":"pass"}'

    def test_a_check_of_another_kind_of_process(self, healthy):
        assert ask(healthy, "/health/ready/jobs/").status == 404

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/health",
            "/health/",
            "/health//live/",
            "/health/live//",
            "/health/LIVE/",
            "/health/live/database/",
            "/health/ready/../live/",
            "/health/ready/%64atabase/",
            "/health/ready/foo/",
            "/health/live/\0",
            "/xhealth/live/",
        ],
    )
    def test_nowhere_else(self, healthy, path):
        given = ask(healthy, path)

        assert (given.status, given.body) == (404, b"")

    def test_every_address_is_a_view_as_well(self):
        for path in PLACES:
            assert resolve(path).func is front.probe


class TestMethods:
    @pytest.mark.parametrize("path", sorted(PLACES))
    def test_head_is_get_without_a_body(self, broken, path):
        given = ask(broken, path, method="GET", loopback=True, port="probe")
        head = ask(broken, path, method="HEAD", loopback=True, port="probe")

        assert head.status == given.status
        assert head.body == b""
        if "detailed" not in path:  # its ages go on
            assert head.headers == given.headers

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"])
    def test_nothing_else(self, healthy, method):
        for group in (*GROUPS, "detailed"):
            given = ask(healthy, f"/health/{group}/", method=method)
            assert (given.status, given.body) == (405, b"")
            assert headers_of(given)["Allow"] == "GET, HEAD"


class TestText:
    def test_ok(self, healthy):
        given = ask(healthy, "/health/ready/", accept="text/plain")

        assert (given.status, given.body) == (200, b"ok\n")
        assert headers_of(given)["Content-Type"] == "text/plain; charset=utf-8"
        assert headers_of(given)["Cache-Control"] == "no-store"

    def test_a_warning_is_ok(self, opened):
        station = opened({"cache": bad("unreachable")})

        assert ask(station, "/health/ready/", accept="text/plain").body == b"ok\n"

    def test_a_failure_shows_its_lines_unasked(self, broken):
        given = ask(broken, "/health/ready/", accept="text/plain")

        assert given.status == 503
        assert b"[-]database failed: reason withheld\n" in given.body

    def test_verbose(self, broken):
        given = ask(broken, "/health/ready/", accept="text/plain", query="verbose")

        bad = {
            "database": "[-]database failed: reason withheld",
            "cache": "[~]cache degraded: reason withheld",
            "queue": "[~]queue degraded: reason withheld",
        }
        checks = [name for name in names.WEB if name != "program"]
        assert given.body.decode().splitlines() == [
            "[+]startup ok",
            "[+]draining ok",
            "[+]sampler ok",
            *(bad.get(name, f"[+]{name} ok") for name in checks),
            "readyz check failed",
        ]

    def test_verbose_when_all_is_well(self, healthy):
        lines = ask(healthy, "/health/live/", query="verbose").body.decode().splitlines()

        assert lines == ["[+]sampler ok", "[+]workers ok", "livez check passed"]

    @pytest.mark.parametrize("query", ["verbose", "verbose=", "verbose=1", "a=b&verbose=true"])
    def test_asked_for_in_each_way(self, healthy, query):
        assert ask(healthy, "/health/ready/", query=query).body.startswith(b"[+]")

    @pytest.mark.parametrize("query", ["verbose=0", "verbose=false", "xverbose", "Verbose"])
    def test_not_asked_for(self, healthy, query):
        assert ask(healthy, "/health/ready/", query=query).body == b'{"status":"pass"}'

    def test_who_wants_json_gets_it_whatever_else_is_asked(self, broken):
        given = ask(broken, "/health/ready/", accept="application/json", query="verbose")

        assert json.loads(given.body)["failing"] == ["database"]

    def test_who_may_know_reads_the_word(self, broken, token):
        given = ask(
            broken, "/health/ready/", query="verbose", authorization=f"Bearer {token}"
        ).body.decode()

        assert "[-]database failed: refused\n" in given
        assert "[~]cache degraded: unreachable\n" in given
        assert "withheld" not in given


class TestExclude:
    def test_a_gate_that_is_left_out_does_not_fail(self, broken):
        given = ask(broken, "/health/ready/", query="exclude=database")

        assert (given.status, given.body) == (
            200,
            b'{"status":"warn","warnings":["cache","queue"]}',
        )

    def test_several(self, broken):
        query = "exclude=database&exclude=cache&exclude=queue"

        assert ask(broken, "/health/ready/", query=query).body == b'{"status":"pass"}'

    def test_another_one_does_not_help(self, broken):
        assert ask(broken, "/health/ready/", query="exclude=cache").status == 503

    def test_lines(self, broken):
        lines = ask(
            broken,
            "/health/ready/",
            accept="text/plain",
            query="verbose&exclude=database&exclude=foo&exclude=b%22ar%0a",
        )

        assert lines.status == 200
        assert b"[+]database excluded: ok\n" in lines.body
        assert lines.body.endswith(
            b"warn: some health checks cannot be excluded: no matches for"
            b' "b\\"ar\\n", "foo"\nreadyz check passed\n'
        )

    def test_the_name_of_no_check_changes_nothing(self, broken):
        assert ask(broken, "/health/ready/", query="exclude=foo").status == 503

    @pytest.mark.parametrize("path", ["/health/ready/database/"])
    def test_one_check(self, broken, path):
        assert ask(broken, path, query="exclude=database").status == 200


GARBAGE = [
    "%",
    "%zz&exclude=%ff%fe%",
    "exclude",
    "exclude=",
    "exclude=%00\0",
    "=" * 65536,
    "exclude=" + "a" * 65536,
    "&exclude=x" * 6000,
    "verbose&" * 8000,
    "exclude=\u00e9\udcff",
    ";;;\r\n\t",
    "exclude=database%00",
]


@pytest.mark.parametrize("query", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("accept", ["", "text/plain"])
def test_garbage_in_the_query_changes_nothing(broken, healthy, query, accept):
    for path in ("/health/live/", "/health/ready/", "/health/startup/", "/health/ready/disk/"):
        assert ask(healthy, path, query=query, accept=accept).status == 200
    given = ask(broken, "/health/ready/", query=query + "&verbose", accept=accept)
    assert given.status == 503
    assert len(given.body) < 10_000


class TestWhoMayKnow:
    def test_strangers_learn_nothing_at_all(self, broken):
        for port in ("site", "probe"):
            given = ask(broken, "/health/detailed/", port=port)
            assert (given.status, given.body) == (401, b"")
            assert headers_of(given)["WWW-Authenticate"] == "Bearer"
            assert headers_of(given)["Content-Length"] == "0"
            assert headers_of(given)["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_the_bearer_of_the_token(self, healthy, token, scheme):
        assert ask(healthy, "/health/detailed/", authorization=f"{scheme} {token}").status == 200

    @pytest.mark.parametrize(
        "authorization",
        [
            "",
            "Bearer",
            "Bearer ",
            TOKEN,
            f"Basic {TOKEN}",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN.swapcase()}",
            f"Bearer {TOKEN} {TOKEN}",
            "Bearer \u00ff\u0100\udcff",
            "Bearer " + "x" * 100_000,
        ],
    )
    def test_nearly_the_token(self, healthy, token, authorization):
        assert ask(healthy, "/health/detailed/", authorization=authorization).status == 401

    def test_no_token_is_no_token_of_nothing(self, healthy, settings):
        settings.HEALTH = {**settings.HEALTH, "TOKEN": ""}

        for authorization in ("Bearer", "Bearer ", "Bearer  "):
            assert ask(healthy, "/health/detailed/", authorization=authorization).status == 401

    def test_an_operator(self, healthy):
        assert ask(healthy, "/health/detailed/", cookies=cookie_of(User())).status == 200

    def test_a_forged_pass(self, healthy):
        cookie = cookie_of(User())

        for forged in (cookie[:-1], cookie.replace("=7", "=8"), f"{COOKIE}=7", f"{COOKIE}="):
            assert ask(healthy, "/health/detailed/", cookies=forged).status == 401

    def test_this_machine_on_the_probe_port_alone(self, healthy):
        assert ask(healthy, "/health/detailed/", loopback=True, port="probe").status == 200
        assert ask(healthy, "/health/detailed/", loopback=True, port="site").status == 401
        assert ask(healthy, "/health/detailed/", loopback=False, port="probe").status == 401

    def test_the_token_is_compared_in_constant_time_and_in_no_other_way(self, token, monkeypatch):
        """A comparison that ends at the first difference tells how well a guess begins."""
        compared = []
        monkeypatch.setattr(health.hmac, "compare_digest", lambda *both: compared.append(both))
        question = Question(method="GET", path="/", authorization=f"Bearer {token}")

        assert not health.may_know(question), "let in by something else"
        assert compared == [(token.encode(), token.encode())]


@pytest.mark.parametrize("word", sorted(WORDS))
def test_an_anonymous_body_names_checks_and_nothing_else(opened, word):
    """Every word, on a gate and beside it, in every form of the answer."""
    station = opened({"database": bad(word), "cache": bad(word)})

    for path in PLACES:
        for accept in ("", "text/plain", "application/json", "text/html"):
            for query in ("", "verbose", "verbose&exclude=site&exclude=foo"):
                for port in ("site", "probe"):
                    given = ask(station, path, accept=accept, query=query, port=port)
                    told = given.body.decode() + repr(given.headers)
                    for canary in (*CANARIES, "Traceback", "tcp.refused", "PostgreSQL"):
                        assert canary not in told
                    assert f": {word}" not in told
                    assert f'"{word}"' not in told


class TestDetailed:
    @pytest.fixture
    def body(self, broken):
        given = ask(broken, "/health/detailed/", loopback=True, port="probe")
        assert given.status == 503
        assert headers_of(given)["Content-Type"] == "application/health+json"
        return json.loads(given.body)

    def test_the_keys_are_the_drafts_or_ours(self, body):
        drafts = {
            *("status", "version", "releaseId", "notes", "output", "checks", "links"),
            *("serviceId", "description"),
        }
        drafts_of_a_check = {
            *("componentId", "componentType", "observedValue", "observedUnit", "status"),
            *("affectedEndpoints", "time", "output", "links"),
        }
        for key in body:
            assert key in drafts or key.startswith("x")
        for name, entries in body["checks"].items():
            assert isinstance(entries, list), name
            for one in entries:
                assert all(key in drafts_of_a_check or key.startswith("x") for key in one), name
                assert ("output" in one) == (one["status"] != "pass"), name

    def test_the_whole(self, body):
        assert body["status"] == "fail"
        assert body["serviceId"] == "jewelry-shop-web"
        assert body["xGroup"] == {"live": "pass", "startup": "pass", "ready": "fail"}
        assert body["xDraining"] is False
        assert [note.split(" since ")[0] for note in body["notes"]] == [
            "database: refused",
            "cache: unreachable",
            "queue: late",
        ]
        assert body["checks"]["uptime"][0]["observedUnit"] == "s"
        (worker,) = body["xWorkers"]
        assert (worker["busy"], worker["slots"]) == (0, 4)

    def test_a_check(self, body):
        (database,) = body["checks"]["database:responseTime"]

        assert database["status"] == "fail"
        assert database["output"] == "refused"
        assert database["xFinding"] == "tcp.refused"
        assert database["xGroups"] == ["ready"]
        assert database["xCritical"] is True
        assert database["xDeadlineMs"] == 5000
        assert database["xConsecutive"] == 1
        assert database["observedUnit"] == "ms"

    def test_what_gates_nothing_may_fail_here(self, body):
        (cache,) = body["checks"]["cache:responseTime"]

        assert (cache["status"], cache["xCritical"]) == ("fail", False)

    def test_history_is_of_changes_and_the_newest_is_first(self, broken):
        body = json.loads(ask(broken, "/health/detailed/", loopback=True, port="probe").body)

        told = {(one["check"], one["from"], one["to"], one["output"]) for one in body["xHistory"]}
        assert ("database", "fail", "fail", "refused") in told
        times = [one["time"] for one in body["xHistory"]]
        assert times == sorted(times, reverse=True)

    def test_no_text_of_a_server_even_here(self, broken):
        told = ask(broken, "/health/detailed/", loopback=True, port="probe").body.decode()

        for canary in (*CANARIES, "Traceback"):
            assert canary not in told

    def test_what_was_measured(self, opened):
        station = opened(
            {
                "database": Reading(
                    observed=(
                        Observation(
                            measurement="database:responseTime",
                            value=4.2,
                            unit="ms",
                            component="primary",
                        ),
                        Observation(measurement="database:role", value="primary"),
                    )
                ),
                "certificates": Reading(
                    state=State.WARN,
                    word="expiring",
                    observed=(
                        Observation(measurement="tls:daysToExpiry", value=61, unit="d"),
                        Observation(
                            measurement="tls:daysToExpiry",
                            value=float("nan"),
                            unit="d",
                            component="pooler",
                            state=State.WARN,
                            word="expiring",
                        ),
                    ),
                ),
            }
        )
        checks = json.loads(
            ask(station, "/health/detailed/", loopback=True, port="probe").body,
            parse_constant=pytest.fail,
        )["checks"]

        (time_taken,) = checks["database:responseTime"]
        assert (time_taken["observedValue"], time_taken["componentId"]) == (4.2, "primary")
        assert checks["database:role"][0]["observedValue"] == "primary"
        good, ending = checks["tls:daysToExpiry"]
        assert (good["observedValue"], good["status"], "output" in good) == (61, "pass", False)
        assert (ending["observedValue"], ending["output"]) == (None, "expiring")

    def test_a_look_that_was_given_up_took_its_deadline(self, opened):
        station = opened({"database": bad("timeout")})

        body = json.loads(ask(station, "/health/detailed/", loopback=True, port="probe").body)
        assert body["checks"]["database:responseTime"][0]["observedValue"] == 5000

    def test_pass_and_warn_are_200(self, opened, healthy):
        station = opened({"cache": bad("unreachable")})

        given = ask(station, "/health/detailed/", loopback=True, port="probe")
        assert (given.status, json.loads(given.body)["status"]) == (200, "warn")
        given = ask(healthy, "/health/detailed/", loopback=True, port="probe")
        assert (given.status, json.loads(given.body)["status"]) == (200, "pass")

    def test_draining(self, healthy):
        healthy.drain()

        given = ask(healthy, "/health/detailed/", loopback=True, port="probe")
        body = json.loads(given.body)
        assert (given.status, body["xDraining"]) == (503, True)
        assert body["checks"]["draining"][0]["output"] == "draining"

    def test_the_release_if_there_is_one(self, healthy, settings, body):
        assert "releaseId" not in body
        settings.HEALTH = {**settings.HEALTH, "RELEASE": "2026.11.23-ab12cd3"}

        told = json.loads(ask(healthy, "/health/detailed/", loopback=True, port="probe").body)
        assert told["releaseId"] == "2026.11.23-ab12cd3"


def test_each_answer_is_counted(broken):
    def probe(path, **given):
        answered(Question(method=given.pop("method", "GET"), path=path, **given), broken)

    probe("/health/ready/")
    probe("/health/ready")
    probe("/health/live/")
    probe("/health/live/", method="POST")
    probe("/health/ready/disk/", query="verbose")
    probe("/health/detailed/")
    probe("/somewhere/")

    assert broken.probes == {
        ("/health/ready/", 503): 2,
        ("/health/live/", 200): 1,
        ("/health/live/", 405): 1,
        ("/health/ready/disk/", 200): 1,
        ("/health/detailed/", 401): 1,
    }


def test_an_answer_costs_no_query_no_file_and_next_to_no_time(broken, django_assert_num_queries):
    """A few tens of microseconds; ten times that is a fault and no noise."""
    question = Question(method="GET", path="/health/ready/")
    best = []
    for _ in range(20):
        begun = time.perf_counter()
        for _ in range(20):
            answer(question, broken)
        best.append((time.perf_counter() - begun) / 20)

    assert min(best) < 0.0005


class TestViews:
    """For servers that do not go through config.wsgi."""

    @pytest.fixture
    def here(self):
        entry.close()
        station = stations.opened(lambda: a_station({"cache": bad("unreachable")}))
        until(lambda: station.sampler.has_seen_everything, what="first looks")
        yield station
        entry.close()

    def test_the_same_answer(self, here, client):
        for group in GROUPS:
            given, same = client.get(f"/health/{group}/"), ask(here, f"/health/{group}/")
            assert (given.status_code, given.content) == (same.status, same.body)
            for name, value in same.headers:
                assert given[name] == value

    def test_head(self, here, client):
        given = client.head("/health/ready/")
        assert (given.status_code, given.content) == (200, b"")
        assert given["Content-Length"] == "38"

    def test_no_form_is_asked_for_a_token(self, here):
        assert Client(enforce_csrf_checks=True).post("/health/ready/").status_code == 405

    def test_an_operator_s_pass(self, here, client):
        assert client.get("/health/detailed/").status_code == 401
        client.cookies[COOKIE] = cookie_of(User()).partition("=")[2]
        assert client.get("/health/detailed/").status_code == 200

    def test_it_asks_no_database(self, here, client):
        # Without the mark a query would fail this test.
        client.cookies["sessionid"] = "whatever"
        assert client.get("/health/ready/").status_code == 200
