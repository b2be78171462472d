"""The environment: NAME or NAME_FILE, and sentences that never repeat a value."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

SECRET = "pl4nted-secret"


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    for name in ("THING", "THING_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def give(monkeypatch):
    return lambda value: monkeypatch.setenv("THING", value)


@pytest.fixture
def give_file(monkeypatch, tmp_path):
    def write(content):
        path = tmp_path / "thing"
        path.write_bytes(content)
        monkeypatch.setenv("THING_FILE", str(path))
        return path

    return write


def test_a_value(give):
    give("as it is ")
    assert env.text("THING") == "as it is "


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_file_without_its_final_newline(give_file, ending):
    give_file(b" two words " + ending)
    assert env.text("THING") == " two words "


def test_a_value_that_begins_with_a_dollar_stays_itself(give_file):
    give_file(b"$HOME\n")
    assert env.text("THING") == "$HOME"


def test_the_file_wins_over_the_value(give, give_file):
    give("from the shell")
    give_file(b"from the file")
    assert env.text("THING") == "from the file"


def test_a_renewed_file_is_read_anew(give_file):
    path = give_file(b"first")
    assert env.text("THING") == "first"
    path.write_text("second")
    assert env.text("THING") == "second"


def test_a_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("THING_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(ImproperlyConfigured, match=r"THING_FILE=.*nowhere: No such file"):
        env.text("THING")


def test_a_missing_value_says_where_to_read_about_it():
    with pytest.raises(ImproperlyConfigured) as refused:
        env.text("THING")

    assert "THING is not set" in str(refused.value)
    assert "THING_FILE" in str(refused.value)
    assert "docs/reference/settings.md#thing" in str(refused.value)


def test_a_default():
    assert env.text("THING", "usual") == "usual"
    assert env.text("THING", "") == ""


@pytest.mark.parametrize(("raw", "number"), [("12", 12), (" 12 ", 12), ("-1", -1)])
def test_a_whole_number(give, raw, number):
    give(raw)
    assert env.number("THING") == number


@pytest.mark.parametrize("raw", [SECRET, "1.5", ""])
def test_no_whole_number_is_refused_without_repeating_it(give, raw):
    give(raw)
    with pytest.raises(ImproperlyConfigured, match="THING is not a whole number") as refused:
        env.number("THING", 1)

    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None  # int() would repeat it


@pytest.mark.parametrize("raw", ["1", "true", "YES", " on "])
def test_on(give, raw):
    give(raw)
    assert env.flag("THING") is True


@pytest.mark.parametrize("raw", ["0", "false", "No", "off", ""])
def test_off(give, raw):
    give(raw)
    assert env.flag("THING", default=True) is False


def test_neither_on_nor_off(give):
    give(SECRET)
    with pytest.raises(ImproperlyConfigured, match="THING is neither on nor off") as refused:
        env.flag("THING")

    assert SECRET not in str(refused.value)


def test_words(give):
    give("shop.example, ,localhost,")
    assert env.words("THING") == ["shop.example", "localhost"]
    assert env.words("OTHER_THING", "") == []
