"""The environment that Django's programs get on a laptop.

eval "$(python -m local.env)"            to serve, as jewelry_app
eval "$(python -m local.env --owner)"    to migrate, as jewelry_owner
eval "$(python -m local.env --test)"     to run tests on the tests' own database
"""

import os
import shlex
import sys

from local.place import Place, place_from
from local.postmaster import usable
from local.problem import Problem, told_in_one_sentence
from local.roles import APP, DATABASE, OWNER


def to_serve(place: Place, *, port: int) -> dict[str, str]:
    """What the web and the worker get: the role that row-level security binds."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "POSTGRES_HOST": "localhost",
        "POSTGRES_PORT": str(port),
        "POSTGRES_DB": DATABASE,
        "DB_USER": APP,
        "APP_DB_PASSWORD_FILE": str(place.secret_file("app")),
        "DB_SSLMODE": "verify-full",
        "DB_SSLROOTCERT": str(place.ca_certificate),
        "SECRET_KEY_FILE": str(place.secret_file("secret_key")),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
        "STATIC_ROOT": str(place.static),
    }


def to_migrate(place: Place, *, port: int) -> dict[str, str]:
    """What migrations get: the role that owns the tables."""
    return to_serve(place, port=port) | {
        "DB_USER": OWNER,
        "APP_DB_PASSWORD_FILE": str(place.secret_file("owner")),
    }


def to_test(place: Place, *, port: int) -> dict[str, str]:
    """What pytest gets: the owner makes the test database, then tests log in as the app."""
    return to_migrate(place, port=port) | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "TEST_APP_DB_USER": APP,
        "TEST_APP_DB_PASSWORD_FILE": str(place.secret_file("app")),
    }


# What another database's person may have left in the shell; two sources would disagree.
SILENCED = ("DATABASE_URL", "APP_DB_PASSWORD", "SECRET_KEY", "USE_PGBOUNCER")


# Where the run's site listens is no business of a command that serves nothing: it would have to
# differ from the default of HEALTH_PORT. Who serves says it anew.
_OF_THE_RUN = ("PORT",)


def with_environment(of_shop: dict[str, str]) -> dict[str, str]:
    """This process's environment with the shop's in it, and nothing that contradicts it."""
    dropped = (*SILENCED, *_OF_THE_RUN)
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | of_shop


def main(arguments: list[str]) -> None:
    """Print the environment as lines for a shell."""
    place = place_from(os.environ, for_tests="--test" in arguments)
    found = usable(place)
    if found is None:
        raise Problem(
            f"No database is running in {place.folder}."
            " Start it in another window with: python -m local.postgres"
        )
    if place.for_tests:
        variables = to_test(place, port=found.port)
    elif "--owner" in arguments:
        variables = to_migrate(place, port=found.port)
    else:
        variables = to_serve(place, port=found.port)
    for name in SILENCED:
        print(f"unset {name}")
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    with told_in_one_sentence():
        main(sys.argv[1:])
