"""What was measured, in a few words: 4 ms · 61 days left · 7 of 40 in use."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.core.formatting import number, percent
from apps.core.sampling.requests import SLOTS_UNKNOWN
from apps.core.status.now import Seen

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def fact_of(seen: Seen) -> str:
    """What stands under the state; empty when nothing was measured."""
    values = {one["measurement"]: one for one in seen.observed if one["value"] is not None}
    told = _FACTS.get(seen.name, _anything)
    return told(seen, values) if values else ""


def duration(seconds: float) -> str:
    """Roughly: "38 s", "12 min", "3 h 20 min", "2 days"."""
    whole = max(0, round(seconds))
    if whole < 2 * _MINUTE:
        return _("%(seconds)s s") % {"seconds": number(whole)}
    if whole < 2 * _HOUR:
        return _("%(minutes)s min") % {"minutes": number(whole // _MINUTE)}
    if whole < 2 * _DAY:
        hours, rest = divmod(whole // _MINUTE, 60)
        if not rest:
            return _("%(hours)s h") % {"hours": number(hours)}
        return _("%(hours)s h %(minutes)s min") % {
            "hours": number(hours),
            "minutes": number(rest),
        }
    days = whole // _DAY
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": number(days)}


Values = Mapping[str, Mapping[str, Any]]


def _milliseconds(seen: Seen, values: Values) -> str:
    took = values.get(f"{seen.name}:responseTime")
    if took is None or not seen.is_well:
        return ""
    ms = Decimal(str(took["value"]))
    return _("%(ms)s ms") % {"ms": number(ms, places=0 if ms >= 1 else 1)}


def _replicas(seen: Seen, values: Values) -> str:
    if lag := values.get("replication:lag"):
        if lag["value"] < 1:
            return _("in step")
        return _("%(time)s behind") % {"time": duration(lag["value"])}
    if followers := values.get("replication:followers"):
        n = int(followers["value"])
        return ngettext("%(n)s copy follows", "%(n)s copies follow", n) % {"n": number(n)}
    return ""


def _connections(seen: Seen, values: Values) -> str:
    if not {"connections:used", "connections:most"} <= set(values):
        return ""
    return _("%(used)s of %(most)s in use") % {
        "used": number(int(values["connections:used"]["value"])),
        "most": number(int(values["connections:most"]["value"])),
    }


def _queue(seen: Seen, values: Values) -> str:
    told = []
    if seen.word == "stale":
        silent = values.get("queue:heartbeatAge")
        told.append(
            _("no word for %(time)s") % {"time": duration(silent["value"])}
            if silent
            else _("no worker known")
        )
    waiting = int(values["queue:waiting"]["value"]) if "queue:waiting" in values else 0
    if not waiting and not told:
        told.append(_("none waiting"))
    elif waiting:
        oldest = values["queue:oldest"]["value"] if "queue:oldest" in values else 0
        told.append(
            _("%(n)s waiting, oldest %(time)s") % {"n": number(waiting), "time": duration(oldest)}
        )
    if failed := int(values["queue:failed"]["value"]) if "queue:failed" in values else 0:
        told.append(_("%(n)s failed") % {"n": number(failed)})
    return " · ".join(told)


def _certificates(seen: Seen, values: Values) -> str:
    known = [one for one in seen.observed if one["value"] is not None]
    least = min(known, key=lambda one: float(one["value"]))
    days = int(least["value"])
    if days < 0:
        text = ngettext("%(days)s day over", "%(days)s days over", -days)
        text %= {"days": number(-days)}
    else:
        text = ngettext("%(days)s day left", "%(days)s days left", days) % {"days": number(days)}
    return text if seen.is_well else _of(least, text)


def _disk(seen: Seen, values: Values) -> str:
    shares = [one for one in seen.observed if one["measurement"] == "disk:utilization"]
    if not shares:
        return ""
    most = max(shares, key=lambda one: float(one["value"]))
    text = _("%(percent)s used") % {"percent": percent(Decimal(str(most["value"])), places=0)}
    return text if seen.is_well else _of(most, text)


def _requests(seen: Seen, values: Values) -> str:
    if "http:connections" not in values:
        return ""
    load = values["http:connections"]["value"]
    busy, slots = int(load["busy"]), int(load["slots"])
    if slots < SLOTS_UNKNOWN:
        text = _("%(busy)s of %(slots)s busy") % {"busy": number(busy), "slots": number(slots)}
    else:
        text = _("%(busy)s busy") % {"busy": number(busy)}
    if waiting := int(load.get("acceptQueue") or 0):
        text += " · " + _("%(n)s waiting") % {"n": number(waiting)}
    return text


def _migrations(seen: Seen, values: Values) -> str:
    missing = int(values["migrations:pending"]["value"]) if "migrations:pending" in values else 0
    if not missing:
        return _("complete")
    return _("%(n)s missing") % {"n": number(missing)}


def _program(seen: Seen, values: Values) -> str:
    return _("complete") if seen.is_well else ""


def _jobs(seen: Seen, values: Values) -> str:
    if "jobs:running" not in values:
        return ""
    return _("%(n)s running") % {"n": number(int(values["jobs:running"]["value"]))}


def _anything(seen: Seen, values: Values) -> str:
    """The first thing that a check measured of which this page knows nothing."""
    first = next(iter(values.values()))
    value = first["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value) if isinstance(value, str) else ""
    return f"{number(Decimal(str(value)))} {first['unit']}".strip()


def _of(one: Mapping[str, Any], text: str) -> str:
    """Which one of several it is about."""
    names = {
        "primary": pgettext("server", "main database"),
        "replica": pgettext("server", "copy"),
        "pooler": pgettext("server", "pooler"),
        "temporary": pgettext("folder", "temporary files"),
        "media": pgettext("folder", "pictures"),
        "static": pgettext("folder", "files of the pages"),
    }
    name = names.get(one["component"], one["component"])
    return f"{name}: {text}" if name else text


_FACTS: Final[Mapping[str, Callable[[Seen, Values], str]]] = {
    "database": _milliseconds,
    "replicas": _replicas,
    "connections": _connections,
    "cache": _milliseconds,
    "queue": _queue,
    "certificates": _certificates,
    "disk": _disk,
    "requests": _requests,
    "site": _milliseconds,
    "temporary": _milliseconds,
    "migrations": _migrations,
    "program": _program,
    "jobs": _jobs,
}
