#!/usr/bin/env python
"""Stands in for kubectl: a cluster written down in the file that FAKE_CLUSTER names.

What a claim runs inside a pod with `python` really runs here, with the pod's environment and with
its names leading to this machine, so that real servers answer. Selectors are heeded.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

CLUSTER = json.loads(Path(os.environ["FAKE_CLUSTER"]).read_text())
NAMES = """
import socket as _socket, json as _json, os as _os
_names, _plain = _json.loads(_os.environ["POD_NAMES"]), _socket.getaddrinfo
def _lookup(host, port, *given, **more):
    if host in _names:
        host, port = _names[host]
    return _plain(host, port, *given, **more)
_socket.getaddrinfo = _lookup
"""


def say(text):
    sys.stdout.write(text + "\n")


def main(arguments):
    arguments = without_place(arguments)
    match arguments:
        case ["get", kind, *options]:
            return get(kind, options)
        case ["exec", pod, *rest]:
            command = rest[rest.index("--") + 1 :]
            return execute(pod, command)
        case ["kustomize", _folder]:
            say(json.dumps(CLUSTER["manifests"]))
            return 0
        case ["create", *_]:
            for document in json.loads(sys.stdin.read()):
                say(json.dumps(document, indent=4))
            return 0
    sys.stderr.write(f"error: unknown command {arguments}\n")
    return 1


def without_place(arguments):
    kept, skip = [], False
    for argument in arguments:
        if skip or argument in ("--namespace", "--context"):
            skip = not skip
            continue
        kept.append(argument)
        if argument == "exec":
            break
    return kept + arguments[arguments.index("exec") + 1 :] if "exec" in arguments else kept


def get(kind, options):
    if kind not in CLUSTER["objects"]:
        sys.stderr.write(f'error: the server doesn\'t have a resource type "{kind}"\n')
        return 1
    found = CLUSTER["objects"][kind]
    if "-l" in options:
        wanted = dict(pair.split("=") for pair in options[options.index("-l") + 1].split(","))
        found = [one for one in found if wanted.items() <= one["metadata"]["labels"].items()]
    if not options[0].startswith("-"):
        found = [one for one in found if one["metadata"]["name"] == options[0]]
        if not found:
            sys.stderr.write(f'Error from server (NotFound): {kind} "{options[0]}" not found\n')
            return 1
        say(json.dumps(found[0]))
        return 0
    say(json.dumps({"apiVersion": "v1", "kind": "List", "items": found}))
    return 0


def execute(pod, command):
    inside = CLUSTER["pods"][pod]
    if "unreachable" in inside:
        sys.stderr.write(f"error: unable to upgrade connection: {inside['unreachable']}\n")
        return 1
    asked = " ".join(command)
    for known, (status, said) in inside.get("commands", {}).items():
        if known in asked:
            sys.stdout.write(said)
            return status
    if command[0] == "python":
        environment = os.environ | inside.get("environment", {})
        environment["POD_NAMES"] = json.dumps(inside.get("names", {}))
        if command[1] == "-c":
            command = [command[0], "-c", NAMES + command[2], *command[3:]]
        return subprocess.run([sys.executable, *command[1:]], env=environment).returncode
    sys.stderr.write(f"sh: {command[0]}: not found\n")
    return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
