"""Everything the shop says it can say in Persian too: nothing forgotten, nothing half done."""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from local.tools import GETTEXT
from tests.architecture.sources import ROOT

FOLDER = Path("locale/fa/LC_MESSAGES")
COLLECT = ("makemessages", "--all", "--no-location", "--no-wrap")
SAYS_SOMETHING = ("apps", "config", "local", "templates")

_PLACEHOLDER = re.compile(r"%%|%\(\w+\)[sd]|%[sd]|\{\w+\}")
_TAG = re.compile(r"</?[a-z]+(?:\s[^<>]*)?>")
_LATIN_SIGN_AFTER_PERSIAN = re.compile(r"[\u0600-\u06ff]\s?[,;?]|[“”]")
_ISOLATED = re.compile("\u2066[^\u2066\u2069]+\u2069")
_ARABIC_LETTER = re.compile("[يكى٠-٩]")


def catalog(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="fa")


def messages(of: Catalog) -> Iterator[Message]:
    """Every message but the heading."""
    return (message for message in of if message.id)


def key(message: Message) -> tuple[str | None, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, text


def forms(message: Message) -> list[tuple[str, str]]:
    """(English, Persian) of a message; of a counted one, the pair of each of its forms."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    one, many = message.id
    return [(one, message.string[0]), (many, message.string[1])]


@pytest.fixture(scope="module")
def persian() -> Catalog:
    return catalog(ROOT / FOLDER / "django.po")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What makemessages finds in a copy of the sources."""
    if not GETTEXT.is_here():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{GETTEXT.why_missing} With CI=true nothing is skipped.")
        pytest.skip(GETTEXT.why_missing)
    copy = tmp_path_factory.mktemp("checkout")
    for folder in SAYS_SOMETHING:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    shutil.copy(ROOT / "manage.py", copy)
    (copy / FOLDER).mkdir(parents=True)
    # Nothing but the heading: what the catalog says must not hide what the sources say.
    heading = (ROOT / FOLDER / "django.po").read_text().partition("\n\n")[0]
    (copy / FOLDER / "django.po").write_text(heading + "\n")
    done = subprocess.run(
        [sys.executable, "manage.py", *COLLECT],
        cwd=copy,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return catalog(copy / FOLDER / "django.po")


def test_every_message_of_the_sources_is_in_the_catalog(persian, collected):
    found, known = ({key(message) for message in messages(of)} for of in (collected, persian))
    assert len(found) > 500
    assert not found - known, f"make messages, then translate: {sorted(found - known, key=str)}"
    assert not known - found, f"make messages takes out: {sorted(known - found, key=str)}"


def test_plural_messages_are_plural_on_both_sides(persian, collected):
    counted = [{key(m) for m in messages(of) if m.pluralizable} for of in (collected, persian)]
    assert counted[0] == counted[1]


def test_every_message_is_translated(persian):
    assert [m.id for m in messages(persian) if any(not said for _, said in forms(m))] == []


def test_no_translation_is_a_guess(persian):
    """msgmerge marks what it guessed from a message that looks alike."""
    assert [message.id for message in messages(persian) if message.fuzzy] == []


def test_nothing_is_kept_that_nobody_says(persian):
    assert list(persian.obsolete) == []


def test_persian_counts_one_and_more(persian):
    assert persian.plural_forms == "nplurals=2; plural=(n > 1);"


def test_placeholders_and_tags_are_those_of_the_english(persian):
    """A sentence may name one thing twice, in whatever order; it may not lose or invent one."""
    wrong = [
        (english, said)
        for message in messages(persian)
        for english, said in forms(message)
        if set(_PLACEHOLDER.findall(english)) != set(_PLACEHOLDER.findall(said))
        or sorted(_TAG.findall(english)) != sorted(_TAG.findall(said))
    ]
    assert not wrong, wrong


def test_spaces_at_the_ends_are_those_of_the_english(persian):
    wrong = [
        (english, said)
        for message in messages(persian)
        for english, said in forms(message)
        if (english[:1].isspace(), english[-1:].isspace())
        != (said[:1].isspace(), said[-1:].isspace())
    ]
    assert not wrong, wrong


def test_persian_is_written_with_persian_signs(persian):
    """«» ؟ ، ؛ and the letters ی and ک, by which people search."""
    wrong = [
        said
        for message in messages(persian)
        for _english, said in forms(message)
        if _LATIN_SIGN_AFTER_PERSIAN.search(said) or _ARABIC_LETTER.search(said)
    ]
    assert not wrong, wrong


def test_isolates_are_closed(persian):
    """What is opened for a number must not reach beyond it."""
    wrong = [
        said
        for message in messages(persian)
        for _english, said in forms(message)
        if re.search("[\u2066\u2069]", _ISOLATED.sub("", said))
    ]
    assert not wrong, wrong


def test_the_compiled_catalog_is_the_written_one(persian):
    """A laptop without gettext cannot compile it, so it is kept beside the written one."""
    memory = io.BytesIO()
    write_mo(memory, persian)
    memory.seek(0)
    with (ROOT / FOLDER / "django.mo").open("rb") as file:
        kept, made = read_mo(file), read_mo(memory)
    assert {key(m): m.string for m in messages(kept)} == {
        key(m): m.string for m in messages(made)
    }, "make messages compiles it"
