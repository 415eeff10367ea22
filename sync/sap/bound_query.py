"""Stored queries with bound parameters: a fixed code and a fixed text, whoever asks for what.

A stored query per call piles up in the company until every creation takes minutes, and one code
whose text follows the caller gives one user another's rows (production lessons L60, L71). So the
text never depends on a call, and it is mended when somebody has changed it in SAP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.envelope import next_link
from sync.sap.errors import Kind, SapRejected
from sync.sap.query import Literal, Query, entity, literal

AFTER = "after"
"""The parameter of every stored query that pages by key."""


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A stored query that pages by a key cursor.

    Attributes:
        code: its name in SAP, the same for ever.
        text: its SQL; compares `cursor` with ``:after`` and orders by it.
        cursor: the column of the key.
    """

    code: str
    text: str
    cursor: str


def run_query(
    sl: ServiceLayer, query: BoundQuery, parameters: Mapping[str, Literal], *, first: int = 0
) -> Iterator[Row]:
    """Every row of a stored query, page by page behind the last key.

    Args:
        sl: the Service Layer.
        query: which one.
        parameters: values of its other parameters.
        first: a key below every one there is.

    Raises:
        SyncError: also in the middle; what came before is then not complete.
    """
    _ensure(sl, query)
    last = first
    while True:
        page = _page(sl, query, {**parameters, AFTER: last})
        rows = page["value"]
        yield from rows
        if next_link(page) is None:
            return
        if not rows:
            raise Unavailable(f"SAP sent an empty page of {query.code} and says that more follow.")
        last = int(rows[-1][query.cursor])


def _page(sl: ServiceLayer, query: BoundQuery, parameters: Mapping[str, Literal]) -> Row:
    options = "&".join(f"{name}={quote(literal(value))}" for name, value in parameters.items())
    path = f"{entity('SQLQueries', query.code)}/List?{options}"
    try:
        return sl.page(path, page_size=sl.settings.page_size)
    except SapRejected as refusal:
        # Some builds answer an empty result like this; the query itself was just seen to exist.
        if refusal.kind is Kind.MISSING and _stored_text(sl, query) is not None:
            return {"value": []}
        raise


def _ensure(sl: ServiceLayer, query: BoundQuery) -> None:
    stored = _stored_text(sl, query)
    if stored == query.text:
        return
    if stored is not None:
        sl.patch(entity("SQLQueries", query.code), {"SqlText": query.text})
        return
    body = {"SqlCode": query.code, "SqlName": query.code, "SqlText": query.text}
    try:
        sl.post("SQLQueries", body)
    except SapRejected as refusal:
        # Somebody else created it meanwhile.
        if refusal.kind is not Kind.SETTLED:
            raise


def _stored_text(sl: ServiceLayer, query: BoundQuery) -> str | None:
    row = sl.find("SQLQueries", query.code, Query(select=("SqlCode", "SqlText")))
    return None if row is None else str(row["SqlText"])
