"""A mail server that keeps what it gets, and can be told to wait before it takes a letter.

For the drill that ends a worker in the middle of a job: while it is held, a worker is between
sending and remembering. Source: RFC 5321, as far as a client of smtplib goes.
"""

import socketserver
import threading
from email import message_from_bytes
from typing import Final

PATIENCE_S: Final = 60


class MailServer:
    """Listens on the loopback. `letters` are the Message-IDs that were taken."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.begun = threading.Event()
        self._open = threading.Event()
        self._open.set()
        mail = self

        class Conversation(socketserver.StreamRequestHandler):
            timeout = PATIENCE_S

            def handle(self) -> None:
                mail._talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hold(self) -> None:
        """From now on wait at the end of each letter."""
        self.begun.clear()
        self._open.clear()

    def let_go(self) -> None:
        """Take letters again, those that wait too."""
        self._open.set()

    def stop(self) -> None:
        """Close the port."""
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, peer: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            peer.wfile.write(f"{line}\r\n".encode())

        try:
            say("220 drill")
            for line in peer.rfile:
                verb = line.strip().upper()
                if verb == b"DATA":
                    say("354 go on")
                    self._take(peer)
                    say("250 taken")
                elif verb == b"QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")
        except OSError:
            return  # who sends was ended; that is what this is for

    def _take(self, peer: socketserver.StreamRequestHandler) -> None:
        lines: list[bytes] = []
        for line in peer.rfile:
            if line.rstrip(b"\r\n") == b".":
                break
            lines.append(line)
        else:
            return
        # Taken before the answer: a letter counts even when its sender is gone by then.
        self.letters.append(str(message_from_bytes(b"".join(lines))["Message-ID"]))
        self.begun.set()
        self._open.wait(PATIENCE_S)
