"""The drill cluster of `local/drill`, as a cluster that drills break."""

import json
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import psycopg

from local.cluster import SUPERUSER
from local.drill import backup, certificates
from local.drill.cluster import DrillCluster
from local.drill.goods import PREFIX, TILLS
from local.drill.patroni import Member, ask
from local.drill.pods import WEB
from local.drill.room import signal_each
from local.processes import command_of
from local.roles import APP
from ops.drills.cluster import (
    VERBOSE,
    Cannot,
    Cluster,
    Fingerprint,
    Goods,
    Recorded,
    Seen,
    not_well,
)

FILLER: Final = "filler"
# More than PostgreSQL keeps ready for use.
SEGMENTS: Final = 30
_SALES = """
SELECT s.idempotency_key, s.code, array_agg(DISTINCT l.tag),
       (SELECT count(*) FROM ledger_entry e
         WHERE e.shop_id = s.shop_id AND e.what = 'sale' AND e.reference = s.code)
  FROM sales_sale s JOIN sales_saleline l ON l.sale_id = s.id AND l.shop_id = s.shop_id
 WHERE s.shop_id = %s AND left(s.idempotency_key, length(%s)) = %s
 GROUP BY s.id, s.shop_id, s.idempotency_key, s.code
"""
_IMBALANCE = """
SELECT count(*) FROM (SELECT FROM ledger_posting
 GROUP BY shop_id, entry_id, commodity HAVING sum(amount) <> 0) AS uneven
"""
_TWICE = """
SELECT count(*) FROM (SELECT FROM sales_saleline WHERE live
 GROUP BY shop_id, piece_id HAVING count(*) > 1) AS twice
"""


