"""gunicorn's worker with threads, which waits for clients that say nothing with none of them."""

import selectors
import time
from functools import partial

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]


class Worker(ThreadWorker):  # type: ignore[misc]
    """A browser opens connections ahead, for requests that it may never send.

    gunicorn gives each new connection a thread, for five seconds if nothing comes: as many
    silent ones as there are threads would keep everybody out. Here a connection waits with the
    kept-alive ones until its first byte.

    gunicorn ends kept-alive connections two seconds after SIGTERM, and waits for those that
    have sent nothing yet as long as for a request: graceful_timeout, half a minute.

    gunicorn hears that this worker lives from the thread that takes connections in, whatever the
    others do: one whose threads are all stuck would take in its share of the requests for ever.
    """

    def stuck_for_s(self) -> float:
        """For how long every slot has been held by the same requests; config.serving knows."""
        return 0.0

    def notify(self) -> None:
        """Say that this worker lives; not when it is stuck, so that gunicorn replaces it alone."""
        if not self.timeout or self.stuck_for_s() <= self.timeout:
            super().notify()

    def enqueue_req(self, conn: TConn) -> None:
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        heard = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, heard)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)
