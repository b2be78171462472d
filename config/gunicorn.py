"""How gunicorn serves the site. Each value stands with its reason."""

import os
from typing import Any

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# Threads wait for the database, so a few each; two processes use two cores.
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "config.threads.Worker"  # gunicorn's gthread
# The heartbeat file in memory: on a slow disk a busy worker looks dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Longer than the serving role's statement_timeout (15 s), so that the database ends a slow
# statement before gunicorn ends its worker. One whose slots are all stuck for this long says no
# more that it lives (config.threads), and is replaced as much later; that is shorter than liveness
# takes to fail (stuck for this long, then six times 10 s): a stuck worker is replaced here, alone.
timeout = 30
# The same for the last requests of a worker that leaves. A supervisor must wait longer before it
# kills: DRAIN_SECONDS, 10 s for the queue (config.draining), this, and a few seconds to end.
graceful_timeout = 30
# Each costs a descriptor, of which a process mostly gets 1,024; who connects and says nothing
# must leave some to the probe port, to the database and to temporary files.
worker_connections = 500
# Longer than the ingress keeps an idle connection, or it meets a closed one.
keepalive = 75
# Renewed now and then, not all at once.
max_requests = 10_000
max_requests_jitter = 1_000
# A burst waits in the kernel instead of knocking again a second later; no longer than the
# workers can serve before the end.
backlog = 1024
accesslog = None  # django-structlog writes one line a request
# Nothing before us moves the site under a path; believed from a neighbour on this machine,
# these headers would answer 500, or show a page under an address that is not its own.
forwarder_headers = ""
# One socket per user would be fought over by two shops on one machine; nothing here uses it.
control_socket_disable = True
errorlog = "-"


# gunicorn reads this file before it knows where the program is, and again at SIGHUP: so each
# hook imports what does the work, and nothing is kept here.


def on_starting(server: Any) -> None:
    """Refuse settings that cannot work once, in one line, and not in every worker's traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    from config import serving

    serving.on_starting(server)


def when_ready(server: Any) -> None:
    from config import serving

    serving.when_ready(server)


def pre_fork(server: Any, worker: Any) -> None:
    from config import serving

    serving.pre_fork(server, worker)


def post_worker_init(worker: Any) -> None:
    from config import serving

    serving.post_worker_init(worker)


def pre_request(worker: Any, request: Any) -> None:
    from config import serving

    serving.pre_request(worker, request)


def child_exit(server: Any, worker: Any) -> None:
    from config import serving

    serving.child_exit(server, worker)


def worker_exit(server: Any, worker: Any) -> None:
    from config import serving

    serving.worker_exit(server, worker)
