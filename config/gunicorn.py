"""How gunicorn serves the site. Each value stands with its reason."""

import os
from typing import Any

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# Threads wait for the database, so a few each; two processes use two cores.
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
# The heartbeat file in memory: on a slow disk a busy worker looks dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Longer than the serving role's statement_timeout (15 s), so that the database
# ends a slow statement before gunicorn ends its worker.
timeout = 30
graceful_timeout = 30
# Longer than the ingress keeps an idle connection, or it meets a closed one.
keepalive = 75
# Renewed now and then, not all at once.
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = None  # django-structlog writes one line a request
# Nothing before us moves the site under a path; believed from a neighbour on this machine,
# these headers would answer 500, or show a page under an address that is not its own.
forwarder_headers = ""
# One socket per user would be fought over by two shops on one machine; nothing here uses it.
control_socket_disable = True
errorlog = "-"


def on_starting(server: Any) -> None:
    """Refuse settings that cannot work once, in one line, and not in every worker's traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    # gunicorn reads this file before it knows where the program is.
    from config.door import demand_settings

    demand_settings()
