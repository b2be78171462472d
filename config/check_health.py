"""`manage.py check_health` and `manage.py drain`: ask the probe port of the server beside us.

For probes that start a program, for preStop hooks and for scripts. They run
every few seconds where others need the processor, so this imports no Django
and little else: the whole costs less than a tenth of what Django's start does.
"""

import argparse
import os
import socket
import sys
import time
from collections.abc import Sequence
from typing import Final

PASSED: Final = 0
FAILED: Final = 1
COMMANDS: Final = ("check_health", "drain")
GROUPS: Final = ("live", "ready", "startup")
_ANSWER_WITHIN_S: Final = 2.0
_AGAIN_AFTER_S: Final = 0.25
_READ_AT_MOST: Final = 1024 * 1024
_WHICH_PORT: Final = "HEALTH_PORT must be that of the server"
# Who listens at every address is asked at this machine's own.
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here

Address = tuple[str, int]


class Unanswered(Exception):
    """Nobody gave an answer that could be read. The sentence says who was asked."""


def main(arguments: Sequence[str]) -> int:
    """Run `manage.py check_health …` or `manage.py drain …`; 2 is misuse."""
    command = arguments[1]
    options = parser_of(command).parse_args(arguments[2:])
    address = (_host(), options.port)
    if command == "drain":
        return _drain(address)
    return _check(address, options.group, until_s=time.monotonic() + options.wait)


def parser_of(command: str) -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(
        prog=f"manage.py {command}",
        description="Say whether the server on this machine is healthy, and end with 0 or 1."
        if command == "check_health"
        else "Tell the server on this machine to take no new work: it is not ready from now on.",
    )
    if command == "check_health":
        parser.add_argument(
            "group", nargs="?", choices=GROUPS, default="ready", help="default: ready"
        )
        parser.add_argument(
            "--wait", type=_seconds, default=0.0, help="seconds to wait until it passes"
        )
    parser.add_argument(
        "--port", type=_port, default=_given("HEALTH_PORT", "8081"), help="default: HEALTH_PORT"
    )
    return parser


def _check(address: Address, group: str, *, until_s: float) -> int:
    while True:
        status, line = _looked(address, group)
        left_s = until_s - time.monotonic()
        if status == PASSED or left_s <= 0:
            break
        time.sleep(min(_AGAIN_AFTER_S, left_s))
    _say(f"{group}: {line}", status)
    return status


def _looked(address: Address, group: str) -> tuple[int, str]:
    """The exit status, and what there is to say."""
    try:
        code, body = _asked(address, "GET", f"/health/{group}/?verbose")
    except Unanswered as refusal:
        return FAILED, str(refusal)
    failing, warnings = _named(body, "[-]"), _named(body, "[~]")
    if code == 200:
        return PASSED, f"pass, with warnings: {warnings}" if warnings else "pass"
    if code == 503 and failing:
        return FAILED, f"failing: {failing}" + (f"; warnings: {warnings}" if warnings else "")
    return FAILED, f"{_place(address)} answered {code}: {_WHICH_PORT}"


def _drain(address: Address) -> int:
    try:
        code, _ = _asked(address, "POST", "/drain/")
    except Unanswered as refusal:
        status, line = FAILED, str(refusal)
    else:
        status, line = PASSED, "the server takes no new work from now on"
        if code != 204:
            status, line = FAILED, f"{_place(address)} answered {code}: {_WHICH_PORT}"
    _say(f"drain: {line}", status)
    return status


def _say(line: str, status: int) -> None:
    (sys.stdout if status == PASSED else sys.stderr).write(f"{line}\n")


def _asked(address: Address, method: str, target: str) -> tuple[int, str]:
    """The status and the body of an answer. Raises Unanswered."""
    request = (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    answer, until_s = b"", time.monotonic() + _ANSWER_WITHIN_S
    try:
        with socket.create_connection(address, timeout=_ANSWER_WITHIN_S) as link:
            link.sendall(request.encode())
            while (came := link.recv(65536)) and len(answer) < _READ_AT_MOST:
                answer += came
                link.settimeout(max(0.001, until_s - time.monotonic()))
    except TimeoutError:
        raise Unanswered(f"{_place(address)} gives no answer") from None
    except OSError as failure:
        raise Unanswered(
            f"nobody answers at {_place(address)} ({failure.strerror or failure}):"
            f" the server does not run, or has another HEALTH_PORT"
        ) from None
    head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
    first = head.split("\r\n")[0].split(" ")
    if len(first) < 2 or not first[0].startswith("HTTP/") or not first[1].isdecimal():
        raise Unanswered(f"{_place(address)} answers, but not as a probe port: {_WHICH_PORT}")
    return int(first[1]), body


def _named(body: str, mark: str) -> str:
    """The checks whose lines begin so, each with its reason: `database (timeout)`."""
    found = []
    for line in body.splitlines():
        if line.startswith(mark):
            what, _, reason = line.removeprefix(mark).partition(": ")
            found.append(f"{what.split(' ')[0]} ({reason})")
    return ", ".join(found)


def _host() -> str:
    host = _given("HEALTH_BIND", "127.0.0.1").strip("[]")
    return _ANY.get(host, host)


def _place(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _port(given: str) -> int:
    if given.isascii() and given.isdigit() and 1 <= int(given) <= 65535:
        return int(given)
    raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError("a time is a number of seconds, 0 or more")
    return seconds


def _given(name: str, default: str) -> str:
    """As config.env reads it: NAME, or the content of the file that NAME_FILE names."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            with open(path) as opened:
                return opened.read().rstrip("\r\n")
        except OSError as failure:
            sys.stderr.write(f"{name}_FILE={path}: {failure.strerror}.\n")
            sys.exit(2)
    return os.environ.get(name, default)
