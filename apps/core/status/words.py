"""Every check and every cause in plain words: what it is, what it means for the shop, what to do.

The causes are those of `apps.core.sampling.check.WORDS`; a test holds both lists together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

Text = Any  # translated when it is shown


@dataclass(frozen=True, slots=True)
class Cause:
    """`label` stands in a pill, `means` and `do` are sentences."""

    label: Text
    means: Text
    do: Text


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched. `effect` is what its trouble means for the shop, a sentence.

    `what` is for those that no check of this process describes.
    """

    name: Text
    effect: Text
    what: Text = ""


CAUSES: Final[Mapping[str, Cause]] = MappingProxyType(
    {
        "auth": Cause(
            _("Refuses the sign-in"),
            _("The database does not take this program's user or password."),
            _("Renew the secret that holds the password; the doctor says which side is wrong."),
        ),
        "disk": Cause(
            _("Disk nearly full"),
            _("There is little or no room left to write."),
            _("Make room, or make the disk larger."),
        ),
        "dns": Cause(
            _("Name not found"),
            _("The name of the server leads to no address."),
            _("Look at the name service, and at the host that is set."),
        ),
        "draining": Cause(
            _("Closing"),
            _("This server is being shut down: it finishes what it has and takes nothing new."),
            _("Nothing, while another server takes over."),
        ),
        "error": Cause(
            _("Could not be looked at"),
            _("The look itself went wrong, so nothing is known."),
            _("Read this server's log; it names the reason."),
        ),
        "expired": Cause(
            _("Expired"),
            _("A certificate is past its last day, and new connections are refused."),
            _("Renew it now."),
        ),
        "expiring": Cause(
            _("Ends soon"),
            _("A certificate is near its last day."),
            _("Renew it before it ends."),
        ),
        "full": Cause(
            _("All busy"),
            _("Every place for a request is taken, and others wait."),
            _("If it stays so, add a server, or find the page that takes so long."),
        ),
        "lag": Cause(
            _("Behind"),
            _("A copy of the database has not yet all that the main one has."),
            _("Look at the copy's disk and network if it does not catch up."),
        ),
        "late": Cause(
            _("Late"),
            _("Work waits longer than it should."),
            _("See that a worker runs, and which job takes so long."),
        ),
        "pending": Cause(
            _("Not up to date"),
            _("The database is older than this version of the program."),
            _("Run the migrations as the owner."),
        ),
        "pool": Cause(
            _("Nearly no connection free"),
            _("All or nearly all connections of the database are taken."),
            _("Find who holds them; then raise the limit or lower the number of workers."),
        ),
        "read_only": Cause(
            _("Takes no writes"),
            _("The database can be read and not written: a copy, or one that was closed."),
            _("Wait for a take-over to end; else point the shop at the main database."),
        ),
        "refused": Cause(
            _("Turns us away"),
            _("The server is there and does not let this program in."),
            _("Run the doctor; it names the rule or the limit."),
        ),
        "stale": Cause(
            _("Not heard of lately"),
            _("What was last heard is too old to prove anything."),
            _("If it stays so, start again what should have spoken."),
        ),
        "starting": Cause(
            _("Starting"),
            _("It has not been looked at yet."),
            _("Wait a few seconds."),
        ),
        "stuck": Cause(
            _("Stuck"),
            _("The same work has held every place for too long."),
            _("The server is started again by itself; the log names the page."),
        ),
        "timeout": Cause(
            _("No answer in time"),
            _("It was asked, and said nothing."),
            _("Look whether it runs and whether the network reaches it."),
        ),
        "tls": Cause(
            _("Not safely encrypted"),
            _("The link is not encrypted, or its certificate is not one we know."),
            _("Run the doctor; it names the certificate and what is wrong with it."),
        ),
        "unbound": Cause(
            _("Shops not kept apart"),
            _("The program's role may see every shop's rows, so no page is given out."),
            _("Let it serve as jewelry_app, not as the owner."),
        ),
        "unreachable": Cause(
            _("Cannot be reached"),
            _("Nobody answers at its address."),
            _("See that it runs, and that its host and port are the right ones."),
        ),
        "wedged": Cause(
            _("Lost its way"),
            _("The database is well, and this process does not find it any more."),
            _("The process is started again by itself."),
        ),
    }
)

