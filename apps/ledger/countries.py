"""The chart as a country's accountants know it: numbers where a law gives them, else headings.

The shop's accounts and their codes are the same everywhere; a country's file only says under
which number and heading of its statutory statements an account goes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext

_FILES: Final = Path(__file__).with_name("charts")
_DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Country:
    """`accounts` gives the number and the heading of an account; `law` names the plan."""

    pack: str
    law: str
    source: str
    accounts: Mapping[str, Mapping[str, str]]

    @property
    def has_numbers(self) -> bool:
        return any("number" in given for given in self.accounts.values())

    def number(self, account: str) -> str:
        """The statutory number; empty where the law gives none."""
        return self.accounts.get(account, {}).get("number", "")

    def heading(self, account: str) -> str:
        """Where it goes in the statutory statements, in the words of the law; may be empty."""
        return self.accounts.get(account, {}).get("heading", "")

    @property
    def note(self) -> str:
        """Which plan the numbers are of; empty without numbers."""
        if not self.has_numbers:
            return ""
        return gettext("Account numbers of %(plan)s.") % {"plan": self.law}


@cache
def country_of(pack: str) -> Country:
    """The chart of the country of a tax pack; a state's is its country's, others the default."""
    for name in (pack, pack.partition("-")[0], _DEFAULT):
        file = _FILES / f"{name}.json"
        if name and name.replace("-", "").isalnum() and file.is_file():
            return _read(name, json.loads(file.read_text(encoding="utf-8")))
    raise AssertionError("charts/default.json is part of the program")


def _read(name: str, given: dict[str, Any]) -> Country:
    return Country(pack=name, law=given["law"], source=given["source"], accounts=given["accounts"])
