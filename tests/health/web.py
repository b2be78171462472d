"""gunicorn with the shop in it, probed for as long as it runs."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.kubelet import Kubelet, Rule, probe
from local.place import CHECKOUT
from local.spilo import free_port
from tests.health.database import SECRET_KEY, clean_environment
from tests.health.links import wait_for
from tests.health.processes import children_of
from tests.health.watch import DETAILED, LIVE, READY, STARTUP, Watcher

TOKEN = "the-token-of-those-who-may-know-all-of-it"


@dataclass(kw_only=True)
class Web:
    """One gunicorn: its two doors, its processes, what it said, and who watches it."""

    port: int
    probe_port: int
    process: subprocess.Popen = field(repr=False)
    secrets: tuple = field(repr=False)
    said: list = field(default_factory=list, repr=False)
    watcher: Watcher = None
    kubelet: Kubelet = None

    @property
    def workers(self):
        """The numbers of the worker processes, as a kubelet's restart would change them."""
        return children_of(self.process.pid)

    def get(self, path, *, within_s=10.0, **headers):
        """A page, as the ingress hands it over: TLS ended there."""
        given = {"X_Forwarded_Proto": "https", "Host": "shop.example"} | headers
        return probe(self.port, path, within_s=within_s, **given)

    def detailed(self):
        return probe(self.probe_port, DETAILED, at_most=200_000, Authorization=f"Bearer {TOKEN}")

    def events(self, name="health_changed"):
        """The log lines of this event, in their order."""
        told = (json.loads(line) for line in list(self.said) if line.startswith("{"))
        return [line for line in told if line.get("event") == name]

    def stop(self, with_signal=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise


class Levers:
    """The folder where tests pull the levers of tests/health/levers.py."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def pull(self, name, pid=""):
        """In every worker, or in this one."""
        fresh = self.folder / f".{name}"
        fresh.write_text(str(pid))
        fresh.rename(self.folder / name)

    def release(self, name):
        (self.folder / name).unlink()


@contextmanager
def serving(environment, *arguments, workers=2, threads=4, config="config/gunicorn.py", before=()):
    """gunicorn with this environment, probed from its first second to its last.

    `arguments` come after gunicorn's own; `before` is what starts it, such as a namespace.
    """
    port, probe_port = free_port(), free_port()
    given = environment | {
        "PORT": str(port),
        "HEALTH_PORT": str(probe_port),
        "HEALTH_TOKEN": environment.get("HEALTH_TOKEN", TOKEN),
        "WEB_WORKERS": str(workers),
        "WEB_THREADS": str(threads),
    }
    gunicorn = (sys.executable, "-m", "gunicorn")
    process = subprocess.Popen(
        [*before, *gunicorn, "-c", config, *arguments, "config.wsgi:application"],
        cwd=CHECKOUT,
        env=clean_environment() | given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    secrets = (environment["APP_DB_PASSWORD"], TOKEN, SECRET_KEY)
    web = Web(port=port, probe_port=probe_port, process=process, secrets=secrets)
    listener = threading.Thread(target=lambda: web.said.extend(process.stdout), daemon=True)
    listener.start()
    try:
        wait_for(lambda: process.poll() is not None or web.detailed().status, "the probe port")
        assert process.poll() is None, "".join(web.said)
        web.watcher = Watcher(probe_port, token=TOKEN)
        web.watcher.start()
        # A kubelet with a tenth of the time between its probes.
        web.kubelet = Kubelet(
            port=probe_port,
            startup=Rule(path=STARTUP, period_s=0.2, failure_threshold=90),
            live=Rule(path=LIVE, period_s=1.0, timeout_s=2.0, failure_threshold=6),
            ready=Rule(path=READY, period_s=0.5, success_threshold=2),
        )
        web.kubelet.start()
        yield web
    finally:
        if web.kubelet:
            web.kubelet.stop()
            web.watcher.stop()
        web.stop()
        listener.join(5)
        process.stdout.close()
