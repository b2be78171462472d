"""What stands between a program and its server, and can be made to misbehave."""

import asyncio
import contextlib
import socket
import ssl
import struct
import tempfile
import threading
import time
from pathlib import Path

_PIECE = 64 * 1024
# Close with a reset, as a machine does that has lost the connection.
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """A TCP proxy before a server of this machine: it passes, stalls, delays, cuts, or is gone.

    A stalled one still takes connections and bytes and answers nothing, like a
    firewall that forgot about them. `spared` names the server-side ports of
    links that pass even so.
    """

    def __init__(self, server_port):
        self.server_port = server_port
        self.spared = set()
        self.delay_s = 0.0
        self.opened = 0
        self._links = {}
        self._loop = asyncio.new_event_loop()
        self._moving = asyncio.Event()
        self._moving.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listener = None
        self.port = 0
        self.listen()

    def listen(self):
        """Take connections, on the same port as ever."""

        async def begin():
            self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

        self._do(begin())

    def refuse(self):
        """Take no more connections; the open ones go on."""

        async def end():
            self._listener.close()

        self._do(end())

    def stall(self):
        """Move no byte from now on, but for the links that are spared."""
        self._loop.call_soon_threadsafe(self._moving.clear)

    def go_on(self):
        """Move what was held, and everything after it."""
        self._loop.call_soon_threadsafe(self._moving.set)

    def cut(self):
        """Reset every link that is not spared."""

        async def reset():
            for port, writers in list(self._links.items()):
                if port not in self.spared:
                    for writer in writers:
                        _abort(writer)

        self._do(reset())

    def close(self):
        """End it all."""

        async def end():
            self._listener.close()
            for writers in list(self._links.values()):
                for writer in writers:
                    _abort(writer)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _serve(self, reader, writer):
        self.opened += 1
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            _abort(writer)
            return
        port = up_writer.get_extra_info("sockname")[1]
        self._links[port] = (writer, up_writer)
        try:
            await asyncio.gather(
                self._pump(reader, up_writer, port), self._pump(up_reader, writer, port)
            )
        except OSError:
            pass  # one side is gone, and so the other goes
        finally:
            del self._links[port]
            for one in (writer, up_writer):
                one.close()

    async def _pump(self, reader, writer, port):
        while piece := await reader.read(_PIECE):
            if port not in self.spared:
                await self._moving.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def _abort(writer):
    link = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextlib.contextmanager
def black_hole(port):
    """A port where the kernel drops every SYN: a listener that accepts nobody, and is full."""
    with socket.socket() as listener, contextlib.ExitStack() as fillers:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(0)
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with socket.socket() as probe:
            probe.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                probe.connect(("127.0.0.1", port))
                raise AssertionError("the listener still takes connections")
        yield


class TlsDoor:
    """A server of which only the door is there: it agrees to TLS, shows a certificate, ends."""

    def __init__(self, pair):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder) / "crt", Path(folder) / "key"
            certificate.write_bytes(pair.certificate)
            key.write_bytes(pair.key)
            self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _run(self):
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            with link, contextlib.suppress(OSError):
                link.settimeout(5)
                # PostgreSQL's request for TLS, and its yes. Source: "SSLRequest", chapter 54.
                if link.recv(8) == struct.pack("!ii", 8, 80877103):
                    link.sendall(b"S")
                    with self._context.wrap_socket(link, server_side=True) as wrapped:
                        wrapped.recv(1)


@contextlib.contextmanager
def deaf_resolver(address):
    """A name server that takes every question and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind((address, 53))
        yield


def wait_for(true, what, *, within_s=30.0):
    until = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < until, f"waited {within_s} s in vain for {what}"
        time.sleep(0.02)
    return found
