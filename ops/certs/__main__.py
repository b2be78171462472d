"""Make and renew the certificates of the database's servers.

python -m ops.certs make           authority, bundle and server certificate
python -m ops.certs renew          a new server certificate, the same authority
python -m ops.certs new-authority  step 1 of an exchange: clients trust the old and the next
python -m ops.certs switch         step 2: the next authority signs the servers' certificate
python -m ops.certs drop-old       step 3: clients trust the new authority alone
python -m ops.certs show           what there is, and for how many days
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from ops.certs import folder as steps
from ops.certs.folder import Folder, Refused
from ops.certs.issue import names_of, read_certificate, service_names

COMMANDS = ("make", "renew", "new-authority", "switch", "drop-old", "show")


def main(arguments: list[str]) -> int:
    """Do one step and show the result; 0, or 1 for a refusal, in a sentence."""
    asked = _parser().parse_args(arguments)
    place, now = Folder(asked.folder), datetime.now(UTC)
    names = [*service_names(cluster=asked.cluster, namespace=asked.namespace), *asked.also]
    try:
        match asked.command:
            case "make":
                steps.make(place, names=names, now=now)
            case "renew":
                steps.renew(place, names=names if asked.also else (), now=now)
            case "new-authority":
                steps.begin_exchange(place, now=now)
            case "switch":
                steps.switch(place, now=now)
            case "drop-old":
                steps.finish_exchange(place)
        show(place, now=now)
    except (Refused, OSError) as refused:
        print(f"certs: {refused}", file=sys.stderr)
        return 1
    return 0


def show(place: Folder, *, now: datetime) -> None:
    """Print the bundle and the server's certificate, with days left."""
    if not place.bundle.exists():
        raise Refused(f"There is nothing in {place.path} yet. Begin with `make`.")
    for trusted in place.trusted():
        print(f"trusted    {trusted.subject.rfc4514_string()}, {_days(trusted, now)} days left")
    server = read_certificate(place.server[0])
    print(f"server     by {server.issuer.rfc4514_string()}, {_days(server, now)} days left")
    print(f"names      {', '.join(names_of(server))}")


def _days(certificate: x509.Certificate, now: datetime) -> int:
    return (certificate.not_valid_after_utc - now).days


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops.certs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--folder", type=Path, default=Path("certs"), help="default: certs")
    parser.add_argument("--cluster", default="jewelry-shop-db", help="the cluster's name")
    parser.add_argument("--namespace", default="jewelry-shop", help="where the cluster runs")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="NAME",
        help="one more name or address of the server, as localhost or 127.0.0.1",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
