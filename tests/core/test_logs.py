"""Log lines: one JSON object an event, ours and the libraries', and no secret in them."""

import json
import logging
from io import StringIO

import pytest
import structlog

from apps.core.logs import logging_for

SECRET = "pl4nted-secret"


@pytest.fixture
def written():
    """Write as production does, for one test, beside what the tests' own settings write."""
    before = structlog.get_config()
    form = dict(logging_for(level="INFO", as_json=True)["formatters"]["line"])
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(form.pop("()")(**form))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel("INFO")
    structlog.contextvars.clear_contextvars()
    yield stream
    structlog.contextvars.clear_contextvars()
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.configure(**before)


@pytest.fixture
def lines(written):
    """The lines so far, each parsed."""
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_our_lines(lines):
    structlog.get_logger("apps.sales").info("sale_finished", number="1-000042")

    (line,) = lines()
    assert line["event"] == "sale_finished"
    assert line["number"] == "1-000042"
    assert (line["level"], line["logger"]) == ("info", "apps.sales")
    assert line["timestamp"].endswith("Z")


def test_lines_of_libraries_have_the_same_form(lines):
    logging.getLogger("some.package").warning("it says %s", "so")

    (line,) = lines()
    assert (line["event"], line["level"]) == ("it says so", "warning")


def test_request_and_shop_are_in_every_line(lines):
    with structlog.contextvars.bound_contextvars(request_id="r1", shop_id=7):
        structlog.get_logger("apps.sales").info("ours")
        logging.getLogger("some.package").info("theirs")

    assert [(line["request_id"], line["shop_id"]) for line in lines()] == [("r1", 7), ("r1", 7)]


def test_persian_stays_readable(written):
    logging.getLogger("apps.sales").info("انگشتر")

    assert "انگشتر" in written.getvalue()


def test_a_traceback_holds_no_local_variable(lines):
    """A password on its way to the database is a local variable of some frame."""

    def fail():
        password = SECRET  # noqa: F841  # what a traceback must not show
        raise RuntimeError("no reason")

    try:
        fail()
    except RuntimeError:
        structlog.get_logger("apps.sales").exception("it_failed")

    (line,) = lines()
    assert line["exception"][0]["exc_type"] == "RuntimeError"
    assert SECRET not in json.dumps(line)


def test_debug_is_left_out_at_info(lines):
    logging.getLogger("some.package").debug("chatter")
    structlog.get_logger("apps.sales").debug("chatter")

    assert lines() == []


def test_for_people():
    form = logging_for(level="INFO", as_json=False)["formatters"]["line"]
    assert not any(
        isinstance(step, structlog.processors.JSONRenderer) for step in form["processors"]
    )


@pytest.mark.django_db
def test_a_request_is_logged_with_its_shop_and_without_its_token(client, owner, lines):
    from tests import make

    token = make.token(of=owner)
    client.get("/api/v1/pieces", headers={"Authorization": f"Bearer {token}"})

    told = lines()
    finished = next(line for line in told if line["event"] == "request_finished")
    assert finished["code"] == 200
    assert finished["shop_id"] == owner.shop_id
    assert finished["user_id"] == owner.user_id
    assert token not in json.dumps(told)


@pytest.mark.django_db
def test_a_password_is_in_no_line(client, owner, lines):
    client.post("/accounts/login/", {"login": owner.user.username, "password": SECRET})

    assert SECRET not in json.dumps(lines())


def test_what_was_looked_for_is_in_no_line(client, owner, lines):
    """Somebody reads a paper's whole number into the search: a log is no place for it."""
    client.force_login(owner.user)

    client.get("/customers/", {"search": "784-1990-1234567-1"})

    told = lines()
    assert "GET /customers/" in [line.get("request") for line in told]
    assert "1234567" not in json.dumps(told)


def test_a_request_is_one_line(lines):
    log = structlog.get_logger("django_structlog")
    log.info("request_started", request="GET /")
    log.info("request_finished", request="GET /")

    assert [line["event"] for line in lines()] == ["request_finished"]
