"""The registry of findings, and the page that must say the same."""

import re
from pathlib import Path

import pytest

from apps.core.database import catalogue, wording_link, wording_login
from apps.core.database.catalogue import link, login, session, tls
from apps.core.database.findings import FINDINGS, STAGES, page
from apps.core.database.wording_login import _STATES

APP = Path(catalogue.__file__).parents[2]


def test_the_page_is_what_the_registry_says():
    """After a change: python manage.py doctor --findings > docs/reference/findings.md"""
    assert Path("docs/reference/findings.md").read_text() == page()


def test_every_code_is_on_the_page_once():
    headings = re.findall(r"^### (\S+)$", page(), re.MULTILINE)

    assert sorted(headings) == sorted(FINDINGS)


def test_no_code_stands_twice():
    every = [*link.ALL, *tls.ALL, *login.ALL, *session.ALL]
    assert len(every) == len(FINDINGS)


@pytest.mark.parametrize("finding", FINDINGS.values(), ids=lambda finding: finding.code)
def test_a_finding_is_complete(finding):
    assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", finding.code)
    assert finding.stage in {*STAGES, "unknown"}
    for beat in (finding.saw, finding.means, finding.do, finding.dont):
        assert beat.endswith("."), beat
        assert len(beat) > 10


def test_every_wording_and_every_state_has_a_finding():
    codes = {one.code for one in (*wording_link.WORDINGS, *wording_login.WORDINGS)}
    codes |= {code for code, _ in _STATES.values()}

    assert codes <= set(FINDINGS)


def test_every_finding_is_found_by_somebody():
    """A code that no wording and no look gives would be a promise nobody keeps."""
    sources = [
        path.read_text()
        for path in (APP / "database").rglob("*.py")
        if path.parent.name != "catalogue"
    ]
    sources.append((APP / "management" / "commands" / "doctor.py").read_text())
    lost = [code for code in FINDINGS if not any(f'"{code}"' in one for one in sources)]

    assert not lost
