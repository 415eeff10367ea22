"""The simulated Service Layer: a request in, an answer out, on the clock it was given.

Knows no HTTP server, no sockets and no threads of its own. A change is in the journal before
the books show it, so what was answered survives a killed process.
"""

from __future__ import annotations

import random
import re
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sync.sap.port import Response
from sync.sap.simulator.acting import act, create
from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.document import approve_draft
from sync.sap.simulator.functions import (
    FUNCTIONS,
    query_parameters,
    run_query,
    set_rate,
)
from sync.sap.simulator.journal import Journal
from sync.sap.simulator.kind import Booked
from sync.sap.simulator.ledger import ledger
from sync.sap.simulator.master import change_master, delete_master
from sync.sap.simulator.message import Request, answer, failure, no_content, plain
from sync.sap.simulator.reading import DEFAULT_PAGE, Page, Reading
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.sessions import Sessions
from sync.sap.simulator.shop import books_of
from sync.sap.simulator.table import Row

PIECE = re.compile(r"(?P<name>\$?[\w$]+)(?:\((?P<key>.*)\))?", re.DOTALL)
KEY_PART = re.compile(r"(?:(?P<name>\w+)=)?(?:'(?P<text>(?:[^']|'')*)'|(?P<number>-?\d+))")
PREFERRED_PAGE = re.compile(r"odata\.maxpagesize=(\d+)")
UNKNOWN_PATH = "Unrecognized resource path."


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
        for entry in journal.read() if journal else ():
            self.books.apply(Change.from_json(entry))

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
        with self._lock:
            self.books.company.with_changes(changes)
            self._commit(Change(company=dict(changes)))

    def respond(
        self, request: Request, *, hidden_seconds: float = 0, short_page: bool = False
    ) -> Response:
        """Answer one request.

        Args:
            request: the request.
            hidden_seconds: how long a document it creates stays invisible to readers.
            short_page: send fewer rows than asked for, with a link to the rest.
        """
        with self._lock:
            try:
                return _Call(self, request, hidden_seconds, short_page).respond()
            except Refusal as refusal:
                return failure(
                    request.version, status=refusal.status, code=refusal.code, text=refusal.text
                )

    def is_logged_in(self, request: Request) -> bool:
        """Whether a request carries a living session; asking slides its limit as any call."""
        try:
            self.sessions.check(request.cookies(), self.books.company.session_minutes)
        except Refusal:
            return False
        return True

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
        if self._journal is not None:
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


