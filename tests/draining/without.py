"""The site's configuration of gunicorn, without what LEFT_OUT says."""

import os
from pathlib import Path

exec(compile(Path("config/gunicorn.py").read_text(), "config/gunicorn.py", "exec"))  # noqa: S102


def when_ready(server):
    from config import draining, serving

    if os.environ["LEFT_OUT"] == "all":
        return
    draining.shut = lambda listening: None
    draining.QUEUE_WITHIN_S = 0.5
    serving.when_ready(server)