class Laptop(Cluster):
    """Processes on this machine; see `local/drill`."""

    name = "the drill cluster"

    def __init__(self, made: DrillCluster) -> None:
        self._made = made
        self._frozen: list[Member] = []
        self._down: list[Member] = []
        self._held: list[psycopg.Connection] = []
        self._full: list[Member] = []
        self._paused: list[int] = []
        self._lock = threading.Lock()

    # Looking

    def goods(self) -> Goods:
        tills = tuple(str(number) for number in range(1, TILLS + 1))
        return Goods("127.0.0.1", self._made.balancer.site, False, self._made.token, tills)

    def take_tag(self) -> str:
        with self._lock:
            return f"{PREFIX}{self._made.take_piece()}"

    def stock_up(self, pieces: int) -> None:
        if self._made.unsold < pieces:
            self._made.add_pieces(pieces)

    def web(self) -> list[str]:
        return [pod.name for pod in self._made.web]

    def probe(self, pod: str, path: str, *, timeout_s: float) -> Seen:
        found = next((one for one in self._made.web if one.name == pod), None)
        return Seen(None, 0.0) if found is None else Seen(*found.probe(path, timeout_s=timeout_s))

    def in_rotation(self) -> list[str]:
        return self._made.balancer.up(WEB)

    def restarts(self) -> int:
        return self._made.restarts_of_deleted + sum(pod.restarts for pod in self._made.web)

    def primary(self) -> str | None:
        found = self._made.database.primary()
        return found.name if found else None

    def recorded(self, *, since: str) -> list[Recorded]:
        rows = self._in_shop(_SALES, self._made.shop, since, since)
        return [Recorded(key, code, tuple(tags), entries) for key, code, tags, entries in rows]

    def imbalance(self) -> int:
        return int(self._in_shop(_IMBALANCE)[0][0])

    def sold_twice(self) -> int:
        return int(self._in_shop(_TWICE)[0][0])

    def health(self) -> list[str]:
        for pod in self._made.web:
            if pod.slot and (said := ask(pod.slot.probe, "GET", VERBOSE)):
                return not_well(said[1].decode())
        return []

    def doctor(self) -> list[str]:
        environment = self._made.web_environment()
        command = ["manage.py", "doctor", "--all", "--json"]
        said = self._made.output(*command, environment=environment)
        return [one["finding"] for one in json.loads(said)["links"] if one["finding"]]

    def versions(self) -> Mapping[str, str]:
        return self._made.versions()

    def wait_whole(self) -> None:
        self._made.wait_whole()

    def listen(self, to: Callable[[str], None]) -> None:
        self._made.listener = to

    # The database

    def kill_primary(self) -> str:
        member = self._made.database.demand_primary()
        self._made.database.kill(member)
        return member.name

    def lose_primary(self) -> str:
        member = self._made.database.demand_primary()
        self._down.append(member)
        self._made.database.hold_down(member)
        return member.name

    def freeze_primary(self) -> str:
        member = self._made.database.demand_primary()
        self._frozen.append(member)
        self._made.database.freeze(member)
        return member.name

    def stop_database(self) -> None:
        for member in self._made.database.members:
            self._down.append(member)
            self._made.database.hold_down(member)

    def mend_members(self) -> None:
        while self._frozen:
            self._made.database.thaw(self._frozen.pop())
        while self._down:
            self._made.database.let_up(self._down.pop())

    def switchover(self) -> str:
        return self._made.database.switchover()

    # The poolers

    def kill_pooler(self) -> str:
        one = self._made.poolers[0]
        self._made.kill_pooler(one)
        return one.slot.name

    def stop_poolers(self) -> None:
        for one in self._made.poolers:
            self._made.stop_pooler(one)

    def mend_poolers(self) -> None:
        for one in self._made.poolers:
            if not one.wanted:
                self._made.start_pooler(one)

    # Web

    def kill_web(self) -> str:
        pod = self._made.web[0]
        pod.kill()
        return pod.name

    def delete_web(self) -> str:
        # A cluster starts the pod that takes the place as soon as the other is deleted.
        pod = self._made.web[0]
        leaving = threading.Thread(target=self._made.delete_web, args=(pod,))
        leaving.start()
        self._made.new_web()
        leaving.join()
        self._made.wait_web()
        return pod.name

    def roll_web(self) -> None:
        for pod in list(self._made.web):
            self._made.wait_web(self._made.new_web())
            self._made.delete_web(pod)

    # The way to the database

    def black_hole(self) -> None:
        self._made.balancer.black_hole()

    def open_again(self) -> None:
        self._made.balancer.open_again()

    # Certificates

    def expire_certificates(self) -> None:
        certificates.expire(self._made)

    def renew_certificates(self) -> None:
        certificates.renew(self._made)

    def rotate_authority(self) -> None:
        certificates.rotate(self._made)

    # The primary's means

    def fill_disk(self) -> str:
        member = self._made.database.demand_primary()
        if not member.small_disk:
            raise Cannot("Only root may give a server a disk of its own, which can be filled.")
        self._full.append(member)
        try:
            with (member.home / FILLER).open("wb", buffering=0) as file:
                while file.write(bytes(1_000_000)):
                    continue
        except OSError:
            return member.name
        return member.name

    def use_up_log(self) -> None:
        # Ends with the server, when that has no room for the segment.
        with suppress(psycopg.Error):
            for _ in range(SEGMENTS):
                self._made.sql(
                    "SELECT pg_logical_emit_message(true, 'drill', repeat('x', 9000000))"
                )
                self._made.sql("SELECT pg_switch_wal()")

    def free_disk(self) -> None:
        while self._full:
            (self._full.pop().home / FILLER).unlink(missing_ok=True)

    def take_connections(self) -> int:
        link = self._made.primary.link(APP, connect_timeout=5)
        try:
            while True:
                self._held.append(psycopg.connect(**link))
        except psycopg.OperationalError:
            return len(self._held)

    def give_connections(self) -> None:
        while self._held:
            self._held.pop().close()

    def pause_replay(self) -> int:
        # Not by pg_wal_replay_pause(): Patroni takes that back within its next round.
        leader = self._made.database.demand_primary()
        replaying = [
            pid
            for member in self._made.database.members
            if member is not leader
            for pid in member.processes()
            if " startup recovering" in command_of(pid)
        ]
        self._paused += replaying
        signal_each(replaying, signal.SIGSTOP)
        return len(replaying)

    def resume_replay(self) -> None:
        signal_each(self._paused, signal.SIGCONT)
        self._paused.clear()

    def lag_bytes(self) -> int:
        rows = self._made.sql(
            "SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)"
            " FROM pg_stat_replication"
        )
        return int(rows[0][0])

    # The worker

    def hold_mail(self) -> None:
        self._made.mail.hold()

    def wait_letter(self, *, within_s: float) -> bool:
        return self._made.mail.begun.wait(within_s)

    def let_mail_go(self) -> None:
        self._made.mail.let_go()

    def kill_worker(self) -> None:
        assert self._made.worker is not None
        self._made.worker.kill()

    def mailed(self, number: str) -> tuple[int, int, int]:
        rows = self._in_shop(
            "SELECT count(*), (SELECT id FROM sales_sale WHERE shop_id = %s AND code = %s)"
            " FROM sales_receiptprint p JOIN sales_sale s ON s.id = p.sale_id"
            " AND s.shop_id = p.shop_id WHERE p.paper = 'mail' AND s.shop_id = %s AND s.code = %s",
            self._made.shop,
            number,
            self._made.shop,
            number,
        )
        remembered, sale = rows[0]
        ours = f"<receipt.{self._made.shop}.{sale}@"
        letters = [one for one in self._made.mail.letters if one.startswith(ours)]
        return int(remembered), len(letters), len(set(letters))

    # Backups

    def back_up(self) -> None:
        backup.take(self._made)

    def moment(self) -> tuple[str, Fingerprint]:
        return backup.moment(self._made)

    def drop_database(self) -> None:
        backup.drop(self._made)

    def restore(self, moment: str) -> Fingerprint:
        return backup.restore(self._made, moment)

    def put_back(self) -> None:
        backup.put_back(self._made)

    def _in_shop(self, statement: str, *parameters: object) -> Any:
        link = self._made.primary.link(SUPERUSER, autocommit=True)
        return self._made.sql(statement, *parameters, link=link)