class _Call:
    """One request on its way through the core."""

    def __init__(
        self, core: Core, request: Request, hidden_seconds: float, short_page: bool
    ) -> None:
        self._core = core
        self._books = core.books
        self._request = request
        self._hidden_seconds = hidden_seconds
        self._short_page = short_page
        self._reading = Reading(core.books, core.is_visible)

    def respond(self) -> Response:
        request = self._request
        pieces = request.pieces()
        if request.call == "POST Login":
            return self._login()
        if pieces[0] == "ping":
            now = f"{self._core.today.isoformat()}"
            return answer({"message": "pong", "sender": "load balancer", "timestamp": now})
        idle = self._books.company.session_minutes
        self._core.sessions.check(request.cookies(), idle)
        if request.call == "POST Logout":
            self._core.sessions.close(request.cookies())
            return no_content()
        match = PIECE.fullmatch(pieces[0])
        if match is None:
            raise Refusal(200, UNKNOWN_PATH)
        if match["key"] is None and match["name"] not in self._books.schema.sets:
            return self._function(match["name"])
        return self._resource(match["name"], match["key"], pieces[1:])

    def _login(self) -> Response:
        identity = self._core.log_in(self._request.json())
        cookies = (
            ("Set-Cookie", f"B1SESSION={identity};HttpOnly;"),
            ("Set-Cookie", "ROUTEID=.node1; path=/b1s"),
        )
        minutes = self._books.company.session_minutes
        told = {"SessionId": identity, "Version": "1000110", "SessionTimeout": minutes}
        return answer(self._wrap(told), 200, cookies)

    def _function(self, name: str) -> Response:
        if self._request.method not in ("POST", "GET"):
            raise Refusal(-5006, "This action is not supported")
        body = self._request.json()
        if not isinstance(body, dict):
            raise Refusal(-1000, "The request body is not a JSON object.")
        if name == "SBOBobService_SetCurrencyRate":
            self._core.commit(Booked(None, set_rate(self._books, body)), "", 0)
            return no_content()
        if name == "DraftsService_SaveDraftToDocument":
            named = body.get("Document") or {}
            booked = approve_draft(self._books, named.get("DocEntry"), today=self._core.today)
            self._core.commit(booked, "", 0)
            return no_content()
        if name not in FUNCTIONS:
            raise Refusal(200, UNKNOWN_PATH)
        value = FUNCTIONS[name](self._books, body)
        if isinstance(value, dict):
            return answer(self._wrap(value))
        return answer({"value": value} if self._request.version == 2 else value)

    def _resource(self, set_name: str, key_text: str | None, rest: list[str]) -> Response:
        owner = self._books.schema.entity_set(set_name)
        method = self._request.method
        if key_text is None:
            if rest == ["$count"] and method == "GET":
                return plain(str(self._reading.count(set_name, self._request.options())))
            if rest:
                raise Refusal(200, UNKNOWN_PATH)
            return self._list(set_name) if method == "GET" else self._create(set_name)
        key = _read_key(key_text, owner.key)
        if set_name == "SQLQueries" and rest == ["List"]:
            return self._run_query(key)
        if rest and method == "POST":
            return self._act(set_name, key, rest[0])
        if method == "GET":
            return self._show(set_name, key, rest)
        return self._edit(set_name, key)

    def _list(self, set_name: str) -> Response:
        options = self._request.options()
        page = self._reading.page(
            set_name, options, size=self._page_size(), version=self._request.version
        )
        return self._paged(page, {"odata.metadata": f"$metadata#{set_name}"})

    def _paged(self, page: Page, first: Mapping[str, Any]) -> Response:
        newer = self._request.version == 2
        data: dict[str, Any] = {"@odata.context": "$metadata"} if newer else dict(first)
        if page.count is not None:
            # The older dialect sends the count as text.
            data |= {"@odata.count": page.count} if newer else {"odata.count": str(page.count)}
        data["value"] = page.rows
        if page.next is not None:
            data["@odata.nextLink" if newer else "odata.nextLink"] = page.next
        wanted = PREFERRED_PAGE.search(self._request.headers.get("prefer", ""))
        applied = (("Preference-Applied", wanted.group()),) if wanted else ()
        return answer(data, 200, applied)

    def _page_size(self) -> int:
        headers = self._request.headers
        wanted = PREFERRED_PAGE.search(headers.get("prefer", ""))
        text = wanted.group(1) if wanted else headers.get("b1s-pagesize", str(DEFAULT_PAGE))
        size = int(text) if text.isdigit() else DEFAULT_PAGE
        return max(1, size // 3) if self._short_page else size

    def _show(self, set_name: str, key: Any, rest: list[str]) -> Response:
        row = self._reading.find(set_name, key)
        if row is None:
            raise no_match()
        version = self._request.version
        if not rest:
            options = self._request.options()
            return answer(self._wrap(self._reading.entity(set_name, row, options, version=version)))
        shown = self._reading.entity(set_name, row, {"$select": rest[0]}, version=version)
        value = shown[rest[0]]
        if rest[1:] == ["$value"]:
            return plain("" if value is None else str(value))
        return answer({"odata.null": True} if value is None else {"value": value})

    def _create(self, set_name: str) -> Response:
        if self._request.method != "POST":
            raise Refusal(-5006, "This action is not supported")
        owner = self._books.schema.entity_set(set_name)
        body = self._books.schema.check_body(owner, self._request.json())
        booked = create(self._books, set_name, body, today=self._core.today)
        self._core.commit(booked, set_name, self._hidden_seconds)
        if booked.refusal is not None:
            raise booked.refusal
        row = booked.row or {}
        key = self._books.tables[set_name].key_of(row)
        location = (("Location", f"/b1s/v{self._request.version}/{set_name}({_key_text(key)})"),)
        if "return-no-content" in self._request.headers.get("prefer", ""):
            return no_content(location)
        shown = self._reading.entity(set_name, row, {}, version=self._request.version)
        return answer(self._wrap(shown), 201, location)

    def _act(self, set_name: str, key: Any, action: str) -> Response:
        booked = act(self._books, set_name, key, action, today=self._core.today)
        self._core.commit(booked, set_name, 0)
        return no_content()

    def _edit(self, set_name: str, key: Any) -> Response:
        method = self._request.method
        if method == "DELETE":
            change = delete_master(self._books, set_name, key)
        elif method in ("PATCH", "PUT"):
            owner = self._books.schema.entity_set(set_name)
            body = self._books.schema.check_body(owner, self._request.json())
            change = change_master(self._books, set_name, key, body, today=self._core.today)
        else:
            raise Refusal(-5006, "This action is not supported")
        self._core.commit(Booked(None, change), set_name, 0)
        return no_content()

    def _run_query(self, code: Any) -> Response:
        options = self._request.options()
        parameters = query_parameters(options, self._request.json())
        rows = run_query(self._books, code, parameters)
        skip = int(options.get("$skip", "0") or 0)
        size = self._page_size() or sys.maxsize
        # One more than shown tells whether another page follows.
        found = list(islice(rows, skip, min(skip + size + 1, sys.maxsize)))
        link = f"SQLQueries('{code}')/List?&$skip={skip + size}" if len(found) > size else None
        text = (self._books.row("SQLQueries", code) or {}).get("SqlText")
        return self._paged(Page(found[:size], None, link), {"SqlText": text})

    def _wrap(self, data: dict[str, Any]) -> dict[str, Any]:
        name = "@odata.context" if self._request.version == 2 else "odata.metadata"
        return {name: "$metadata", **data}


def _read_key(text: str, names: tuple[str, ...]) -> Any:
    """A key as a value, or a tuple for several properties; raises Refusal for another shape."""
    parts: dict[str, Any] = {}
    place = 0
    while place < len(text):
        match = KEY_PART.match(text, place)
        if match is None:
            raise Refusal(-1000, f"Invalid key '{text}'")
        value = int(match["number"]) if match["text"] is None else _unquote(match["text"])
        parts[match["name"] or names[0]] = value
        place = match.end() + (1 if text[match.end() : match.end() + 1] == "," else 0)
        if place == match.end() and place < len(text):
            raise Refusal(-1000, f"Invalid key '{text}'")
    if set(parts) != set(names):
        raise Refusal(-1000, f"Invalid key '{text}'")
    return parts[names[0]] if len(names) == 1 else tuple(parts[name] for name in names)


def _unquote(text: str) -> str:
    return text.replace("''", "'")


def _key_text(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return ",".join(str(part) if isinstance(part, int) else f"'{part}'" for part in parts)
