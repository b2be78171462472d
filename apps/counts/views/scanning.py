"""Where the scanner's page sends its readings: batches as JSON, or a form without script."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.core import formatting
from apps.core.errors import Invalid, Refusal, status_of
from apps.counts.forms import TagsForm
from apps.counts.models import CountSheet, StockCount
from apps.counts.selectors import count_by_code, sheet_of, standing_of
from apps.counts.services.scanning import MOST_AT_ONCE, Heard, Read, Verdict, scan
from apps.counts.views.sheets import sheet_shown
from apps.shops.access import MemberRequest, members_only

_JSON: Final = "application/json"
_LARGEST_BODY: Final = 200_000
_MOST_SEQ: Final = 2_000_000_000


class BatchUnreadable(Invalid):
    def __str__(self) -> str:
        return _("The scans did not come through as they were sent. Load the page again.")


@require_POST
@members_only()
def scans(request: MemberRequest, code: str, sheet: int) -> HttpResponse:
    """Take readings of a tray. Sent again, a reading is answered as before and counted once."""
    count = count_by_code(code)
    found = sheet_of(count, sheet)
    if request.content_type == _JSON:
        try:
            return _batch(request, count, found)
        except Refusal as refusal:
            facts = {"detail": str(refusal), "kind": type(refusal).__name__}
            return JsonResponse(facts, status=status_of(refusal))
    return _form(request, count, found)


def _batch(request: MemberRequest, count: StockCount, sheet: CountSheet) -> HttpResponse:
    """{"scans": [{"client", "seq", "tag"}, …]} → the verdict of each, and how far the tray is."""
    reads = _reads(request.body)
    heard = scan(sheet=sheet, reads=reads, by=request.member, at=timezone.now())
    standing = standing_of(sheet)
    answer: dict[str, Any] = {
        "acknowledged": [_answered(each) for each in heard],
        "scanned": standing.scanned,
        "unknown": standing.unknown,
    }
    if not count.blind:
        answer |= {"seen": standing.seen, "expected": standing.expected}
    return JsonResponse(answer)


def _reads(body: bytes) -> list[Read]:
    """Raises BatchUnreadable."""
    if len(body) > _LARGEST_BODY:
        raise BatchUnreadable
    try:
        given = json.loads(body)["scans"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BatchUnreadable from None
    if not isinstance(given, list) or len(given) > MOST_AT_ONCE:
        raise BatchUnreadable
    return [_read(each) for each in given]


def _read(given: Any) -> Read:
    if not isinstance(given, Mapping):
        raise BatchUnreadable
    tag, client, seq = given.get("tag"), given.get("client"), given.get("seq")
    if not (isinstance(tag, str) and isinstance(client, str) and isinstance(seq, int)):
        raise BatchUnreadable
    if (
        isinstance(seq, bool)
        or not 0 <= seq < _MOST_SEQ
        or len(client) > 36
        or not client.isascii()
        or not client.isprintable()
    ):
        raise BatchUnreadable
    return Read(tag=tag, client=client, seq=seq)


def _answered(heard: Heard) -> dict[str, Any]:
    return {
        "client": heard.read.client,
        "seq": heard.read.seq,
        "tag": heard.tag,
        "verdict": heard.verdict.value,
        "said": heard.said,
    }


def _form(request: MemberRequest, count: StockCount, sheet: CountSheet) -> HttpResponse:
    """Tags of a box, all at once."""
    form = TagsForm(request.POST)
    if not form.is_valid():
        return sheet_shown(request, count, sheet, tags_form=form, status=422)
    now, heard = timezone.now(), list[Heard]()
    try:
        tags = form.tags_read
        for start in range(0, len(tags), MOST_AT_ONCE):
            reads = [Read(tag=tag) for tag in tags[start : start + MOST_AT_ONCE]]
            heard += scan(sheet=sheet, reads=reads, by=request.member, at=now)
    except Refusal as refusal:
        return sheet_shown(request, count, sheet, refused=str(refusal), status=status_of(refusal))
    _tell(request, heard)
    return redirect("counts:sheet", count.code, sheet.pk)


def _tell(request: MemberRequest, heard: list[Heard]) -> None:
    seen = sum(each.verdict == Verdict.SEEN for each in heard)
    repeated = sum(each.verdict == Verdict.AGAIN for each in heard)
    if seen:
        messages.success(
            request,
            ngettext("%(n)s tag was taken.", "%(n)s tags were taken.", seen)
            % {"n": formatting.number(seen)},
        )
    if repeated:
        messages.info(
            request,
            ngettext("%(n)s tag was read before.", "%(n)s tags were read before.", repeated)
            % {"n": formatting.number(repeated)},
        )
    for each in [each for each in heard if each.said][:20]:
        messages.warning(request, each.said)
