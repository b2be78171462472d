"""The shop's rules, dated: each section is the newest version that is in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.shops.models import Member, PolicyVersion


def policy(section: str, *, at: datetime) -> Mapping[str, Any]:
    """The values of a section in force at `at`; empty where the shop never set any. One query."""
    found = (
        PolicyVersion.objects.filter(section=section, valid_from__lte=at)
        .order_by("-valid_from", "-pk")
        .first()
    )
    return found.values if found else {}


def set_policy(
    section: str, values: Mapping[str, Any], *, by: Member | None, at: datetime
) -> PolicyVersion:
    """Let these values count from `at` on. Values are JSON: amounts and grams as strings."""
    return PolicyVersion.objects.create(
        section=section, values=dict(values), valid_from=at, set_by=by
    )
