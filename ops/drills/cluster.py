"""What a drill may ask of a cluster, wherever that runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

# Each check with its word, for who asks from the machine itself.
VERBOSE: Final = "/health/ready/?verbose"


class Cannot(Exception):
    """This cluster cannot be broken, or looked at, in this way: the sentence says why."""


class Failed(OSError):
    """The cluster did not do, or did not answer, what was asked of it: the sentence says why.

    Where Cannot is known beforehand and nothing is touched, this happens in the middle.
    """


@dataclass(frozen=True, slots=True)
class Seen:
    """One probe: its status, or None when no answer came in time, and how long it took."""

    status: int | None
    took_s: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the books say of one sale."""

    key: str
    number: str
    tags: tuple[str, ...]
    entries: int  # entries of the ledger with its number


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The data at one moment, in numbers that a lost or changed row would change."""

    sales: int
    pieces: int
    postings: int
    digest: str  # of every sale, piece and posting
    imbalance: int


@dataclass(frozen=True, slots=True)
class Goods:
    """How one sells here: where, with which key, alike pieces, their price."""

    host: str
    port: int
    tls: bool
    token: str = field(repr=False)
    tills: tuple[str, ...]


class Cluster:
    """One running system. A verb returns when it is done; one that is not here raises Cannot,
    one that fails Failed.
    """

    name = "this cluster"

    # Looking

    def goods(self) -> Goods:
        """How one sells here."""
        raise self._cannot("sell")

    def take_tag(self) -> str:
        """The tag of a piece that nobody was given yet."""
        raise self._cannot("give a piece")

    def stock_up(self, pieces: int) -> None:
        """See to it that so many pieces are left."""
        raise self._cannot("take pieces in")

    def web(self) -> list[str]:
        """The names of the web pods."""
        raise self._cannot("name web pods")

    def probe(self, pod: str, path: str, *, timeout_s: float) -> Seen:
        """One probe of a web pod."""
        raise self._cannot("probe")

    def in_rotation(self) -> list[str]:
        """The web pods that get requests now."""
        raise self._cannot("tell who gets requests")

    def restarts(self) -> int:
        """How often containers of web were restarted, all together."""
        raise self._cannot("count restarts")

    def primary(self) -> str | None:
        """Who leads, if anybody does."""
        raise self._cannot("tell who leads")

    def recorded(self, *, since: str) -> list[Recorded]:
        """Every sale whose key begins with `since`."""
        raise self._cannot("read the books")

    def imbalance(self) -> int:
        """Entries of the ledger whose amounts of one commodity do not sum to zero."""
        raise self._cannot("read the books")

    def sold_twice(self) -> int:
        """Pieces on more than one live line of a sale."""
        raise self._cannot("read the books")

    def health(self) -> list[str]:
        """What a web pod says is not well, to who may know: `database failed: timeout`."""
        raise self._cannot("read the health of a pod")

    def doctor(self) -> list[str]:
        """The doctor's findings now, as a web pod sees the database."""
        raise self._cannot("call the doctor")

    def versions(self) -> Mapping[str, str]:
        """What runs here, by name."""
        return {}

    def wait_whole(self) -> None:
        """Wait until everything runs as it should."""
        raise self._cannot("wait")

    def listen(self, to: Callable[[str], None]) -> None:
        """Tell `to` what happens by itself from now on."""

    # Breaking, and mending

    def kill_primary(self) -> str:
        """kill -9 of everything in the primary's container; who that was."""
        raise self._cannot("kill the primary")

    def lose_primary(self) -> str:
        """As `kill_primary`, and it does not come back."""
        raise self._cannot("keep a primary down")

    def freeze_primary(self) -> str:
        """SIGSTOP of everything in the primary's container."""
        raise self._cannot("freeze the primary")

    def mend_members(self) -> None:
        """Let every database pod run."""
        raise self._cannot("mend the database")

    def switchover(self) -> str:
        """Hand over as planned; who leads then."""
        raise self._cannot("switch over")

    def stop_database(self) -> None:
        """All database pods away, until `mend_members`."""
        raise self._cannot("stop the database")

    def kill_pooler(self) -> str:
        """kill -9 of one pooler; it is restarted."""
        raise self._cannot("kill a pooler")

    def stop_poolers(self) -> None:
        """All poolers away, until `mend_poolers`."""
        raise self._cannot("stop the poolers")

    def mend_poolers(self) -> None:
        """Let every pooler run."""
        raise self._cannot("start the poolers")

    def kill_web(self) -> str:
        """kill -9 of one web pod's container; it is restarted."""
        raise self._cannot("kill a web pod")

    def delete_web(self) -> str:
        """Delete one web pod (SIGTERM, grace); returns when another has taken its place."""
        raise self._cannot("delete a web pod")

    def roll_web(self) -> None:
        """Replace every web pod, one by one, as a rollout does."""
        raise self._cannot("roll web")

    def black_hole(self) -> None:
        """The database's port answers nothing, until `open_again`."""
        raise self._cannot("swallow packets")

    def open_again(self) -> None:
        """The database's port answers."""
        raise self._cannot("let packets through")

    def expire_certificates(self) -> None:
        """Database and poolers show a certificate that has ended."""
        raise self._cannot("expire certificates")

    def renew_certificates(self) -> None:
        """Database and poolers show a new, good certificate; all old connections are renewed."""
        raise self._cannot("renew certificates")

    def rotate_authority(self) -> None:
        """Old and new authority trusted, new one signs, old one dropped: with servers reloaded."""
        raise self._cannot("rotate the authority")

    def fill_disk(self) -> str:
        """No byte is left on the primary's disk; whose that is."""
        raise self._cannot("fill a disk")

    def use_up_log(self) -> None:
        """Let the primary need a new segment of its log now."""
        raise self._cannot("use up the log")

    def free_disk(self) -> None:
        """There is room again."""
        raise self._cannot("free a disk")

    def take_connections(self) -> int:
        """Hold every connection that the primary gives; how many those are."""
        raise self._cannot("take connections")

    def give_connections(self) -> None:
        """Let them go."""
        raise self._cannot("give connections back")

    def pause_replay(self) -> int:
        """Replicas stop replaying; how many."""
        raise self._cannot("pause replay")

    def resume_replay(self) -> None:
        """Replicas catch up."""
        raise self._cannot("resume replay")

    def lag_bytes(self) -> int:
        """What the replica furthest behind has still to replay."""
        raise self._cannot("measure lag")

    def hold_mail(self) -> None:
        """The mail server takes a letter and does not say so."""
        raise self._cannot("hold mail")

    def wait_letter(self, *, within_s: float) -> bool:
        """Whether a letter came in that time, counted from `hold_mail`."""
        raise self._cannot("see mail")

    def let_mail_go(self) -> None:
        """The mail server answers."""
        raise self._cannot("let mail go")

    def kill_worker(self) -> None:
        """kill -9 of the worker; it is restarted."""
        raise self._cannot("kill the worker")

    def mailed(self, number: str) -> tuple[int, int, int]:
        """Of a sale: mails remembered, letters that came, different letters among them."""
        raise self._cannot("see mail")

    def back_up(self) -> None:
        """Take a base backup; the log is archived from there on."""
        raise self._cannot("take a backup")

    def moment(self) -> tuple[str, Fingerprint]:
        """A moment of the database, to which it can be restored, and its data then."""
        raise self._cannot("name a moment")

    def drop_database(self) -> None:
        """DROP DATABASE."""
        raise self._cannot("drop the database")

    def restore(self, moment: str) -> Fingerprint:
        """Restore the backup to a moment, beside the cluster; the data found there."""
        raise self._cannot("restore")

    def put_back(self) -> None:
        """The cluster serves what was restored."""
        raise self._cannot("put a restored database back")

    def _cannot(self, what: str) -> Cannot:
        return Cannot(f"{self.name} cannot {what}.")


def not_well(verbose: str) -> list[str]:
    """The checks that fail or warn, of what `/health/ready/?verbose` says."""
    lines = verbose.splitlines()
    return [line[3:].strip() for line in lines if line.startswith(("[-]", "[~]"))]


def demand(cluster: Cluster, verbs: Sequence[str]) -> None:
    """Raise Cannot for the first of `verbs` that is not here."""
    for verb in verbs:
        if getattr(type(cluster), verb) is getattr(Cluster, verb):
            raise Cannot(f"{cluster.name} cannot {verb.replace('_', ' ')}.")
