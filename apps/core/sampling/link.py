"""The health checks' own way to the database: one session, kept; every question has a deadline.

It is not Django's connection, which a request may hold, and which has no
deadline that holds. It goes where Django's goes: host, port, TLS and login are
those of DATABASES, also after a renewal of the login.

The session is kept, since a login costs a hundred times what a question does.
Every ten minutes it is exchanged: so it goes where the name leads today, and a
login, a certificate or a setting of the role that would turn newcomers away is
noticed while the old session still serves.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from apps.core.database.login import Login, renewed
from apps.core.sampling.dial import (
    Attempt,
    Resolver,
    Session,
    Unfinished,
    Unreached,
    dial,
    parameters,
)
from apps.core.sampling.turns import Turns
from apps.core.sampling.waiting import Bell, Late, Patience, Phase

# Half as often as what a login may cost here: one in five minutes.
RENEWED_AFTER_S: Final = 10 * 60.0
# A pooler's client costs the database nothing, and each page is a new one.
RENEWED_BEHIND_POOLER_AFTER_S: Final = 30.0
_RENEWAL_TRIED_AGAIN_AFTER_S: Final = 5.0
# A server that paused may still answer what was given up on; a login would cost it more.
_OWED_WITHIN_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Rows, how long the statement took, and whether it went over TLS as far as we can see."""

    rows: list[tuple[Any, ...]]
    took_s: float
    encrypted: bool

    @property
    def row(self) -> tuple[Any, ...]:
        """The first one."""
        return self.rows[0]


class Away(psycopg.OperationalError):
    """There is no session now, and it is somebody else's turn to try. Its cause says why."""

    def __init__(self) -> None:
        super().__init__("there is no session with the database")


class Link:
    """Ask from any thread; `cut` from any other.

    `database` is an entry of DATABASES. `sessions` counts what was opened. `not_renewed` is why
    the session that serves has no successor, if it should have one.
    """

    def __init__(
        self, database: dict[str, Any], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._turns = Turns()
        self._bell = Bell()
        self._resolver = Resolver()
        self._session: Session | None = None
        self._attempt: Attempt | None = None
        self._failure: psycopg.Error | None = None
        self._renewed_after_s = RENEWED_BEHIND_POOLER_AFTER_S if self.is_pooled else RENEWED_AFTER_S
        self._renew_at = 0.0
        self._renewals_failed = 0
        self.not_renewed: psycopg.Error | None = None
        self.sessions = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be told of it."""
        return (str(self._database.get("PASSWORD") or ""),)

    @property
    def is_pooled(self) -> bool:
        return bool(self._database.get("POOLED"))

    def ask(
        self,
        query: str,
        params: Sequence[Any] = (),
        *,
        within_s: float,
        urgent: bool = False,
    ) -> Answer:
        """The answer to a statement that only reads: it may be sent twice.

        An urgent question goes first, and it alone renews the session, or opens one after a
        failure.

        Raises Late, Away and other kinds of psycopg.Error.
        """
        until_s = time.monotonic() + within_s
        with self._turns.take(until_s=until_s, urgent=urgent):
            self._bell.hush()
            patience = Patience(until_s, self._bell)
            if self._session is None and self._failure is not None and not urgent:
                raise Away from self._failure
            try:
                if urgent and self._session is not None and self._clock() >= self._renew_at:
                    self._renew(patience)
                answer = self._asked(query, params, patience)
            except psycopg.Error as failure:
                # One table may hang and the rest be well: only an urgent failure is everybody's.
                self._failure = failure if urgent and self._session is None else None
                raise
            self._failure = None
            return answer

    def renew_soon(self) -> None:
        """Exchange the session before the next question."""
        self._renew_at = self._clock()

    def cut(self) -> None:
        """Free whoever is asking, at once, wherever that hangs. If nobody is, hang up."""
        self._bell.ring()
        try:
            with self._turns.take(until_s=time.monotonic(), urgent=True):
                attempt, self._attempt = self._attempt, None
                if attempt is not None:
                    attempt.give_up()
                self._hang_up()
        except Late:
            return  # somebody is: the bell was for that one

    def _asked(self, query: str, params: Sequence[Any], patience: Patience) -> Answer:
        """Over the kept session, and if that was closed meanwhile over a new one."""
        self._settle(patience)
        if self._session is not None:
            try:
                return self._answer(self._session, query, params, patience)
            except psycopg.Error as failure:
                if isinstance(failure, Late) or self._session is not None:
                    raise
        fair_s = patience.left_s / 4
        self._session = self._logged_in(patience)
        if patience.left_s < fair_s:
            raise Late(Phase.LOGIN)  # the next question finds the session there
        return self._answer(self._session, query, params, patience)

    def _settle(self, patience: Patience) -> None:
        """Take in what is owed. A session that does not pay is given up."""
        session = self._session
        if session is None or not session.owes:
            return
        session.patience = patience.part(2).at_most(_OWED_WITHIN_S)
        try:
            session.settle()
        except psycopg.Error:
            self._hang_up()

    def _answer(
        self, session: Session, query: str, params: Sequence[Any], patience: Patience
    ) -> Answer:
        session.patience = patience
        began_s = time.monotonic()
        try:
            rows = session.execute(query.encode(), params or None).fetchall()
        except Late as late:
            # Its answer would be taken for that of the next question, unless it is settled first.
            session.owes = not late.was_cut and session.pgconn.flush() == 0
            if not session.owes:
                self._hang_up()
            raise
        except psycopg.Error:
            if session.broken or session.closed:
                self._hang_up()
            raise
        except BaseException:
            self._hang_up()
            raise
        return Answer(
            rows=rows,
            took_s=time.monotonic() - began_s,
            encrypted=bool(session.pgconn.ssl_in_use),
        )

    def _renew(self, patience: Patience) -> None:
        """Exchange the session for a new one. While none can be had the old one goes on."""
        try:
            fresh = self._logged_in(patience.part(2))
        except psycopg.Error as failure:
            overdue_s = self._clock() - self._renew_at
            if self._attempt is not None and overdue_s < _RENEWAL_TRIED_AGAIN_AFTER_S:
                return  # it goes on at the next question
            self._renewals_failed += 1
            # One that comes late tells of a busy machine; the second in a row is believed.
            if self._renewals_failed > 1 or self._attempt is not None:
                self.not_renewed = failure
                self._renew_at = self._clock() + _RENEWAL_TRIED_AGAIN_AFTER_S
            return
        self._hang_up()
        self._session = fresh

    def _logged_in(self, patience: Patience) -> Session:
        given = parameters(self._database)
        try:
            session = self._dialled(patience)
        except (Late, Unreached):
            raise
        except psycopg.OperationalError:
            login = renewed(self._database, tried=Login(given["user"], given["password"]))
            if login is None:
                raise
            session = self._dialled(patience)
        self.sessions += 1
        self._renewals_failed, self.not_renewed = 0, None
        self._renew_at = self._clock() + self._renewed_after_s
        return session

    def _dialled(self, patience: Patience) -> Session:
        """Go on with the attempt that is under way, if it is worth it, or begin another."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None and attempt.is_hopeless:
            attempt.give_up()
            attempt = None
        try:
            if attempt is not None:
                return attempt.go_on(patience)
            return dial(parameters(self._database), resolver=self._resolver, patience=patience)
        except Unfinished as late:
            self._attempt = late.attempt
            raise

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
