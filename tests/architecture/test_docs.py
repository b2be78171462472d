"""The documents: all on the map, no dead link, and commands that exist."""

import re

import pytest

from tests.architecture.sources import ROOT

DOCS = ROOT / "docs"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_DOOR = re.compile(r"\bmake (?:-s )?([a-z][a-z0-9-]*)\b(?=[ `\n\")]|$)")


def pages():
    return sorted(DOCS.rglob("*.md"))


def anchors(path):
    """The anchors of a page's headings, as the forge makes them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_page_is_on_the_map():
    linked = {
        (DOCS / target.partition("#")[0]).resolve()
        for target in _LINK.findall((DOCS / "README.md").read_text())
    }
    lost = [
        f"docs/README.md: [{page.stem}]({page.relative_to(DOCS)})"
        for page in pages()
        if page.resolve() not in linked and page.name != "README.md"
    ]
    assert not lost, lost


def test_the_readme_has_the_pictures_and_the_map_of_folders():
    readme = (ROOT / "README.md").read_text()
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)
    assert len(pictures) == 11
    assert all((ROOT / picture).is_file() for picture in pictures), pictures
    rows = re.findall(r"^\| ([^|]+) \|", readme, re.MULTILINE)
    on_the_map = {folder for row in rows for folder in re.findall(r"`([\w/]+)/`", row)}
    assert all((ROOT / folder).is_dir() for folder in on_the_map), on_the_map
    apps = {f"apps/{path.parent.name}" for path in ROOT.glob("apps/*/apps.py")}
    folders = {"config", "local", "templates", "static", "tests", "bench", "docs"}
    assert apps | folders <= on_the_map, (apps | folders) - on_the_map
    assert {"make run", "make test"} <= {line.strip() for line in readme.splitlines()}


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *pages()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_links_lead_somewhere(page):
    dead = []
    for target in _LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            dead.append(target)
    assert not dead, dead


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(DOCS)))
def test_files_that_are_named_exist(page):
    """Whole paths in code marks; howtos name files that are still to be written."""
    if page.parent.name == "howto":
        pytest.skip("names files to be written")
    named = re.findall(
        r"`((?:apps|config|tests|local|templates|static)/[\w/.\-]+)`", page.read_text()
    )
    gone = [path for path in named if not (ROOT / path).exists()]
    assert not gone, gone


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(DOCS)))
def test_make_doors_that_are_named_exist(page):
    doors = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(_DOOR.findall(_code(page.read_text())))
    assert named <= doors, named - doors


def _code(text):
    """What stands in code marks or is indented: the rest may use the word as a word."""
    return "\n".join(re.findall(r"`[^`\n]+`|^ {4}.+$", text, re.MULTILINE))