WATCHED: Final[Mapping[str, Watched]] = MappingProxyType(
    {
        "database": Watched(
            _("Database"),
            _("Nothing can be sold or looked up until it is back. What was finished is safe."),
        ),
        "replicas": Watched(
            _("Database copies"),
            _(
                "Sales, prices and receipts are not affected. Reports may be a little old, and"
                " taking over from the main database would take longer."
            ),
        ),
        "connections": Watched(
            _("Connections"),
            _("Sales go on. When the last connection is taken, tills wait."),
        ),
        "migrations": Watched(
            _("Schema"),
            _("This server gives out no pages until the database fits."),
        ),
        "cache": Watched(_("Cache"), _("Sales go on; pages may take longer.")),
        "queue": Watched(
            _("Background work"),
            _("Sales go on; receipts by mail, exports and imports come later."),
        ),
        "jobs": Watched(
            _("Worker"),
            _("Sales go on; receipts by mail, exports and imports come later."),
            _("Takes and runs jobs"),
        ),
        "certificates": Watched(
            _("Certificates"),
            _("Sales go on until it ends; then no till reaches the database."),
        ),
        "disk": Watched(
            _("Disk"), _("Sales go on; imports, exports and pictures stop when it is full.")
        ),
        "requests": Watched(_("Requests"), _("Pages come, but people wait for them.")),
        "site": Watched(_("Own site"), _("Pages may not reach the tills of this server.")),
        "temporary": Watched(
            _("Temporary files"), _("This server takes no uploads and prints no receipts.")
        ),
        "program": Watched(_("Program"), _("Pages of this server may be missing parts.")),
        # What a station says of itself.
        "sampler": Watched(
            _("Watch"),
            _("What this page says of this server may not be true any more."),
            _("Looks after the looks"),
        ),
        "workers": Watched(_("Processes"), _("This server answers nobody."), _("Run and answer")),
        "startup": Watched(
            _("Start"), _("This server is not ready yet."), _("This server has started")
        ),
        "sampled": Watched(
            _("First looks"), _("This server is not ready yet."), _("Everything was looked at")
        ),
        "draining": Watched(
            _("Open for work"), _("Other servers take over."), _("Takes new requests")
        ),
        "wedged": Watched(
            _("Way to the database"),
            _("Pages of this process do not reach the database."),
            _("Pages find the database"),
        ),
    }
)

# The sentence that says it, where check and cause together say more than one after the other.
FACTS: Final[Mapping[tuple[str, str], Text]] = MappingProxyType(
    {
        ("database", "auth"): _("The database refuses the shop's password."),
        ("database", "dns"): _("The database's name is not found."),
        ("database", "pool"): _("No connection to the database is free."),
        ("database", "read_only"): _("The database takes no writes."),
        ("database", "refused"): _("The database turns the shop away."),
        ("database", "timeout"): _("The database does not answer in time."),
        ("database", "tls"): _("The link to the database is not safely encrypted."),
        ("database", "unbound"): _("Shops are not kept apart."),
        ("database", "unreachable"): _("The database cannot be reached."),
        ("replicas", "lag"): _("A copy of the database is behind."),
        ("replicas", "unreachable"): _("A copy of the database cannot be reached."),
        ("replicas", "timeout"): _("A copy of the database does not answer in time."),
        ("connections", "pool"): _("Few connections to the database are left."),
        ("certificates", "expiring"): _("A certificate ends soon."),
        ("certificates", "expired"): _("A certificate has expired."),
        ("certificates", "unreachable"): _("A certificate could not be looked at."),
        ("queue", "late"): _("Background work is late."),
        ("queue", "stale"): _("No worker does the background work."),
        ("disk", "disk"): _("A disk is nearly full."),
        ("temporary", "disk"): _("There is no room for temporary files."),
        ("requests", "full"): _("All hands are busy."),
        ("migrations", "pending"): _("The database is older than the program."),
        ("draining", "draining"): _("This server is closing."),
    }
)

# What to do about it, where the check says it better than the cause.
DO: Final[Mapping[tuple[str, str], Text]] = MappingProxyType(
    {
        ("cache", "pending"): _("Make its table as the owner: manage.py createcachetable."),
        ("queue", "stale"): _("Start a worker: manage.py worker."),
        ("certificates", "expired"): _("Renew it now: docs/howto/rotate-certificates.md."),
        ("certificates", "expiring"): _(
            "Renew it before it ends: docs/howto/rotate-certificates.md."
        ),
        ("certificates", "unreachable"): _(
            "See that the server runs; the days of its certificate are then known again."
        ),
    }
)

UNKNOWN: Final = Watched("", _("Sales go on as far as is known."))


def cause(word: str) -> Cause:
    """What a word means. Without one nothing is wrong: ask only for those that are not well."""
    return CAUSES[word or "error"]


def watched(name: str) -> Watched:
    """What is known of a check; of one that was added and is not described here, its name."""
    known = WATCHED.get(name)
    return known or Watched(name.replace("_", " ").capitalize(), UNKNOWN.effect)


def fact(name: str, word: str) -> str:
    """A sentence: what is wrong with which."""
    said = FACTS.get((name, word))
    if said is not None:
        return str(said)
    return _("%(name)s: %(cause)s.") % {
        "name": watched(name).name,
        "cause": lower_first(str(cause(word).label)),
    }


def what_to_do(name: str, word: str) -> str:
    return str(DO.get((name, word), cause(word).do))


def lower_first(text: str) -> str:
    """For a label in the middle of a sentence; scripts without capitals are as they were."""
    return text[:1].lower() + text[1:]
