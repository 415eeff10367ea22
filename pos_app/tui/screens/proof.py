"""The daily proof: the differences first, then every figure side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from pos_app.domain.proof import Difference, Proof, Side, Sum
from pos_app.services.proof import day as proofs
from pos_app.services.proof import form, paper
from pos_app.tui import catalogue_proof
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Part, Text

DEVIATES = "✗"
CELL = 12
"""Cells of one side."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: a difference, the head of a till and currency, or a figure."""

    name: str
    cells: tuple[str, ...]
    style: str
    difference: Difference | None = None


class ProofScreen(Place):
    """One day of this till, and what every side says of it."""

    PLACE = "proof"
    HEADING = "Daily proof"
    CSS_PATH = "proof.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_proof.PROOF)]

    def __init__(self, day: date) -> None:
        super().__init__()
        self._today = self._day = day
        self.proof: Proof | None = None
        self.verdict = Text(id="verdict")
        self.detail = Text()

    @property
    def has_after(self) -> bool:
        """Whether the day shown is over."""
        return self._day < self._today

    @property
    def has_proof(self) -> bool:
        """Whether the day was read."""
        return self.proof is not None

    @property
    def has_document(self) -> bool:
        """Whether a difference is marked that has a receipt here."""
        row = self.list.row if self.is_mounted else None
        return row is not None and row.difference is not None and bool(row.difference.kind)

    def body(self) -> ComposeResult:
        """Verdict, list, the marked difference in full."""
        columns: tuple[Column[Row], ...] = (
            Column("", 0, lambda row: row.name, style=lambda row: row.style),
            *(self._column(side) for side in Side),
        )
        self.list: RecordList[Row] = RecordList(
            columns, self.till.lanes.ask, empty="Nothing was sold on this day."
        )
        with Container(id="proof"):
            yield self.verdict
            yield self.list
            with VerticalScroll(id="difference"):
                yield self.detail

    def _column(self, side: Side) -> Column[Row]:
        at = list(Side).index(side)
        return Column(
            form.WORDS[side],
            CELL,
            lambda row: row.cells[at],
            align="right",
            style=lambda row: row.style,
        )

    def on_mount(self) -> None:
        """Read the day."""
        self._read()

    def _read(self) -> None:
        self.proof = None
        self.verdict.say((f"{self._day.isoformat()}: every side is being read …", "$text-muted"))
        self.detail.say()
        self.list.show(in_memory(()), first=Page(()))
        self.show_keys()
        self.flows.look_up("proof", self._prove)

    async def _prove(self) -> None:
        till, day = self.till, self._day
        server = till.receipts()
        proof = await till.lanes.ask(partial(proofs.of_till, till.shop, day, server=server))
        if day != self._day:
            return
        self.proof = proof
        self.verdict.say(*_verdict(proof))
        rows = tuple(_rows(proof))
        self.list.show(in_memory(rows), first=Page(rows))
        self._show(self.list.row)
        self.show_keys()

    @on(RecordList.Marked)
    def _marked(self, message: RecordList.Marked) -> None:
        message.stop()
        self._show(message.row)
        self.show_keys()

    def _show(self, row: Row | None) -> None:
        if row is None or row.difference is None or self.proof is None:
            self.detail.say()
            return
        self.detail.say(*_difference(row.difference, self.proof))

    @on(RecordList.Chosen)
    def _chosen(self, message: RecordList.Chosen) -> None:
        message.stop()
        self.action_look()

    def action_look(self) -> None:
        """Open the receipt of the marked difference."""
        row = self.list.row
        if row is not None and self.has_document and row.difference is not None:
            self.flows.open("document", partial(self._look, row.difference.reference))

    async def _look(self, reference: str) -> None:
        from pos_app.tui.screens.receipts import ReceiptsScreen

        await self.app.push_screen_wait(ReceiptsScreen(find=reference))

    def action_renew(self) -> None:
        """Read every side again."""
        self._read()

    def action_before(self) -> None:
        """The business day before."""
        self._day -= timedelta(days=1)
        self._read()

    def action_after(self) -> None:
        """The business day after, as far as today."""
        if self.has_after:
            self._day += timedelta(days=1)
            self._read()

    def action_save(self) -> None:
        """Save the proof as a PDF file."""
        proof = self.proof
        if proof is not None:
            self.flows.run("save", partial(self._save, proof))

    async def _save(self, proof: Proof) -> None:
        shop = self.till.shop
        made = await self.till.lanes.perform(
            f"save the proof of {proof.day}", partial(paper.save_in_folder, shop, proof)
        )
        self.tell(f"The proof of {proof.day} is saved as {made.path}.", kind="good")

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.dismiss(None)


def _verdict(proof: Proof) -> list[Part]:
    style = "bold $text-success" if proof.is_equal else "bold $text-error"
    unread = [(f"\n{read.word}: {read.problem}", "$text-warning") for read in proof.unread]
    return [(f"{proof.day.isoformat()}  {form.verdict(proof)}", style), *unread]


def _rows(proof: Proof) -> Iterator[Row]:
    for difference in proof.differences:
        cells = tuple(DEVIATES if side is difference.side else "" for side in Side)
        yield Row(difference.reference, cells, "bad", difference)
    at: tuple[str, str] | None = None
    for row in proof.sums:
        if (row.till, row.currency) != at:
            at = (row.till, row.currency)
            yield Row(f"Till {row.till}, {row.currency}", ("",) * len(Side), "muted")
        yield Row(f"  {row.name}", _cells(row, proof), "bad" if row.differs else "")


def _cells(row: Sum, proof: Proof) -> tuple[str, ...]:
    sides = {read.side for read in proof.sides}
    return tuple(form.cell(row, side, proof) if side in sides else "" for side in Side)


def _difference(row: Difference, proof: Proof) -> list[Part]:
    parts: list[Part] = [(f"{row.sentence}\n", "bold")]
    age = form.age_words(form.age_of(row, proof.at))
    if row.state:
        parts.append((f"State {row.state}" + (f", for {age}" if age else ""), "$text-warning"))
    if row.reason and row.reason not in row.sentence:
        parts.append((f"\n{row.reason}", "$text-muted"))
    return parts
