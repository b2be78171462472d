"""The site, with pages that take their time, are long, or tell who serves."""

import json
import os
import threading
import time

from django.http import HttpResponse

from apps.core.front import FrontDoor
from apps.core.sampling.entry import current
from config.wsgi import application as the_site

BIG = b"x" * 300_000
# More than the kernel keeps for a client that does not read.
HUGE = b"x" * 50_000_000


def _in_a_slot(environ, start_response):
    """`/stuck/PID/` never ends in that process; `/huge/` ends when the client has read it."""
    body = HUGE
    if environ["PATH_INFO"] != "/huge/":
        if environ["PATH_INFO"] == f"/stuck/{os.getpid()}/":
            threading.Event().wait()
        body = b"elsewhere"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return HttpResponse(body)


_slots = FrontDoor(_in_a_slot)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith(("/stuck/", "/huge/")):
        return _slots(environ, start_response)
    if path not in ("/slow/", "/rows/"):
        return the_site(environ, start_response)
    if path == "/slow/":
        time.sleep(0.02)
        body = BIG
    else:
        body = json.dumps({row.number: row.pid for row in current().neighbours()}).encode()
    start_response("200 OK", [("Content-Length", str(len(body))), ("X-Process", str(os.getpid()))])
    return [body]
