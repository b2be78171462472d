"""gunicorn's worker with threads, which does not wait at its end for clients that say nothing."""

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


class Worker(ThreadWorker):  # type: ignore[misc]
    """A browser opens connections ahead, for requests that it may never send.

    gunicorn ends kept-alive connections two seconds after SIGTERM, and waits for those that
    have sent nothing yet as long as for a request: graceful_timeout, half a minute.
    """

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)
