"""The site, with pages that take their time, are long, or tell who serves."""

import json
import os
import time

from apps.core.sampling.entry import current
from config.wsgi import application as the_site

BIG = b"x" * 300_000


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path not in ("/slow/", "/rows/"):
        return the_site(environ, start_response)
    if path == "/slow/":
        time.sleep(0.02)
        body = BIG
    else:
        body = json.dumps({row.number: row.pid for row in current().neighbours()}).encode()
    start_response("200 OK", [("Content-Length", str(len(body))), ("X-Process", str(os.getpid()))])
    return [body]
