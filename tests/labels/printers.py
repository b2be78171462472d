"""A printer that listens on the loopback, as the real ones do on the shop's network."""

import os
import socket
import threading
from contextlib import contextmanager
from itertools import count

from apps.core.paper.network import USUAL_PORT

_number = count(1)


class FakePrinter:
    """Takes jobs until it is closed; answers nothing, as printers do."""

    def __init__(self):
        # An address of its own for each process and each printer: the port is the usual one.
        pid = os.getpid()
        self.host = f"127.{pid % 251 + 2}.{pid // 251 % 250}.{next(_number) % 250 + 2}"
        self.port = USUAL_PORT
        self._server = socket.create_server((self.host, self.port))
        self._jobs = []
        self._arrived = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                link, _address = self._server.accept()
            except OSError:
                return
            with link:
                parts = []
                while part := link.recv(65536):
                    parts.append(part)
            self._jobs.append(b"".join(parts))
            self._arrived.release()

    def received(self):
        """The next job that came."""
        assert self._arrived.acquire(timeout=10), "no job came"
        return self._jobs.pop(0)

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)


@contextmanager
def printer_at():
    printer = FakePrinter()
    try:
        yield printer
    finally:
        printer.close()
