"""A renewed login is taken up when the old one fails: whole, once, and without a word of it."""

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import InternalError, OperationalError, connection
from django.test import RequestFactory

from apps.core import pages
from apps.core.database.login import Login, renewed, settled
from apps.core.database.params import LinkRefused
from apps.core.database.postgresql.base import DatabaseWrapper, ReadOnly

OLD, NEW = Login("jewelry_app", "0ld-secret"), Login("jewelry_app_2", "n3w-secret")


class TestRenewed:
    def database(self, read):
        return {"USER": OLD.user, "PASSWORD": OLD.password, "LOGIN": read}

    def test_is_kept_for_the_connections_to_come(self):
        database = self.database(lambda: NEW)

        assert renewed(database, tried=OLD) == NEW
        assert (database["USER"], database["PASSWORD"]) == (NEW.user, NEW.password)
        assert renewed(database, tried=NEW) is None

    def test_is_none_where_nothing_has_changed(self):
        assert renewed(self.database(lambda: OLD), tried=OLD) is None

    def test_is_none_without_a_source(self):
        assert renewed({"USER": "x", "PASSWORD": "y"}, tried=OLD) is None

    @pytest.mark.parametrize("refusal", [LinkRefused, ImproperlyConfigured])
    def test_a_source_that_cannot_be_read_is_logged(self, refusal, caplog):
        def read():
            raise refusal("APP_DB_PASSWORD is not set.")

        database = self.database(read)
        assert renewed(database, tried=OLD) is None
        assert database["PASSWORD"] == OLD.password
        assert "APP_DB_PASSWORD is not set." in caplog.text

    def test_no_password_is_shown(self, caplog):
        caplog.set_level("DEBUG")
        renewed(self.database(lambda: NEW), tried=OLD)

        assert "jewelry_app_2" in caplog.text
        for text in (caplog.text, repr(OLD), repr(NEW)):
            assert OLD.password not in text
            assert NEW.password not in text


class TestSettled:
    def test_files_exchanged_while_they_are_read(self):
        """The old name with the new password was never anybody's login."""
        readings = iter([Login(OLD.user, NEW.password), NEW, NEW])
        assert settled(lambda: next(readings)) == NEW

    def test_ends_even_when_they_change_for_ever(self):
        count = iter(range(1000))
        settled(lambda: Login("same", str(next(count))))
        assert next(count) < 10


@pytest.fixture
def another(transactional_db):
    """A connection of its own to the tests' database, with settings of its own."""
    made = DatabaseWrapper(dict(connection.settings_dict), alias="default")
    yield made
    made.close()


def backend_of(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


class TestBackend:
    def test_logs_in_again_with_what_the_source_holds(self, another):
        link = another.settings_dict
        right = Login(link["USER"], link["PASSWORD"])
        asked = []
        link |= {"PASSWORD": "yesterday's", "LOGIN": lambda: asked.append(1) or right}

        assert backend_of(another)
        assert asked
        assert link["PASSWORD"] == right.password

    def test_tries_no_third_time(self, another, monkeypatch):
        tried = []
        real = psycopg.Connection.connect.__func__

        def connect(cls, *given, **params):
            tried.append(params["password"])
            return real(cls, *given, **params)

        monkeypatch.setattr(psycopg.Connection, "connect", classmethod(connect))
        wrong = Login(another.settings_dict["USER"], "wrong-2")
        another.settings_dict |= {"PASSWORD": "wrong-1", "LOGIN": lambda: wrong}

        with pytest.raises(OperationalError, match="password authentication failed"):
            backend_of(another)
        assert tried == ["wrong-1", "wrong-2"]

    def test_a_write_to_a_read_only_server_is_a_failover_and_drops_the_link(self, another):
        """25006 is the driver's InternalError; everybody waits for OperationalError."""
        before = backend_of(another)
        with (
            pytest.raises(OperationalError, match="read-only") as met,
            another.cursor() as cursor,
        ):
            cursor.execute("SET transaction_read_only = on; CREATE TABLE x ()")
        assert not isinstance(met.value, InternalError)
        assert met.value.__cause__.sqlstate == "25006"

        another.close_if_unusable_or_obsolete()
        assert backend_of(another) != before

    def test_refuses_a_server_that_takes_no_writes(self, another):
        another.settings_dict["OPTIONS"] = another.settings_dict["OPTIONS"] | {
            "options": "-c default_transaction_read_only=on"
        }
        for pooled in (False, True):
            another.settings_dict["POOLED"] = pooled
            with pytest.raises(ReadOnly):
                backend_of(another)
        another.settings_dict["PRIMARY_ONLY"] = False
        assert backend_of(another)

    def test_a_link_of_high_age_is_exchanged(self, another):
        before = backend_of(another)
        another.close_at = 0

        another.close_if_unusable_or_obsolete()
        assert backend_of(another) != before

    def test_a_link_of_high_age_goes_on_while_no_other_can_be_had(self, another):
        before = backend_of(another)
        another.close_at = 0
        another.settings_dict["PASSWORD"] = "not yet"

        another.close_if_unusable_or_obsolete()
        assert backend_of(another) == before

    def test_but_not_when_it_was_cut(self, another):
        before = backend_of(another)
        another.close_at = 0
        another.settings_dict["PASSWORD"] = "not yet"
        another.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])

        with pytest.raises(OperationalError, match="password authentication failed"):
            backend_of(another)

    def test_gives_up_an_answer_that_does_not_come(self, another):
        another.settings_dict["ANSWER_WITHIN_S"] = 0.2
        with (
            pytest.raises(OperationalError, match=r"did not answer within 0\.2 s"),
            another.cursor() as cursor,
        ):
            cursor.execute("SELECT pg_sleep(5)")
        assert another.connection.closed

    def test_lets_the_schema_take_its_time(self, another):
        another.settings_dict["ANSWER_WITHIN_S"] = 0.2
        with another.schema_editor() as editor:
            editor.execute("SELECT pg_sleep(0.4)")


def test_a_session_that_could_not_be_saved_is_no_bug():
    """The session is saved outside of ShopScopeMiddleware; its failure ends in handler500."""
    request = RequestFactory().get("/api/v1/pieces")
    try:
        raise OperationalError("terminating connection due to administrator command")
    except OperationalError:
        answer = pages.broken(request)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    try:
        raise RuntimeError
    except RuntimeError:
        assert pages.broken(request).status_code == 500
