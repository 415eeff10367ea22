"""The queue to SAP: what stands still, what needs a person, what waits; told by the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll

from pos_app.errors import InvalidInput, PosError
from pos_app.services.posting import panel
from pos_app.services.posting.panel import Deed, Entry, Panel, Trouble
from pos_app.tui import catalogue_queue
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import count_of, since
from pos_app.tui.widgets.dialog import Ask, Confirm
from pos_app.tui.widgets.pages import Page, in_memory
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column
from pos_app.tui.widgets.text import Part, Text

INCIDENTS, REVIEW, ALL = "incidents", "review", "all"
HEADINGS: Mapping[str, str] = {
    INCIDENTS: "Stands still",
    REVIEW: "Needs a person",
    ALL: "Not in SAP yet",
}
EMPTY: Mapping[str, str] = {
    INCIDENTS: "Nothing stands still on its way to SAP.",
    REVIEW: "Nothing needs a person: what waits goes on by itself.",
    ALL: "Everything is in SAP.",
}
STYLES = {"RequiresReview": "bad", "Failed": "warning", "Processing": "good"}
REASON_MOST = 200

Row = Entry | Trouble


class QueueScreen(Place):
    """The list, the marked row with its reason and what to do, and how SAP is."""

    PLACE = "queue"
    HEADING = "Queue to SAP"
    CSS_PATH = "queue.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue_queue.QUEUE)]

    def __init__(self) -> None:
        super().__init__()
        self.shown = INCIDENTS
        self.line = Text()
        self.detail = Text()
        self._panel: Panel | None = None

    def body(self) -> ComposeResult:
        """The connection, the list and the marked row."""
        now = self.till.shop.clock.now
        columns: tuple[Column[Row], ...] = (
            Column("What", 16, _name, style=lambda _: "strong"),
            Column("State", 14, _state, style=lambda row: STYLES.get(_state(row), "muted")),
            Column("Since", 7, lambda row: since(_since(row), now()), align="right"),
            Column("Total", 14, _total, align="right"),
            Column("Why", 0, _why, style=lambda _: "muted"),
        )
        self.list: RecordList[Row] = RecordList(columns, self.till.lanes.ask, empty=EMPTY[ALL])
        yield self.line
        with Container(id="queue"):
            yield self.list
            with VerticalScroll(id="marked"):
                yield self.detail

    def on_mount(self) -> None:
        """Ask the server."""
        self.line.say("Asking the server …")
        self.action_renew()

    def action_renew(self) -> None:
        """Ask the server again."""
        self.flows.look_up("queue", self._read)

    def action_incidents(self) -> None:
        """Show what stands still, by cause."""
        self._turn(INCIDENTS)

    def action_review(self) -> None:
        """Show what needs a person."""
        self._turn(REVIEW)

    def action_all(self) -> None:
        """Show everything that is not in SAP."""
        self._turn(ALL)

    def _turn(self, shown: str) -> None:
        self.shown = shown
        self.action_renew()

    async def _read(self) -> None:
        till, choice = self.till, REVIEW if self.shown == REVIEW else ""
        actor = till.desk.require_actor()
        try:
            told = await till.lanes.ask(lambda: panel.fetch(actor, till.receipts(), choice=choice))
        except PosError:
            self.line.say(("The server does not tell; what is shown may be old.", "bold $warning"))
            raise
        self._panel = told
        rows: tuple[Row, ...] = told.troubles if self.shown == INCIDENTS else told.entries
        at = self.list.cursor
        self.list.empty = EMPTY[self.shown]
        self.list.show(in_memory(rows), first=Page(rows))
        self.list.action_move(min(at, max(len(rows) - 1, 0)))
        self.line.say(*self._standing(told))
        self._show(self.list.row)

    def _standing(self, told: Panel) -> list[Part]:
        """How SAP is, and the queue in figures."""
        counts = told.counts
        waits = sum(counts.get(state, 0) for state in ("Pending", "Processing", "Failed"))
        parts: list[Part] = [(f"{HEADINGS[self.shown]}   ", "bold $primary"), *_connection(told)]
        parts.append(f"   {waits} wait, {counts.get('RequiresReview', 0)} need a person")
        if collected := counts.get("Collected", 0):
            parts.append(f", {collected} for the end of the day")
        if told.waited:
            now = self.till.shop.clock.now()
            parts.append(f", the oldest for {since(now - told.waited, now)}")
        if self.shown != INCIDENTS and told.total > len(told.entries):
            parts.append(f"; the first {len(told.entries)} of {told.total} are shown")
        return parts

    @on(RecordList.Marked)
    def _marked(self, message: RecordList.Marked) -> None:
        message.stop()
        self._show(message.row)

    @on(RecordList.ReadFailed)
    def _failed(self, message: RecordList.ReadFailed) -> None:
        message.stop()
        self.refuse(message.error)

    def _show(self, row: Row | None) -> None:
        match row:
            case Trouble():
                self.detail.say(*_of_trouble(row))
            case Entry():
                known = {one.name: one.advice for one in self._troubles if one.name}
                advice = known.get(row.incident, "")
                self.detail.say(*_of_entry(row, advice))
            case None:
                self.detail.say()
        self.show_keys()

    @property
    def _troubles(self) -> tuple[Trouble, ...]:
        return self._panel.troubles if self._panel else ()

    @property
    def _row(self) -> Row | None:
        return self.list.row if self.is_mounted else None

    @property
    def has_document(self) -> bool:
        """Whether the marked row is a document."""
        return isinstance(self._row, Entry)

    @property
    def has_incident(self) -> bool:
        """Whether the marked row is an incident, or belongs to one."""
        return bool(self._incident)

    @property
    def _incident(self) -> str:
        row = self._row
        return row.name if isinstance(row, Trouble) else row.incident if row else ""

    def action_retry(self) -> None:
        """Try the marked document again."""
        row = self._row
        if isinstance(row, Entry):
            self.flows.run("retry", partial(self._retry, row))

    async def _retry(self, row: Entry) -> None:
        await self._do(Deed.RETRY, document=str(row.queue_id))
        await self._read()
        self.tell(f"{row.reference} is tried again; SAP is asked for it first.", kind="good")

    def action_requeue(self) -> None:
        """Try everything of one incident again."""
        if self._incident:
            self.flows.run("requeue", partial(self._requeue, self._incident))

    async def _requeue(self, name: str) -> None:
        would = await self._do(Deed.REQUEUE, incident=name, is_dry=True)
        if not would:
            self.tell("Nothing of it has failed: it goes on by itself.", kind="warning")
            return
        named = ", ".join(would[:5]) + (" …" if len(would) > 5 else "")
        question = f"Try {count_of(len(would), 'document')} again: {named}?"
        confirm = Confirm("Try all again", question, yes="what was wrong is put right")
        if not await self.app.push_screen_wait(confirm):
            return
        done = await self._do(Deed.REQUEUE, incident=name, reason="from a till")
        await self._read()
        self.tell(f"Tried again: {count_of(len(done), 'document')}, in the old order.", kind="good")

    def action_cancel(self) -> None:
        """Take the marked document out."""
        row = self._row
        if isinstance(row, Entry):
            self.flows.run("cancel", partial(self._cancel, row))

    async def _cancel(self, row: Entry) -> None:
        dialog = Ask(
            "Take out",
            "Why does SAP not hear of it from here?",
            read=_worded,
            explain=f"{row.reference} over {row.total} stays in our books and is never posted. "
            'What somebody entered in SAP by hand is told by "SAP holds it": taken out instead, '
            "its goods would leave the stock twice.",
            is_grave=True,
        )
        reason = await self.app.push_screen_wait(dialog)
        if not reason:
            return
        await self._do(Deed.CANCEL, document=str(row.queue_id), reason=str(reason))
        await self._read()
        self.tell(f"{row.reference} is taken out of the queue.", kind="good")

    def action_posted(self) -> None:
        """Say that SAP holds the marked document."""
        row = self._row
        if isinstance(row, Entry):
            self.flows.run("posted", partial(self._posted, row))

    async def _posted(self, row: Entry) -> None:
        dialog = Ask(
            "SAP holds it",
            "The number that SAP shows on its document",
            read=panel.number_of,
            explain=f"Somebody entered {row.reference} over {row.total} in SAP by hand. SAP is "
            "asked for the number and both are compared; of an invoice with payments it is the "
            "first that is missing there.",
            is_grave=True,
        )
        number = await self.app.push_screen_wait(dialog)
        if not number:
            return
        await self._do(Deed.POSTED, document=str(row.queue_id), number=int(number))
        await self._read()
        self.tell(f"{row.reference} is in SAP as {number}.", kind="good")

    async def _do(
        self,
        deed: Deed,
        *,
        document: str = "",
        incident: str = "",
        reason: str = "",
        number: int = 0,
        is_dry: bool = False,
    ) -> tuple[str, ...]:
        till = self.till
        actor = till.desk.require_actor()
        return await till.lanes.perform(
            f"queue {deed.value}",
            lambda: panel.do(
                actor,
                till.receipts(),
                deed,
                document=document,
                incident=incident,
                reason=reason,
                number=number,
                is_dry=is_dry,
            ),
        )

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.dismiss(None)


def _connection(told: Panel) -> list[Part]:
    if not told.has_sap:
        return ["This shop posts nothing to SAP."]
    if told.is_up is None:
        return [("SAP was not asked yet.", "$text-muted")]
    if told.is_up:
        return [("SAP answers.", "$success")]
    return [(f"SAP does not answer: {told.problem}", "bold $error")]


def _name(row: Row) -> str:
    return row.reference if isinstance(row, Entry) else count_of(row.rows, "document")


def _state(row: Row) -> str:
    if isinstance(row, Entry):
        return row.state
    if not row.name:
        return "Taken"
    return "RequiresReview" if row.in_review else "Waits"


def _since(row: Row) -> datetime:
    return row.queued_at if isinstance(row, Entry) else row.since


def _total(row: Row) -> str:
    return row.total if isinstance(row, Entry) else ""


def _why(row: Row) -> str:
    return row.reason if isinstance(row, Entry) else row.sentence


def _of_trouble(row: Trouble) -> list[Part]:
    if not row.name:
        return [
            (f"Odd about {count_of(row.rows, 'document')} of tills", "bold $primary"),
            ", taken all the same\n",
            (f"{row.sentence}\n", "bold"),
            f"{row.advice}\n",
            (f"The newest is {row.example}.\n", "$text-muted"),
        ]
    return [
        (f"{count_of(row.rows, 'document')} on the way to SAP", "bold $primary"),
        f", for a person: {row.in_review}\n",
        (f"{row.sentence}\n", "bold"),
        f"{row.advice}\n",
        (f"Incident {row.name}; the oldest is {row.example}.\n", "$text-muted"),
    ]


def _of_entry(row: Entry, advice: str) -> list[Part]:
    parts: list[Part] = [(row.reference, "bold $primary"), f"  {row.kind}, {row.state}\n"]
    if row.reason:
        parts.append((f"{row.reason}\n", "bold"))
    if advice:
        parts.append(f"{advice}\n")
    number = f"SAP's number {row.doc_num}. " if row.doc_num else ""
    times = (
        f"Refused {count_of(row.attempts, 'time')}, "
        f"tried {count_of(row.failures, 'time')} in a row."
    )
    parts.append((f"{number}{times} From {row.source}, customer {row.partner}.\n", "$text-muted"))
    return parts


def _worded(text: str) -> str:
    if not text.strip() or len(text) > REASON_MOST:
        raise InvalidInput("Type the reason in a few words.")
    return text.strip()
