"""What stands before Django: the real application, called as gunicorn calls it."""

import io
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from django.db import OperationalError
from django.http import HttpResponse, StreamingHttpResponse

from apps.core.front import FrontDoor
from apps.core.sampling import entry
from apps.core.sampling import station as stations
from config.wsgi import application
from tests.core.probing import a_station, bad, until


@pytest.fixture
def here():
    """This process's station; its only gate that fails is the database's."""
    entry.close()
    station = stations.opened(lambda: a_station({"database": bad("refused")}))
    until(lambda: station.sampler.has_seen_everything, what="first looks")
    yield station
    entry.close()


class Called:
    """One request as WSGI has it."""

    def __init__(self, app, path="/", *, method="GET", check=True, **environ):
        self.environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "10.1.2.3",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        } | environ
        self.response = (validator(app) if check else app)(self.environ, self._start)

    def _start(self, status, headers, exc_info=None):
        self.status, self.headers = int(status.split(" ")[0]), dict(headers)
        return lambda data: None

    def read(self):
        self.body = b"".join(self.response)
        if hasattr(self.response, "close"):
            self.response.close()
        return self


@pytest.fixture
def as_in_production(settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = []


class TestProbes:
    @pytest.mark.parametrize(
        "environ",
        [
            {"HTTP_HOST": "10.1.2.3:8000"},
            {"HTTP_HOST": "[fd00::1]:8000", "SERVER_NAME": "fd00::1"},
            {"HTTP_HOST": ""},
            {"HTTP_HOST": "shop.example"},
            {"HTTP_HOST": "a b<>"},
            {},
            {"SERVER_PROTOCOL": "HTTP/1.0"},
            {
                "HTTP_X_FORWARDED_PROTO": "http",
                "HTTP_X_FORWARDED_FOR": "127.0.0.1",
                "HTTP_X_FORWARDED_HOST": "evil.example",
            },
            {"HTTP_USER_AGENT": "kube-probe/1.34", "HTTP_ACCEPT": "*/*"},
            {"HTTP_COOKIE": "sessionid=whatever; language=fa"},
        ],
        ids=lambda environ: "+".join(environ) or "nothing",
    )
    def test_whoever_calls_them_by_whatever_name(self, here, as_in_production, environ):
        for group, status in (("live", 200), ("startup", 200), ("ready", 503)):
            called = Called(application, f"/health/{group}/", **environ).read()
            assert called.status == status
            assert called.body.startswith(b'{"status":')
            assert not {"Location", "Set-Cookie", "Vary"} & set(called.headers)

    def test_without_the_slash(self, here, as_in_production):
        assert Called(application, "/health/live").read().status == 200

    def test_who_lies_about_where_they_are_learns_nothing(self, here):
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"):
            lying = {name: "127.0.0.1", "HTTP_HOST": "localhost"}
            assert Called(application, "/health/detailed/", **lying).read().status == 401

    def test_head_and_post(self, here, as_in_production):
        head = Called(application, "/health/live/", method="HEAD", check=False).read()
        assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "17")
        assert Called(application, "/health/live/", method="POST").read().status == 405

    def test_no_line_in_the_log_and_no_query(self, here, caplog):
        # Without the mark a query would fail this test.
        Called(application, "/health/live/").read()
        Called(application, "/health/ready/").read()

        assert not caplog.records

    def test_they_are_counted_and_hold_no_slot(self, here):
        seen = []
        Called(lambda *given: seen.append(here.requests.load().busy) or application(*given),
               "/health/live/", check=False).read()  # fmt: skip
        assert here.probes["/health/live/", 200] == 1
        assert here.requests._number == 0

    @pytest.mark.django_db
    @pytest.mark.parametrize("path", ["/health/", "/health/ready/foo/", "/metrics/", "/drain/"])
    def test_what_only_looks_like_one_is_a_page_like_any_other(self, here, path):
        called = Called(application, path, HTTP_HOST="localhost").read()

        assert called.status == 404
        assert b"<html" in called.body

    def test_nor_does_it_get_past_the_check_of_the_host(self, here, as_in_production, db):
        assert Called(application, "/health/ready/foo/").read().status in (301, 400)


