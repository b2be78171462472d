"""`manage.py worker` with jobs that take as long as the test wants: until the file GO is there.

A job's effect is one session with the job's name. Where it waits is where a worker that must end
finds it.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import django

_FAR = datetime(2100, 1, 1, tzinfo=UTC)
_AT_MOST_S = 120
_LOOK_EVERY_S = 0.05


def may_go():
    return Path(os.environ["GO"]).exists()


def wait():
    until = time.monotonic() + _AT_MOST_S
    while not may_go() and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)


def effect(name):
    from django.contrib.sessions.models import Session

    return Session(session_key=uuid4().hex, session_data=name, expire_date=_FAR)


def inside_a_statement(name):
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        effect(name).save()
        if not may_go():
            cursor.execute("SELECT pg_sleep(%s)", [_AT_MOST_S])


def between_two_statements(name):
    from django.db import transaction

    with transaction.atomic():
        effect(name).save()
        wait()


def away_from_the_database(name):
    wait()
    effect(name).save()


async def on_the_event_loop(name):
    while not may_go():
        await asyncio.sleep(_LOOK_EVERY_S)
    await effect(name).asave()


async def blocking_the_event_loop(name):
    wait()
    await effect(name).asave()


PLACES = (
    inside_a_statement,
    between_two_statements,
    away_from_the_database,
    on_the_event_loop,
)


def register():
    """Make the jobs known; each under its own name."""
    from procrastinate.contrib.django import app

    for job in (*PLACES, blocking_the_event_loop):
        app.task(name=job.__name__)(job)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    register()
    from config.door import main

    main(["manage.py", "worker", *sys.argv[1:]])
