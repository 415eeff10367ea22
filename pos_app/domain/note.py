"""Credit and debit notes: against which receipt, of which lines, and never above its balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.money import Money
from pos_app.domain.refund import (
    Refund,
    ReturnLine,
    SoldLine,
    correct_price,
    credited,
    take_back,
)
from pos_app.domain.sale import LineUnknown
from pos_app.errors import InvalidInput, RuleBroken

REASON_LENGTH_MAX = 200
"""Characters of a reason: it is filed, printed, and sent to SAP."""


class NoteKind(StrEnum):
    """What corrects a receipt (ZIMRA FDMS 7.2, receipt types 1 and 2)."""

    CREDIT = "credit_note"
    DEBIT = "debit_note"

    @property
    def sign(self) -> int:
        """The sign of its figures where documents are kept."""
        return -1 if self is NoteKind.CREDIT else 1


class NoteReasonMissing(InvalidInput):
    """A note must say why it is made (ZIMRA RCPT034)."""

    code = "note_reason_missing"

    def __init__(self, why: str = "has no reason") -> None:
        super().__init__(f"The note {why}: enter in a few words why it is made.")


class NoteLineInvalid(InvalidInput):
    """A line of a note says too much, or nothing."""

    code = "note_line_invalid"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(
            f"Line {line} {why}: give the quantity that comes back, or the amount to correct.",
            line=line,
        )


class NotAnOriginal(RuleBroken):
    """Only what was sold is corrected, never a correction."""

    code = "not_an_original"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Receipt {receipt} is itself a note and cannot be corrected: "
            "name the receipt of the sale.",
            receipt=receipt,
        )


class OriginalNotFiled(RuleBroken):
    """The tax authority's record of the original is not settled; a note would hang in the air."""

    code = "original_not_filed"

    def __init__(self, receipt: str, state: FiscalState | None) -> None:
        super().__init__(
            f"Receipt {receipt} {_UNFILED.get(state, _UNFILED[None])}.",
            receipt=receipt,
            state=state.value if state else "",
        )


_UNFILED: Mapping[FiscalState | None, str] = {
    None: "was never given to a fiscal device: have the back office correct it",
    FiscalState.INTENT: "still waits for the fiscal device: make the note once it is fiscalised",
    FiscalState.SENT: "is with the fiscal device just now: make the note once it is fiscalised",
    FiscalState.UNKNOWN: "may or may not be on the fiscal device, which is being found out: "
    "make the note once it is settled",
    FiscalState.REFUSED: "was refused by the fiscal device: have the back office settle it first",
    FiscalState.DISPUTED: "is disputed with the fiscal device: have a supervisor settle it first",
}


class NothingLeft(RuleBroken):
    """Everything of the receipt came back already."""

    code = "nothing_left"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Nothing of receipt {receipt} is left to come back: look at the notes made of it.",
            receipt=receipt,
        )


class NoteWorthless(RuleBroken):
    """What comes back is worth less than a cent, or was credited in full already."""

    code = "note_worthless"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"What would come back of receipt {receipt} is worth nothing: "
            "return more of it at once, or take the goods back without a note.",
            receipt=receipt,
        )


class BalanceExceeded(RuleBroken):
    """More would be credited than is left of what was filed (ZIMRA RCPT035)."""

    code = "balance_exceeded"

    def __init__(self, receipt: str, *, asked: Money, left: Money) -> None:
        super().__init__(
            f"Of receipt {receipt} only {left.label} are left to be credited and {asked.label} "
            "were asked for: credit less.",
            receipt=receipt,
            requested=asked,
            available=left,
            currency=left.currency,
        )


class TaxNotAsSold(RuleBroken):
    """A note may carry only the taxes of its original, and the device only those of today."""

    code = "tax_not_as_sold"

    def __init__(self, line: int, item: str, why: str) -> None:
        super().__init__(
            f"Item {item} on line {line} {why}: how such a note is filed is not settled, "
            "have the back office ask the tax authority.",
            line=line,
            item=item,
        )