class TestRequests:
    """A slot is held from the first line of a request to the last byte of its answer."""

    def busy_during(self, here, app):
        seen = []

        def telling(environ, start_response):
            seen.append(here.requests.load().busy)
            return app(environ, start_response)

        return seen, FrontDoor(telling)

    def test_counted_in_and_out(self, here):
        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return iter([b"a", b"b"])

        seen, door = self.busy_during(here, app)

        called = Called(door)
        assert (seen, here.requests.load().busy) == ([1], 1)
        assert called.read().body == b"ab"
        assert here.requests.load().busy == 0

    def test_who_waits_for_the_client_says_so(self, here):
        """From the first byte asked for to the last that came."""

        class Slow(io.BytesIO):
            def read(self, *size):
                listening.append(len(here.requests._with_client))
                return super().read(*size)

        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            said = environ["wsgi.input"]
            return [said.readline(100), said.read(2), b"".join(said)]

        listening = []
        given = Slow(b"one\ntwo\nthree\n")
        called = Called(
            FrontDoor(app),
            method="POST",
            check=False,
            **{"wsgi.input": given, "CONTENT_LENGTH": "14"},
        )

        assert called.read().body == b"one\ntwo\nthree\n"
        assert listening == [1]
        assert not here.requests._with_client

    def test_who_reads_an_answer_slowly_is_waited_for(self, here, db):
        """A page and a file are there as a whole; what is made on the way waits between parts."""

        def stuck_s():
            now_s[0] += 100
            return here.requests.load().stuck_for_s(at_s=now_s[0])

        def made_on_the_way():
            for part in (b"a", b"b"):
                made.append(stuck_s())
                yield part

        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return next(responses)

        made, now_s = [], [0]
        here.requests.slots, here.requests._clock = 1, lambda: now_s[0]
        file = FileWrapper(io.BytesIO(b"page"))
        responses = iter([HttpResponse("page"), file, StreamingHttpResponse(made_on_the_way())])
        for _ in range(2):
            called = Called(FrontDoor(app), check=False)
            assert (here.requests.load().busy, stuck_s()) == (1, 0)
            called.read()
            assert here.requests.load().busy == 0

        called = Called(FrontDoor(app), check=False)
        for part, sent in zip((b"a", b"b"), called.response, strict=True):
            assert (sent, stuck_s()) == (part, 0)
        assert made == [100, 100]
        called.response.close()
        assert here.requests.load().busy == 0

    def test_an_application_that_fails(self, here):
        def app(environ, start_response):
            raise OperationalError("away")

        seen, door = self.busy_during(here, app)

        with pytest.raises(OperationalError):
            Called(door)
        assert (seen, here.requests.load().busy) == ([1], 0)

    def test_a_response_whose_close_fails(self, here):
        class Response(list):
            def close(self):
                raise ValueError

        def app(environ, start_response):
            start_response("200 OK", [])
            return Response([b""])

        _, door = self.busy_during(here, app)

        with pytest.raises(ValueError):  # noqa: PT011 - it has no words
            Called(door, check=False).read()
        assert here.requests.load().busy == 0

    def test_a_client_that_goes_away_in_the_middle(self, here):
        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return iter([b"a", b"b"])

        _, door = self.busy_during(here, app)

        called = Called(door, check=False)
        next(iter(called.response))
        called.response.close()
        called.response.close()
        assert here.requests.load().busy == 0

    def test_a_list_has_no_close_and_takes_none(self, here):
        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"a"]

        _, door = self.busy_during(here, app)

        assert Called(door).read().body == b"a"
        assert here.requests.load().busy == 0

    def test_a_file_is_still_sent_by_the_server(self, here, tmp_path):
        """gunicorn uses the kernel's sendfile for its own wrapper alone."""
        file = (tmp_path / "page").open("wb+")
        wrapped = FileWrapper(file)

        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return wrapped

        _, door = self.busy_during(here, app)

        called = Called(door, check=False)
        assert called.response is wrapped
        called.read()
        assert file.closed
        assert here.requests.load().busy == 0

    def test_a_page_of_django(self, here, db):
        called = Called(application, "/accounts/login/", HTTP_HOST="localhost")

        assert here.requests.load().busy == 1
        called.read()
        assert called.status == 200
        assert here.requests.load().busy == 0
