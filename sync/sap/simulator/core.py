"""The simulated Service Layer: a request in, an answer out, on the clock it was given.

Knows no HTTP server, no sockets and no threads of its own. A change is in the journal before
the books show it, so what was answered survives a killed process.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sync.sap.port import Response
from sync.sap.simulator.batch import Strike, respond_together
from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.call import Call
from sync.sap.simulator.company import CompanyInvalid
from sync.sap.simulator.journal import Journal
from sync.sap.simulator.kind import Booked
from sync.sap.simulator.ledger import ledger
from sync.sap.simulator.message import Request, refused
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.sessions import Sessions
from sync.sap.simulator.shop import books_of
from sync.sap.simulator.table import Row


class Core:
    """One company.

    Args:
        make_books: builds the books a fresh start and a reset begin with.
        now: the simulator's time.
        rng: for session identities.
        company_db, user, password: what Login must name.
        journal: where changes are kept; None keeps them in memory only.
    """

    def __init__(
        self,
        make_books: Callable[[], Books],
        *,
        now: Callable[[], datetime],
        rng: random.Random,
        company_db: str,
        user: str,
        password: str,
        journal: Journal | None = None,
    ) -> None:
        self._make_books = make_books
        self._now = now
        self._credentials = (company_db, user, password)
        self._journal = journal
        self._lock = threading.RLock()
        self._hidden: dict[tuple[str, Any], datetime] = {}
        self.sessions = Sessions(now, rng)
        self.books = make_books()
        self._undo: list[tuple[Change, Change]] | None = None
        for entry in journal.read() if journal else ():
            for change in entry.get("all", (entry,)):
                self.books.apply(Change.from_json(change))

    def load(self, data: Mapping[str, Any]) -> None:
        """Start again with this shop; raises ShopInvalid and then changes nothing."""
        books = books_of(data)
        with self._lock:
            self._make_books = lambda: books_of(data)
            self._begin(books)

    def reset(self) -> None:
        """Forget everything committed; the shop's master data stays as it was loaded."""
        with self._lock:
            self._begin(self._make_books())

    def ledger(self) -> dict[str, Any]:
        """See `sync.sap.simulator.ledger`."""
        with self._lock:
            return ledger(self.books)

    def change_company(self, changes: Mapping[str, Any]) -> None:
        """Replace company settings while running; raises CompanyInvalid."""
        if not isinstance(changes, Mapping):
            raise CompanyInvalid("Send the settings as a JSON object.")
        with self._lock:
            company = self.books.company.with_changes(changes)
            local = company.local_currency
            if "local_currency" in changes and self.books.row("Currencies", local) is None:
                raise CompanyInvalid(f"There is no currency {local!r} here.")
            self._commit(Change(company=dict(changes)))

    def respond(
        self,
        request: Request,
        *,
        hidden_seconds: float = 0,
        short_page: bool = False,
        strike: Strike = lambda _request: None,
    ) -> Response:
        """Answer one request.

        Args:
            request: the request.
            hidden_seconds: how long a document it creates stays invisible to readers.
            short_page: send fewer rows than asked for, with a link to the rest.
            strike: what goes wrong with a read inside a batch.
        """
        with self._lock:
            try:
                if request.call == "POST $batch":
                    self.check_session(request)
                    return respond_together(self, request, hidden_seconds, strike)
                return Call(self, request, hidden_seconds, short_page).respond()
            except Refusal as refusal:
                return refused(request, refusal)

    def is_logged_in(self, request: Request) -> bool:
        """Whether a request carries a living session; asking slides its limit as any call."""
        try:
            self.check_session(request)
        except Refusal:
            return False
        return True

    def check_session(self, request: Request) -> None:
        """Let a call pass and slide its session's limit; raises Refusal 301."""
        self.sessions.check(request.cookies(), self.books.company.session_minutes)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Keep what is committed inside together, or take it all back when it raises."""
        hidden = dict(self._hidden)
        self._undo = []
        try:
            yield
            if self._journal is not None and self._undo:
                told = [change.as_json() for change, _ in self._undo]
                self._journal.append({"at": self._now().isoformat(), "all": told})
        except BaseException:
            for _, inverse in reversed(self._undo):
                self.books.apply(inverse)
            self._hidden = hidden
            raise
        finally:
            self._undo = None

    def now(self) -> datetime:
        """The server's time."""
        return self._now()

    @property
    def today(self) -> date:
        """The server's date, used when a document brings none."""
        return self._now().date()

    def log_in(self, body: Any) -> str:
        """A new session; raises Refusal."""
        names = ("CompanyDB", "UserName", "Password")
        given = tuple(body.get(name) for name in names) if isinstance(body, dict) else ()
        return self.sessions.open(is_right=given == self._credentials)

    def commit(self, booked: Booked, set_name: str, hidden_seconds: float) -> None:
        """Keep and apply what a request leads to, hiding its own row for a while."""
        self._commit(booked.change)
        if hidden_seconds and booked.row is not None:
            key = self.books.tables[set_name].key_of(booked.row)
            self._hidden[set_name, key] = self._now() + timedelta(seconds=hidden_seconds)

    def is_visible(self, set_name: str, row: Row) -> bool:
        """Whether readers may see a committed row yet."""
        if not self._hidden:
            return True
        key = (set_name, self.books.tables[set_name].key_of(row))
        until = self._hidden.get(key)
        if until is None:
            return True
        if self._now() < until:
            return False
        del self._hidden[key]
        return True

    def _commit(self, change: Change) -> None:
        if self._undo is not None:
            self._undo.append((change, self.books.inverse(change)))
        elif self._journal is not None:
            self._journal.append({"at": self._now().isoformat()} | change.as_json())
        self.books.apply(change)

    def _begin(self, books: Books) -> None:
        if self._journal is not None:
            self._journal.clear()
        self.books = books
        self._hidden.clear()
        self.sessions.end_all()
        self.sessions.unlock()


def load(core: Core, data: Mapping[str, Any]) -> None:
    """Give a core this shop, in the format of `sync.sap.simulator.shop`; raises ShopInvalid."""
    core.load(data)
