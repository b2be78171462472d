"""The shop's gunicorn without the shop: the same workers, threads and limits, none of its hooks."""

import runpy
from pathlib import Path

_OURS = runpy.run_path(str(Path(__file__).parent.parent.parent / "config" / "gunicorn.py"))
_SAME = (
    "bind workers threads worker_class worker_tmp_dir timeout graceful_timeout keepalive"
    " max_requests max_requests_jitter accesslog errorlog control_socket_disable backlog"
)
globals().update({name: _OURS[name] for name in _SAME.split() if name in _OURS})
