"""config.gunicorn: what the server believes of a request before Django sees it."""

import runpy
from pathlib import Path

from django.conf import settings
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from apps.core.sampling.wire import CONNECTIONS_HELD

# What a process may open where nobody raised the limit, and what it needs for itself: listeners,
# sessions of the database, logs, temporary files.
DESCRIPTORS = 1024
OWN_DESCRIPTORS = 128
NEIGHBOUR = ("127.0.0.1", 40_000)


class Socket:
    def getsockname(self):
        return ("127.0.0.1", 8000)


def configured():
    config = Config()
    given = runpy.run_path(str(Path(settings.BASE_DIR) / "config" / "gunicorn.py"))
    for name in config.settings.keys() & given.keys():
        config.set(name, given[name])
    return config


def environ_of(sent):
    """The WSGI environment of a request that a program on the same machine sent."""
    config = configured()
    request = next(RequestParser(config, iter([sent]), NEIGHBOUR))
    return create(request, Socket(), NEIGHBOUR, Socket().getsockname(), config)[1]


def test_nobody_says_under_which_path_the_site_lies():
    environ = environ_of(
        b"GET /api/v1/rates HTTP/1.1\r\nHost: shop.example\r\nSCRIPT_NAME: /x\r\n\r\n"
    )

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/api/v1/rates")


def test_idle_connections_leave_descriptors_to_probes_and_to_the_database():
    taken = configured().worker_connections + CONNECTIONS_HELD

    assert taken + OWN_DESCRIPTORS <= DESCRIPTORS