class DebitNotesOff(RuleBroken):
    """The device is not known to take debit notes."""

    code = "debit_notes_off"

    def __init__(self, profile: str) -> None:
        super().__init__(
            f"The fiscal device of profile {profile} is not known to take debit notes: "
            "sell the difference as a sale of its own.",
            profile=profile,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """What is wanted of one line of the original: a quantity back, or an amount corrected.

    Attributes:
        line: number of the line on the original.
        quantity: what comes back; None for a correction of the price.
        amount: what the price is corrected by in all, VAT included, above zero.
        batch: which batch comes back, where the original took several.
        is_damaged: the goods cannot be sold again.
        warehouse: where the goods come back to; empty for the till's own.
        is_restocked: whether they come back into the books of stock at all.
    """

    line: int
    quantity: Decimal | None = None
    amount: Money | None = None
    batch: str = ""
    is_damaged: bool = False
    warehouse: str = ""
    is_restocked: bool = True


def check_reason(reason: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        NoteReasonMissing: there is none, or one nobody can print.
    """
    words = reason.strip()
    if not words:
        raise NoteReasonMissing
    if len(words) > REASON_LENGTH_MAX or not words.isprintable():
        raise NoteReasonMissing(
            f"has a reason that is unreadable or longer than {REASON_LENGTH_MAX} characters"
        )
    return words


def everything_left(
    sold: Iterable[SoldLine], receipt: str, *, is_damaged: bool = False
) -> tuple[WantedLine, ...]:
    """All that can still come back.

    Raises:
        NothingLeft: that is nothing.
    """
    rows = tuple(
        WantedLine(line=line.number, quantity=line.returnable, is_damaged=is_damaged)
        for line in sold
        if line.returnable > 0
    )
    if not rows:
        raise NothingLeft(receipt)
    return rows


def compose(kind: NoteKind, sold: Sequence[SoldLine], wanted: Sequence[WantedLine]) -> Refund:
    """A note of some lines; each row stands on what the rows before it have left.

    Raises:
        LineUnknown: the original has no such line.
        NoteLineInvalid: a line asks for nothing, for two things, or a debit note for goods.
        QuantityInvalid, ReturnTooMuch, CreditTooMuch: not that much.
    """
    left = {line.number: line for line in sold}
    rows: list[ReturnLine] = []
    for ask in wanted:
        line = left.get(ask.line)
        if line is None:
            raise LineUnknown(ask.line)
        row = _debited(line, ask) if kind is NoteKind.DEBIT else _row(line, ask)
        rows.append(row)
        left[ask.line] = line if kind is NoteKind.DEBIT else line.after(row)
    return credited(rows)


def _row(line: SoldLine, ask: WantedLine) -> ReturnLine:
    if ask.quantity is not None and ask.amount is None:
        return take_back(line, ask.quantity)
    if ask.amount is not None and ask.quantity is None:
        return correct_price(line, ask.amount)
    raise NoteLineInvalid(ask.line, "asks for nothing, or for two things")


def _debited(line: SoldLine, ask: WantedLine) -> ReturnLine:
    if ask.quantity is not None or ask.amount is None:
        raise NoteLineInvalid(ask.line, "of a debit note can only correct an amount")
    if ask.amount.minor <= 0:
        raise NoteLineInvalid(ask.line, "has an amount that is not above zero")
    return ReturnLine(line, Decimal(0), ask.amount)


def check_balance(receipt: str, *, asked: Money, left: Money) -> None:
    """Refuse to credit nothing, or more than is left of what was filed.

    Args:
        receipt: number of the original.
        asked: total of the note, positive.
        left: filed total of the original, less credit notes, plus debit notes.

    Raises:
        NoteWorthless: it comes to nothing.
        BalanceExceeded: it is more.
    """
    if asked.minor <= 0:
        raise NoteWorthless(receipt)
    if asked > left:
        raise BalanceExceeded(receipt, asked=asked, left=left)
