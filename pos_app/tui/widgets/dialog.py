"""Questions in front of a place: told, confirmed, or answered with one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from pos_app.domain.plain import plain
from pos_app.errors import PosError
from pos_app.tui.bridge import told
from pos_app.tui.flows import Flows
from pos_app.tui.scanner import Scanned, ScanningApp
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.notice import Notice
from pos_app.tui.widgets.text import Text

A = TypeVar("A")


class Dialog(ModalScreen[A]):
    """A question in front of a place; Esc answers with nothing.

    A scan that comes meanwhile is refused with a sound and named when the sale is back.
    """

    AUTO_FOCUS = "EntryLine"
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 70%;
        & > Vertical {
            width: 72;
            max-width: 96%;
            height: auto;
            max-height: 96%;
            padding: 1 2 0 2;
            background: $surface;
            border: round $primary;
            border-title-color: $primary;
            border-title-style: bold;
        }
        &.-grave > Vertical { border: round $text-warning; border-title-color: $text-warning; }
        Text { height: auto; }
        EntryLine { margin: 0 0 1 0; }
        .label { color: $text-muted; }
        .keys { color: $text-muted; margin: 1 0 0 0; }
        Notice { margin: 0; padding: 0; height: auto; min-height: 1; background: $surface; }
        Notice.-error { padding: 0 1; background: $text-error; }
        Notice.-warning { padding: 0 1; background: $text-warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Back", show=False),
    ]

    def __init__(self, title: str, *, is_grave: bool = False) -> None:
        super().__init__(classes="-grave" if is_grave else None)
        self.heading = title
        self.notice = Notice(is_in_place=False)
        self.flows = Flows(self, self.refuse)

    def compose(self) -> ComposeResult:
        """Put the question into a box."""
        box = Vertical()
        box.border_title = plain(self.heading).replace("[", "(").replace("]", ")")
        with box:
            yield from self.question()
            yield self.notice

    def question(self) -> ComposeResult:
        """What is asked."""
        yield from ()

    def refuse(self, error: BaseException) -> None:
        """Say why the answer was not taken; the dialog stays."""
        self.app.bell()
        self.notice.tell(told(error), kind="error")

    def dismiss(self, result: A | None = None) -> AwaitComplete:
        """Close; keys wait until whoever asked knows what to do with the answer."""
        cast("ScanningApp", self.app).hold_keys()
        return super().dismiss(result)

    def action_give_up(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def on_screen_resume(self) -> None:
        """Take the keys that were typed ahead."""
        cast("ScanningApp", self.app).release_keys()

    def on_scanned(self, message: Scanned) -> None:
        """Refuse a scan, and remember it for the sale."""
        message.stop()
        self.app.bell()
        cast("ScanningApp", self.app).refused_scans.append(message.code)
        self.notice.tell(f"{message.code} was scanned but not sold.", kind="warning")


class Told(Dialog[None]):
    """Something to know before going on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "give_up", show=False)]

    def __init__(self, title: str, *paragraphs: str, is_grave: bool = False) -> None:
        super().__init__(title, is_grave=is_grave)
        self._paragraphs = paragraphs

    def question(self) -> ComposeResult:
        """The paragraphs."""
        yield Text("\n".join(self._paragraphs))
        yield Text(("Enter", "bold $primary"), " goes on", classes="keys")


class Confirm(Dialog[bool | None]):
    """Yes or no, by its letter: Enter alone decides nothing that cannot be undone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("enter", "remind", show=False),
    ]

    def __init__(self, title: str, question: str, *, yes: str, no: str = "back") -> None:
        super().__init__(title, is_grave=True)
        self._question, self._yes, self._no = question, yes, no

    def question(self) -> ComposeResult:
        """The question and the two letters."""
        yield Text(self._question)
        yield Text(
            ("Y", "bold $primary"), f" {self._yes}     ",
            ("N", "bold $primary"), f" {self._no}", classes="keys",
        )  # fmt: skip

    def action_answer(self, is_yes: bool) -> None:
        """Answer."""
        self.dismiss(is_yes)

    def action_remind(self) -> None:
        """Enter is not an answer."""
        self.app.bell()
        self.notice.tell("Press Y or N.", kind="warning")


class Ask(Dialog[Any]):
    """One line to fill in; what it means is read by ``read``, which may refuse it."""

    def __init__(
        self,
        title: str,
        label: str,
        *,
        read: Callable[[str], object],
        explain: str = "",
        value: str = "",
        is_grave: bool = False,
    ) -> None:
        super().__init__(title, is_grave=is_grave)
        self._label, self._explain, self._value, self._read = label, explain, value, read

    def question(self) -> ComposeResult:
        """An explanation, a label and the line."""
        if self._explain:
            yield Text(self._explain + "\n")
        yield Text(self._label, classes="label")
        entry = EntryLine(keeps=True)
        entry.value = plain(self._value)
        yield entry
        yield Text(("Enter", "bold $primary"), " takes it   ", ("Esc", "bold $primary"), " back")

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        try:
            answer = self._read(message.text.strip())
        except PosError as error:
            self.refuse(error)
        else:
            self.dismiss(answer)


class Choose(Dialog[int | None]):
    """One of a few options by its digit; answers with its place in the list."""

    def __init__(self, title: str, options: Sequence[str]) -> None:
        super().__init__(title)
        self._options = tuple(options)[:9]

    def question(self) -> ComposeResult:
        """The options."""
        for number, option in enumerate(self._options, 1):
            yield Text((f" {number} ", "bold $primary"), f" {option}")
        yield Text(("Esc", "bold $primary"), " back", classes="keys")

    def on_key(self, event: events.Key) -> None:
        """Take the option of a digit."""
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._options):
            event.stop()
            self.dismiss(int(event.key) - 1)
