"""Who acts, and from where: what the database writes beside each change of a row.

A door says it once (`acting`), `shop_scope` hands it to the database in the statement that names
the shop. Without a door it is the program that runs: a command, or the worker.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_actor: ContextVar[str] = ContextVar("actor", default="")


@contextmanager
def acting(
    *, member: int | None, source: str, till: int | None, address: str, request: str
) -> Iterator[None]:
    """Name who acts for the block. `source` is the door: "page /sales/", "api /api/v1/rates"."""
    said = {
        "member": member,
        "source": source,
        "till": till,
        "address": address,
        "request": request,
    }
    before = _actor.set(json.dumps({name: value for name, value in said.items() if value}))
    try:
        yield
    finally:
        _actor.reset(before)


def actor() -> str:
    """Who acts now, as JSON for `app.actor`."""
    return _actor.get() or json.dumps({"source": _program()})


def _program() -> str:
    """The command that runs: "command import_rates", "command worker", "program bench.sales"."""
    name = Path(sys.argv[0]).name if sys.argv else ""
    if name in {"manage.py", "__main__.py", "django-admin"} and len(sys.argv) > 1:
        return f"command {sys.argv[1]}"
    return f"program {name}"
