"""A transfer, or a request for one, as it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pos_app.domain.batch import Strategy
from pos_app.domain.item import Item
from pos_app.domain.transfer import SameWarehouse
from pos_app.services import document
from pos_app.services.batch import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is asked for; both warehouses are known by now."""

    item: str
    quantity: Decimal
    source: str
    target: str
    batches: tuple[tuple[str, Decimal], ...] = ()
    is_auto: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Goods to be moved, or to be asked for.

    Attributes:
        reference: the caller's own, unique for ever where it is not empty.
        program: which program asks.
        strategy: how batches are chosen where a line names none.
        priority: lower goes to SAP first.
        in_transit: whether somebody has to receive the goods before they are there.
    """

    source: str
    target: str
    lines: tuple[Line, ...]
    doc_date: date | None = None
    due_date: date | None = None
    comments: str = ""
    reference: str = ""
    program: str = "API"
    strategy: Strategy = Strategy.FEFO
    priority: int = 0
    in_transit: bool = False
    requester_name: str = ""
    requester_email: str = ""
    requester_branch: int | None = None
    requester_department: int | None = None

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(
            {
                "ends": [self.source, self.target],
                "dates": [str(self.doc_date), str(self.due_date)],
                "words": [self.comments, self.reference, self.in_transit],
                "requester": [
                    self.requester_name,
                    self.requester_email,
                    self.requester_branch,
                    self.requester_department,
                ],
                "lines": [
                    [
                        line.item,
                        line.source,
                        line.target,
                        format(line.quantity.normalize(), "f"),
                        [[lot, format(part.normalize(), "f")] for lot, part in line.batches],
                    ]
                    for line in self.lines
                ],
            }
        )

    @property
    def places(self) -> set[str]:
        """Every warehouse it touches."""
        ends = {self.source, self.target}
        return ends | {place for line in self.lines for place in (line.source, line.target)}


def check_ends(lines: Iterable[Line]) -> None:
    """Refuse lines that go nowhere.

    Raises:
        SameWarehouse: source and destination are the same.
    """
    for line in lines:
        if line.source == line.target:
            raise SameWarehouse(line.source)


def wants_of(asked: Asked) -> list[Want]:
    """What the lines ask of the stock."""
    return [
        Want(
            position=position,
            number=position,
            item=line.item,
            warehouse=line.source,
            quantity=line.quantity,
            batches=line.batches,
            is_auto=line.is_auto,
        )
        for position, line in enumerate(asked.lines)
    ]


def line_row(line: Line, position: int, item: Item) -> dict[str, Any]:
    """A line as it is stored."""
    return {
        "line": position,
        "item": line.item,
        "name": item.name,
        "uom": item.uom,
        "from_warehouse": line.source,
        "to_warehouse": line.target,
        "quantity": line.quantity,
    }
