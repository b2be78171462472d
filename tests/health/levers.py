"""gunicorn's configuration with levers that break a worker on purpose.

A file of a lever's name in the folder `LEVERS` pulls it, in every worker or in
the one whose number the file holds. The program itself knows nothing of this.
"""

import ctypes
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import gunicorn as real
from config.gunicorn import *  # noqa: F403

_FOLDER = Path(os.environ["LEVERS"])


def post_worker_init(worker):
    real.post_worker_init(worker)
    threading.Thread(target=_obey, args=(worker,), daemon=True, name="levers").start()


def _obey(worker):
    pulled = set()
    while True:
        for name, pull in _LEVERS.items():
            if name not in pulled and _is_pulled(name):
                pulled.add(name)
                pull()
        time.sleep(0.05)


def _is_pulled(name):
    try:
        number = (_FOLDER / name).read_text().strip()
    except FileNotFoundError:
        return False
    return number in ("", str(os.getpid()))


def _spin():
    """Hold the interpreter's lock as pure Python does, until the file is gone."""

    def burn():
        number = 0
        while (_FOLDER / "spin").exists():
            for _ in range(200_000):
                number += 1

    threading.Thread(target=burn, daemon=True, name="spin").start()


def _end_watchdog():
    """Let the watchdog's thread end at its next step, as an unforeseen fault would."""
    (watchdog,) = [one for one in threading.enumerate() if one.name == "health-watchdog"]
    ended = ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(watchdog.ident), ctypes.py_object(SystemExit)
    )
    assert ended == 1


def _move_clock():
    """Put the wall clock of this process, as the program reads it, by the hours in the file."""
    from apps.core.sampling import entry

    hours = float((_FOLDER / "hours").read_text())
    time_time = time.time
    time.time = lambda: time_time() + hours * 3600
    entry.current().sampler._wall = lambda: datetime.now(UTC) + timedelta(hours=hours)


_LEVERS = {"spin": _spin, "end_watchdog": _end_watchdog, "move_clock": _move_clock}
