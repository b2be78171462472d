"""Who the program logs in as, read again when that has been renewed.

A secret that is mounted as files changes under a running program: an operator
renews the password, or the user's name with it. What was read at the start
serves until a login fails; then the sources are asked again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from django.core.exceptions import ImproperlyConfigured

from apps.core.database.params import LinkRefused

_READINGS: Final = 5
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Login:
    """A user's name and its password, which belong together."""

    user: str
    password: str = field(repr=False)


def renewed(database: dict[str, Any], *, tried: Login) -> Login | None:
    """The login that the sources hold now; None where it is the one that was tried.

    `database` is an entry of DATABASES. What is found is kept in its USER and
    PASSWORD, so that every thread's next connection begins with it.
    """
    found = read_again(database)
    if found is None or found == tried:
        return None
    database["USER"], database["PASSWORD"] = found.user, found.password
    _logger.info("database_login_renewed", user=found.user)
    return found


def read_again(database: dict[str, Any]) -> Login | None:
    """What LOGIN of this entry of DATABASES, the function that reads the sources, finds there.

    None without such a function, and where the sources cannot be read: that is
    logged, and the failure of the login remains the one to tell.
    """
    read: Callable[[], Login] | None = database.get("LOGIN")
    if read is None:
        return None
    try:
        return settled(read)
    except (LinkRefused, ImproperlyConfigured) as refused:
        _logger.warning("database_login_unreadable", said=str(refused))
        return None


def settled(read: Callable[[], Login]) -> Login:
    """What two readings in a row agree on.

    Name and password are two files. Between reading one and the other both may
    be exchanged, and the old name with the new password is nobody's login.
    """
    found = read()
    for _ in range(_READINGS):
        before, found = found, read()
        if found == before:
            break
    return found
