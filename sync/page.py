"""Pages of the feed: what changed on the server since a till last looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.envelope import Malformed, listing, mapping, number, text

Lineage = tuple[tuple[str, int], ...]
"""Epochs from the first on, each with the last number of it that is still known."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing as it stands now; `data` is None when it is gone."""

    seq: int
    kind: str
    key: str
    data: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Position:
    """How far a copy has come; an empty epoch has not begun."""

    epoch: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Changes in the order of their numbers.

    Attributes:
        epoch: the life of the server these numbers count in; a restored server starts another.
        lineage: each epoch before, with the last number that this server still knows of it.
        after: the number this page begins after; 0 when the asker's epoch was another.
        until: the last number that was looked at for this page; the next begins after it.
        head: the newest number there is.
    """

    epoch: str
    lineage: Lineage
    after: int
    until: int
    head: int
    changes: tuple[Change, ...]

    @property
    def end(self) -> Position:
        """Where the copy stands once the page is applied."""
        return Position(self.epoch, self.until)

    @property
    def is_last(self) -> bool:
        """Whether nothing else has changed up to the head."""
        return self.until >= self.head


def page_to_wire(page: Page) -> dict[str, Any]:
    """The JSON body of an answer."""
    return {
        "epoch": page.epoch,
        "lineage": [list(row) for row in page.lineage],
        "after": page.after,
        "until": page.until,
        "head": page.head,
        "rows": [
            {"seq": row.seq, "kind": row.kind, "key": row.key, "data": row.data}
            for row in page.changes
        ],
    }


def page_from_wire(data: object, at: Position) -> Page:
    """Read the answer to a look-up from a position.

    Raises:
        Malformed: it does not continue from there, or is no page at all.
    """
    body = mapping(data, "the page")
    page = Page(
        epoch=text(body, "epoch"),
        lineage=tuple(_ancestor(row) for row in listing(body, "lineage")),
        after=number(body, "after"),
        until=number(body, "until"),
        head=number(body, "head"),
        changes=tuple(_change(row) for row in listing(body, "rows")),
    )
    expected = at.seq if page.epoch == at.epoch else 0
    if page.after != expected:
        raise Malformed(f"the page begins after {page.after} and not after {expected}")
    last = page.after
    for row in page.changes:
        if row.seq <= last:
            raise Malformed(f"number {row.seq} does not follow {last}")
        last = row.seq
    if not last <= page.until <= page.head:
        raise Malformed(f"the page ends at {page.until}, not between {last} and {page.head}")
    if page.until == page.after < page.head:
        raise Malformed("the page leads nowhere")
    return page


def known_of(lineage: Lineage, epoch: str, *, lineage_of_epoch: Lineage) -> int:
    """The last number told in an epoch that a server of another epoch knows, too; 0 for none.

    Args:
        lineage: the server's.
        epoch: the epoch the number was told in.
        lineage_of_epoch: what that epoch's server said of its own past.
    """
    theirs = dict(lineage)
    for name, until in reversed((*lineage_of_epoch, (epoch, 2**63))):
        if name in theirs:
            return min(until, theirs[name])
    return 0


def _ancestor(data: object) -> tuple[str, int]:
    row = {"epoch": data[0], "until": data[1]} if isinstance(data, list) and len(data) == 2 else {}
    return text(row, "epoch"), number(row, "until")


def _change(data: object) -> Change:
    row = mapping(data, "a change")
    content = row.get("data")
    if content is not None and not isinstance(content, dict):
        raise Malformed("data is neither a JSON object nor null")
    return Change(number(row, "seq"), text(row, "kind"), text(row, "key", longest=500), content)
