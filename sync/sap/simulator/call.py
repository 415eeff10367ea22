"""One request on its way through the simulator: session, set or function, rule, answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sync.sap.port import Response
from sync.sap.simulator.acting import act, create
from sync.sap.simulator.approval import DRAFTS, removed
from sync.sap.simulator.attachment import ATTACHMENTS, FORM, uploaded
from sync.sap.simulator.changing import change_entity
from sync.sap.simulator.cross import Join, options_of
from sync.sap.simulator.document import approve_draft, preview
from sync.sap.simulator.edmx import edmx
from sync.sap.simulator.functions import (
    FUNCTIONS,
    query_parameters,
    run_query,
    set_rate,
)
from sync.sap.simulator.kind import KINDS, Booked
from sync.sap.simulator.master import delete_master
from sync.sap.simulator.message import Request, answer, no_content, plain
from sync.sap.simulator.reading import DEFAULT_PAGE, Page, Reading, whole_number
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.schema import SetSchema, not_an_object
from sync.sap.simulator.table import Row

if TYPE_CHECKING:
    from sync.sap.simulator.core import Core

PIECE = re.compile(r"(?P<name>\$?[\w$]+)(?:\((?P<key>.*)\))?", re.DOTALL)
KEY_PART = re.compile(
    r"(?:(?P<name>\w+)=)?(?:'(?P<text>(?:[^']|'')*)'|(?P<number>-?[0-9]{1,10})(?![0-9]))"
)
PREFERRED_PAGE = re.compile(r"odata\.maxpagesize=([0-9]{1,9})(?![0-9])")
PAGE_SIZE = re.compile(r"[0-9]{1,9}")
PREVIEW = "Service_Preview"
METADATA = "b1s-metadatawithoutsession"
UNKNOWN_PATH = "Unrecognized resource path."


class Call:
    """One request on its way through the core."""

    def __init__(
        self, core: Core, request: Request, hidden_seconds: float, short_page: bool
    ) -> None:
        self._core = core
        self._books = core.books
        self._request = request
        self._hidden_seconds = hidden_seconds
        self._short_page = short_page
        ignores_case = request.headers.get("b1s-caseinsensitive") == "true"
        self._reading = Reading(core.books, core.is_visible, ignores_case=ignores_case)

    def respond(self) -> Response:
        """The answer; raises Refusal where a rule says no."""
        request = self._request
        pieces = request.pieces()
        if request.call == "POST Login":
            return self._login()
        if pieces[0] == "ping":
            return self._ping(pieces[1:])
        is_metadata = request.call == "GET $metadata"
        if not is_metadata or METADATA not in request.headers:
            self._core.check_session(request)
        if request.call == "POST Logout":
            self._core.sessions.close(request.cookies())
            return no_content()
        return self._served(pieces, is_metadata)

    def _served(self, pieces: list[str], is_metadata: bool) -> Response:
        """The answer to somebody who is logged in."""
        request = self._request
        if pieces == [""] and request.method == "GET":
            return self._sets()
        if pieces[0].startswith("$crossjoin") and request.method == "GET":
            return self._cross("/".join(pieces), request.options())
        match = PIECE.fullmatch(pieces[0])
        if match is None:
            raise Refusal(200, UNKNOWN_PATH)
        if match["key"] is None and match["name"] not in self._books.schema.sets:
            return self._metadata() if is_metadata else self._function(match["name"])
        return self._resource(match["name"], match["key"], pieces[1:])

    def _ping(self, whom: list[str]) -> Response:
        """A pong, which says nothing about the company behind."""
        sender = "node" if whom[:1] == ["node"] else "load balancer"
        now = round(self._core.now().timestamp(), 3)
        return answer({"message": "pong", "sender": sender, "timestamp": Decimal(str(now))})

    def _sets(self) -> Response:
        """The entity sets, as clients list them before they read $metadata."""
        names = sorted(self._books.schema.sets)
        return answer(
            self._wrap({"value": [{"name": n, "kind": "EntitySet", "url": n} for n in names]})
        )

    def _metadata(self) -> Response:
        version = self._request.version
        text = edmx(self._books.schema, version=version)
        return Response(200, (("Content-Type", "application/xml"),), text.encode())

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
        set_name = name.removesuffix(PREVIEW)
        if set_name != name and set_name in KINDS:
            return self._preview(set_name, self._request.json())
        if name not in self._books.schema.functions:
            raise Refusal(200, UNKNOWN_PATH)
        body = self._books.schema.check_call(name, self._request.json())
        if name == "QueryService_PostQuery":
            asked = options_of(body.get("QueryOption") or "")
            return self._cross(body.get("QueryPath") or "", asked)
        if name == "SBOBobService_SetCurrencyRate":
            self._core.commit(Booked(None, set_rate(self._books, body)), "", 0)
            return no_content()
        if name == "DraftsService_SaveDraftToDocument":
            named = body.get("Document") or {}
            booked = approve_draft(self._books, named.get("DocEntry"), today=self._core.today)
            self._core.commit(booked, "", 0)
            return no_content()
        value = FUNCTIONS[name](self._books, body)
        if isinstance(value, dict):
            return answer(self._wrap(value))
        return answer({"value": value} if self._request.version == 2 else value)

    def _preview(self, set_name: str, told: Any) -> Response:
        if not isinstance(told, dict):
            raise not_an_object()
        owner = self._books.schema.entity_set(set_name)
        body = self._books.schema.check_body(owner, told.get("Document"))
        row = preview(self._books, set_name, body, today=self._core.today)
        version = self._request.version
        return answer(self._wrap(self._reading.entity(set_name, row, {}, version=version)))

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

    def _cross(self, path: str, options: Mapping[str, str]) -> Response:
        join = Join(self._books, self._core.is_visible, path)
        page = join.page(options, size=self._page_size(), version=self._request.version)
        return self._paged(page, {"odata.metadata": "$metadata"})

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
        size = int(text) if PAGE_SIZE.fullmatch(text) else DEFAULT_PAGE
        return max(1, size // 3) if self._short_page else size

    def _show(self, set_name: str, key: Any, rest: list[str]) -> Response:
        row = self._reading.find(set_name, key)
        if row is None:
            raise no_match()
        version = self._request.version
        if not rest:
            return self._entity(set_name, row)
        shown = self._reading.entity(set_name, row, {"$select": rest[0]}, version=version)
        value = shown[rest[0]]
        if rest[1:] == ["$value"]:
            return plain("" if value is None else str(value))
        return answer({"odata.null": True} if value is None else {"value": value})

    def _create(self, set_name: str) -> Response:
        if self._request.method != "POST":
            raise Refusal(-5006, "This action is not supported")
        owner = self._books.schema.entity_set(set_name)
        kind = self._request.headers.get("content-type", "")
        if set_name == ATTACHMENTS and kind.startswith(FORM):
            body = uploaded(kind, self._request.body)
        else:
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
        return self._entity(set_name, row, location)

    def _entity(
        self, set_name: str, row: Row, headers: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        """One entity in the dialect asked for, with its version where the set has any."""
        version, is_read = self._request.version, self._request.method == "GET"
        options = self._request.options() if is_read else {}
        data = self._wrap(self._reading.entity(set_name, row, options, version=version))
        etag = self._books.etag(set_name, self._books.tables[set_name].key_of(row))
        if etag is not None:
            data["@odata.etag" if version == 2 else "odata.etag"] = etag
            headers = (*headers, ("ETag", etag))
        return answer(data, 200 if is_read else 201, headers)

    def _check_version(self, set_name: str, key: Any) -> None:
        """Refuse a change of an entity that somebody else has changed since it was read."""
        wanted = self._request.headers.get("if-match", "*").strip()
        current = self._books.etag(set_name, key)
        if wanted != "*" and current is not None and wanted != current:
            text = "Another user or another operation modified data (ODBC -2039)"
            raise Refusal(-2039, text, 412)

    def _act(self, set_name: str, key: Any, action: str) -> Response:
        self._check_version(set_name, key)
        booked = act(self._books, set_name, key, action, today=self._core.today)
        self._core.commit(booked, set_name, 0)
        if booked.row is None:
            return no_content()
        version = self._request.version
        return answer(self._wrap(self._reading.entity(set_name, booked.row, {}, version=version)))

    def _edit(self, set_name: str, key: Any) -> Response:
        method = self._request.method
        today = self._core.today
        self._check_version(set_name, key)
        if method == "DELETE":
            is_draft = set_name in DRAFTS
            taken = removed if is_draft else delete_master
            booked = Booked(None, taken(self._books, set_name, key))
        elif method in ("PATCH", "PUT"):
            owner = self._books.schema.entity_set(set_name)
            body = self._books.schema.check_body(owner, self._request.json())
            whole = self._request.headers.get("b1s-replacecollectionsonpatch") == "true"
            if method == "PUT":
                body, whole = self._unsent(owner, key) | body, True
            booked = change_entity(self._books, set_name, key, body, today=today, replace=whole)
        else:
            raise Refusal(-5006, "This action is not supported")
        self._core.commit(booked, set_name, 0)
        return no_content()

    def _unsent(self, owner: SetSchema, key: Any) -> dict[str, Any]:
        """What PUT resets: every property the entity has and the request may leave out."""
        row = self._books.row(owner.name, key) or {}
        kept = {*owner.key, "DocumentLines", "StockTransferLines", "InventoryCountingLines"}
        return dict.fromkeys(name for name in row if name not in kept and name[0] != "_")

    def _run_query(self, code: Any) -> Response:
        options, body = self._request.options(), self._request.json()
        if not isinstance(body, dict):
            raise not_an_object()
        parameters = query_parameters(options, body)
        rows = run_query(self._books, code, parameters)
        skip = whole_number(options, "$skip") or 0
        size = self._page_size() or sys.maxsize
        # One more than shown tells whether another page follows.
        found = list(islice(rows, skip, min(skip + size + 1, sys.maxsize)))
        kept = "&".join(f"{n}={quote(v)}" for n, v in options.items() if not n.startswith("$"))
        path = f"SQLQueries({_key_text(code)})/List?{kept}&$skip={skip + size}"
        link = path if len(found) > size else None
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
    return ",".join(str(part) if isinstance(part, int) else _quoted(part) for part in parts)


def _quoted(text: str) -> str:
    return "'" + quote(text.replace("'", "''"), safe="'") + "'"
