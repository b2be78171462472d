"""Doors: the history of what was changed."""

import re
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.shops.access import MemberRequest, members_only
from apps.shops.change_words import TABLES
from apps.shops.changes import Wanted, changes_wanted, in_words
from apps.shops.forms import DaysForm
from apps.shops.models import ChangeOp, Role
from apps.shops.selectors import members_of

_AN_ID = re.compile(r"[0-9]{1,18}", re.ASCII)


@require_safe
@members_only(Role.OWNER, Role.MANAGER)
def changes(request: MemberRequest) -> HttpResponse:
    """Who changed what, when and from where; the newest first."""
    given = {name: request.GET.get(name, "") for name in ("who", "table", "op", "row")}
    days = DaysForm(request.GET)
    right = days.is_valid()
    said = days.cleaned_data
    wanted = Wanted(
        who=_id(given["who"]),
        table=given["table"],
        op=given["op"],
        row=_id(given["row"]),
        older_than=_id(request.GET.get("before", "")),
        since=said.get("since"),
        until=said.get("until"),
    )
    found, more = changes_wanted(wanted, shop=request.member.shop) if right else ([], False)
    given |= {name: day.isoformat() for name, day in said.items() if day}
    kept = {name: value for name, value in given.items() if value}
    context = {
        "changes": in_words(found, costs=bool(request.sees_cost)),
        "older": f"?{urlencode({**kept, 'before': found[-1].pk})}" if more else "",
        "narrowed": bool(kept),
        "who": wanted.who,
        "table": wanted.table,
        "op": wanted.op,
        "row": wanted.row,
        "members": members_of(request.member.shop),
        "tables": TABLES.items(),
        "ops": ChangeOp.choices,
        "days": days,
        "since": wanted.since,
        "until": wanted.until,
    }
    template = "shops/_change_rows.html" if request.htmx else "shops/changes.html"
    return render(request, template, context, status=200 if right else 422)


def _id(text: str) -> int | None:
    return int(text) if _AN_ID.fullmatch(text) else None
