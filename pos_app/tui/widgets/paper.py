"""A receipt read from its paper, field by field, then line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from textual import on
from textual.app import ComposeResult

from pos_app.domain.currency import CurrencyTable
from pos_app.domain.money import Money
from pos_app.errors import InvalidInput
from pos_app.services.original_entry import EnteredLine, EnteredOriginal
from pos_app.tui.money_entry import read_money
from pos_app.tui.widgets.dialog import Ask, Dialog
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.text import Text

FIELDS: Mapping[str, str] = {
    "number": "Customer reference No",
    "serial": "Device Serial No",
    "device": "Device ID",
    "global": "Invoice No, the number behind the slash",
    "day": "Fiscal day No",
    "date": "Date and time, like 11/10/26 14:05",
    "total": "Total, like 9.98 or 250 ZIG",
}
"""What stands on every fiscal receipt (ZIMRA FDMS 7.2, printed content)."""


class PaperDialog(Dialog[EnteredOriginal | None]):
    """Asks for the head of a receipt; answers with it, still without lines."""

    def __init__(self, currency: str, table: CurrencyTable) -> None:
        super().__init__("Receipt from its paper", is_grave=True)
        self._currency, self._table = currency, table

    def question(self) -> ComposeResult:
        """One line per field."""
        yield Text("Of another device, or of before this till. A manager must approve it.\n")
        for name, label in FIELDS.items():
            yield EntryLine(label, keeps=True, id=name)
        yield Text(("Enter", "bold $primary"), " next   ", ("Esc", "bold $primary"), " back")

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        names = list(FIELDS)
        at = names.index(str(message.line.id))
        if at + 1 < len(names):
            self.query_one(f"#{names[at + 1]}", EntryLine).focus()
            return
        values = {name: self.query_one(f"#{name}", EntryLine).value.strip() for name in names}
        try:
            self.dismiss(head_of(values, currency=self._currency, table=self._table))
        except InvalidInput as error:
            self.refuse(error)


def head_of(values: Mapping[str, str], *, currency: str, table: CurrencyTable) -> EnteredOriginal:
    """Read the fields of a receipt.

    Raises:
        InvalidInput: one of them cannot be read.
    """
    missing = next((FIELDS[name] for name in FIELDS if not values[name]), None)
    if missing is not None:
        raise InvalidInput(f"The receipt needs its {missing.partition(',')[0]}: type it.")
    total = read_money(values["total"], currency, table)
    return EnteredOriginal(
        number=values["number"],
        device_id=values["device"],
        device_serial=values["serial"],
        receipt_global_no=_whole(values["global"]),
        fiscal_day=_whole(values["day"]),
        filed_at=_moment(values["date"]),
        currency=total.currency,
        total=total.amount,
        lines=(),
    )


def line_of(text: str) -> EnteredLine:
    """Read one line: code of the item, quantity, amount.

    Raises:
        InvalidInput: it is not of that form.
    """
    words = text.split()
    try:
        item, quantity, amount = words
        numbers = Decimal(quantity), Decimal(amount)
    except (ValueError, InvalidOperation):
        raise InvalidInput("Type item code, quantity and amount, like PRD001 2 3.98.") from None
    if not all(number.is_finite() and 0 < number < 10**9 for number in numbers):
        raise InvalidInput("Quantity and amount must be above zero: type them again.")
    return EnteredLine(item=item, quantity=numbers[0], amount=numbers[1])


def next_line(entered: EnteredOriginal) -> Ask:
    """The question for the next line, with what is left of the total."""
    done = sum((line.amount for line in entered.lines), Decimal(0))
    left = Money.rounded(entered.total - done, entered.currency)
    return Ask(
        f"Line {len(entered.lines) + 1}",
        "Item code, quantity, amount",
        read=line_of,
        explain=f"{left.label} of the receipt are left. Enter all of its lines.",
    )


def is_whole(entered: EnteredOriginal) -> bool:
    """Whether the lines make the total, or more."""
    return sum((line.amount for line in entered.lines), Decimal(0)) >= entered.total


def with_line(entered: EnteredOriginal, line: EnteredLine) -> EnteredOriginal:
    """The receipt with one more line."""
    return replace(entered, lines=(*entered.lines, line))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 10:
        raise InvalidInput(f"{text[:20]!r} is not a number: type the digits of the paper.")
    return int(text)


def _moment(text: str) -> datetime:
    for form in ("%d/%m/%y %H:%M", "%d/%m/%Y %H:%M"):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - as the paper has it
        except ValueError:
            continue
    raise InvalidInput(f"{text[:20]!r} is not a date: type it like 11/10/26 14:05.")
