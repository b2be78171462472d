"""Lay out what the services of compose.yaml need and the repository must not hold.

Certificates from `ops.certs` and passwords of their own, each volume holding what one service
may see. What is there is kept, so that every `docker compose up` may run it; a certificate near
its end is renewed. Nothing is printed but what was made.

    python prepare.py FOLDER [NAME …]

FOLDER is where the volumes are mounted; each NAME one more by which the servers are reached.
"""

import os
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops.certs import folder as steps
from ops.certs.folder import Folder
from ops.certs.issue import names_of, read_certificate, service_names

RENEW_BEFORE_END = timedelta(days=30)
# Users of the images: postgres, pgbouncer as the operator runs it, and the shop's own.
POSTGRES, POOLER, SHOP = (999, 999), (100, 101), (10001, 10001)


def main(arguments: list[str]) -> None:
    """Fill the volumes below the folder that is named."""
    folder, *also = arguments
    made = fill(Path(folder), also=also, now=datetime.now(UTC))
    sys.stdout.write("".join(f"setup      {name}\n" for name in made or ["nothing to make"]))


def fill(place: Path, *, also: Sequence[str] = (), now: datetime) -> list[str]:
    """Make what is missing or near its end below `place`; return what was made."""
    made = _certificates(place / "authority", names=[*service_names(), *also], now=now)
    roles, own = ("superuser", "owner", "app", "pooler"), ("secret_key", "identity_key")
    names = (*roles, *own, "health_token")
    kept = {name: _kept_secret(place / "authority" / name, made) for name in names}
    issued = Folder(place / "authority" / "certs")
    pair = {path.name: path.read_bytes() for path in issued.server}
    ca = {"ca.crt": issued.bundle.read_bytes()}

    def only(*which: str) -> dict[str, bytes]:
        return {name: kept[name].encode() for name in which}

    _lay(place / "ca", ca, owner=SHOP, mode=0o444)
    _lay(place / "database", only("superuser", "owner", "app", "pooler") | pair, owner=POSTGRES)
    userlist = {"userlist.txt": f'"pooler" "{kept["pooler"]}"\n'.encode()}
    _lay(place / "pooler", userlist | pair | ca, owner=POOLER)
    _lay(place / "owner", only("owner", "secret_key"), owner=SHOP)
    _lay(place / "app", only("app", *own, "health_token"), owner=SHOP)
    return made


def _certificates(folder: Path, *, names: Sequence[str], now: datetime) -> list[str]:
    place = Folder(folder / "certs")
    if not place.authority[0].exists():
        steps.make(place, names=names, now=now)
        return ["an authority and a certificate of the database's servers"]
    shown = read_certificate(place.server[0])
    if shown.not_valid_after_utc - now < RENEW_BEFORE_END or names_of(shown) != list(names):
        steps.renew(place, names=names, now=now)
        return ["a new certificate of the database's servers"]
    return []


def _kept_secret(path: Path, made: list[str]) -> str:
    if not path.exists():
        _write(path, secrets.token_urlsafe(48).encode(), mode=0o600)
        made.append(path.name)
    return path.read_text()


def _lay(
    folder: Path, files: dict[str, bytes], *, owner: tuple[int, int], mode: int = 0o400
) -> None:
    """Put the files there, to be read by this user alone and changed by nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            _write(path, content, mode=mode)
        _give(path, owner)
    _give(folder, owner)
    folder.chmod(0o755)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Replace the file in one step; at no moment may somebody else read it."""
    fresh = path.with_name(path.name + ".fresh")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.chmod(mode)
    fresh.replace(path)


def _give(path: Path, owner: tuple[int, int]) -> None:
    # Not root means a folder of one's own: there everything has one owner anyway.
    if os.geteuid() == 0:
        os.chown(path, *owner)


if __name__ == "__main__":
    main(sys.argv[1:])
