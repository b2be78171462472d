"""A broken constraint → the refusal that explains it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from apps.core.errors import Refusal


@contextmanager
def refuse_on(constraints: Mapping[str, Refusal], *, savepoint: bool = True) -> Iterator[None]:
    """Raise `constraints[name]` when the block breaks the constraint `name`.

    The database decides, so two requests at the same moment cannot both win.
    A constraint that is not listed is a bug: its IntegrityError goes on up.
    Without a savepoint the surrounding transaction is lost with the block,
    which saves two round trips where it would be given up anyway.
    """
    try:
        with transaction.atomic(savepoint=savepoint):
            yield
    except IntegrityError as error:
        name = broken_by(error)
        if name in constraints:
            raise constraints[name] from error
        raise


def broken_by(error: IntegrityError) -> str:
    """The name of the constraint that was broken; empty where the driver names none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
