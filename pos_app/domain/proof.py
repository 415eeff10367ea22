"""The daily proof: one day's documents as each side holds them, and every difference by name.

A receipt is on paper, in the fiscal device, at the server and in SAP; four programs wrote it down,
and at the end of a day all four must say the same of it. A side that could not be read says
nothing: nothing is compared with it, and nothing is called missing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import Money

CANCELLED, DONE = "cancelled", "done"


class Side(StrEnum):
    """Who keeps documents of a day."""

    RECEIPTS = "receipts"
    FISCAL = "fiscal"
    SERVER = "server"
    SAP = "sap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document as one side holds it; amounts in minor units, of a note below zero.

    Attributes:
        key: the identity that joins the sides; empty for a document without one of ours.
        reference: the receipt number, or what people know the document by.
        name: what this side calls it, such as ``SAP invoice 5001``.
        kind: invoice, credit_note, debit_note or payment, or a document of goods or a promise.
        till: whose receipt it is; the server's own code for its own documents.
        total, vat: None where the side does not tell.
        taxes: gross amount by tax group; None where the side does not tell.
        tenders: settled amount by ``tender currency``; None where the side does not tell.
        quantities: of goods, by what moves and where; None for a document of money.
        batches: of what moves, by batch; None where the side does not tell.
        facts: texts that must be equal where both sides tell them, such as the partner.
        state: ``done``, or ``cancelled`` for one that was taken back on this side.
        note: what this side says beside the figures, such as which payment was cancelled.
        is_own: whether the server made it itself, without a till.
    """

    key: str
    reference: str
    name: str
    kind: str
    till: str
    currency: str
    total: int | None = None
    vat: int | None = None
    taxes: Mapping[str, int] | None = None
    tenders: Mapping[str, int] | None = None
    quantities: Mapping[str, Decimal] | None = None
    batches: Mapping[str, Decimal] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    state: str = DONE
    note: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why a document is not on a side yet, and since when."""

    state: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one side said of the day.

    Attributes:
        word: what people call the side here; the books of a shop without SAP are not SAP.
        problem: why it could not be read; empty when it was. Its entries then mean nothing.
        waits: documents that are known not to be there for good, by key.
        expects: whether a document has to be on this side at all.
        folds: another word for a tender of the receipts, where this side tells them less finely;
            empty for one it never holds.
        tax_folds: the same for tax groups.
        tills: whose documents it holds, so that none of them is nought and not silence.
        has_payments: whether it holds payments that are no part of a receipt.
    """

    side: Side
    word: str
    entries: tuple[Entry, ...] = ()
    waits: Mapping[str, Wait] = field(default_factory=dict)
    problem: str = ""
    expects: Callable[[Entry], bool] = lambda _entry: True
    folds: Mapping[str, str] = field(default_factory=dict)
    tax_folds: Mapping[str, str] = field(default_factory=dict)
    tills: frozenset[str] = frozenset()
    has_payments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure that differs; `by` is None for texts."""

    name: str
    expected: str
    found: str
    by: Money | None = None

    @property
    def words(self) -> str:
        """As people read it."""
        text = f"{self.name} {self.found or 'nothing'} instead of {self.expected or 'nothing'}"
        return text if self.by is None else f"{text} ({self.by.minor / 100:+.2f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A document on which two sides do not agree.

    Attributes:
        code: the side and what is wrong there, such as ``sap_missing``; stable, for programs.
        side: the side that deviates.
        reference: the receipt number.
        name: what the deviating side calls the document, empty where it has none.
        state, reason, since: how it stands on its way there; empty and None for what is final.
    """

    code: str
    side: Side
    reference: str
    kind: str
    till: str
    sentence: str
    name: str = ""
    figures: tuple[Figure, ...] = ()
    state: str = ""
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One figure of one till and currency, side by side; None where a side does not tell."""

    till: str
    currency: str
    name: str
    values: Mapping[Side, int | None]
    is_count: bool = False

    @property
    def differs(self) -> bool:
        """Whether two sides that tell it do not agree."""
        told = {value for value in self.values.values() if value is not None}
        return len(told) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A day side by side.

    Attributes:
        sides: as they were read, receipts first.
        differences: every one, by document.
        sums: per till and currency.
    """

    day: date
    at: datetime
    sides: tuple[Read, ...]
    differences: tuple[Difference, ...]
    sums: tuple[Sum, ...]

    @property
    def unread(self) -> tuple[Read, ...]:
        """Sides that could not be read."""
        return tuple(read for read in self.sides if read.problem)

    @property
    def is_equal(self) -> bool:
        """Whether all sides were read and agree."""
        return not self.unread and not self.differences


def differences(base: Sequence[Entry], read: Read) -> Iterator[Difference]:
    """What one side has otherwise than the documents it should have.

    Args:
        base: the documents as they should be.
        read: the side; one that could not be read yields nothing.
    """
    if read.problem:
        return
    held: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in read.entries:
        held[entry.key].append(entry)
    known = set()
    for entry in base:
        known.add(entry.key)
        if read.expects(entry) or entry.key in held:
            yield from _of_document(entry, held.get(entry.key, []), read)
    for key, entries in held.items():
        if key not in known:
            yield from (_extra(entry, read) for entry in entries if entry.state != CANCELLED)


def _of_document(entry: Entry, held: Sequence[Entry], read: Read) -> Iterator[Difference]:
    """At most one difference: the first that explains the others."""
    live = [found for found in held if found.state != CANCELLED]
    wait = read.waits.get(entry.key)
    if len(live) > 1:
        names = " and ".join(found.name for found in live)
        words = f"{entry.reference} is in {read.word} {len(live)} times: {names}."
        yield _difference("twice", entry, read, words, name=names)
    elif wait is not None:
        yield _waiting(entry, live, wait, read)
    elif not live and held:
        names = " and ".join(found.name for found in held)
        words = f"{entry.reference} was cancelled in {read.word}: {names}."
        yield _difference("cancelled", entry, read, words, name=names)
    elif not live:
        yield _difference("missing", entry, read, f"{entry.reference} is not in {read.word}.")
    else:
        figures = tuple(_figures(entry, live[0], read))
        if figures:
            yield _differs(entry, live[0], figures, read)


def _waiting(entry: Entry, live: Sequence[Entry], wait: Wait, read: Read) -> Difference:
    there = f"; {live[0].name} is there already" if live else ""
    why = f": {wait.reason}" if wait.reason else "."
    words = f"{entry.reference} is {wait.state} on its way to {read.word}{there}{why}"
    name = live[0].name if live else ""
    return _difference("waiting", entry, read, words, name=name, wait=wait)


def _differs(entry: Entry, found: Entry, figures: tuple[Figure, ...], read: Read) -> Difference:
    told = ", ".join(figure.words for figure in figures)
    note = f" ({found.note})" if found.note else ""
    words = f"{entry.reference} differs from {found.name}: {told}{note}."
    return _difference("differs", entry, read, words, name=found.name, figures=figures)


def _extra(entry: Entry, read: Read) -> Difference:
    amount = "" if entry.total is None else f" over {Money(entry.total, entry.currency).label}"
    words = f"{entry.name}{amount} is in {read.word} and no receipt of the day stands behind it."
    if entry.note:
        words = f"{entry.name}{amount} is in {read.word} on this day: {entry.note}."
    return _difference("extra", entry, read, words, name=entry.name)


def _difference(
    what: str,
    entry: Entry,
    read: Read,
    sentence: str,
    *,
    name: str = "",
    figures: tuple[Figure, ...] = (),
    wait: Wait | None = None,
) -> Difference:
    return Difference(
        code=f"{read.side}_{what}",
        side=read.side,
        reference=entry.reference,
        kind=entry.kind,
        till=entry.till,
        sentence=sentence,
        name=name,
        figures=figures,
        state=wait.state if wait else "",
        reason=wait.reason if wait else "",
        since=wait.since if wait else None,
    )


def _figures(entry: Entry, found: Entry, read: Read) -> Iterator[Figure]:
    """Every figure both sides tell and do not agree on."""
    for name, expected in entry.facts.items():
        told = found.facts.get(name)
        if told is not None and told != expected:
            yield Figure(name=name, expected=expected, found=told)
    if entry.quantities is not None and found.quantities is not None:
        yield from _quantities(entry.quantities, found.quantities)
    if entry.batches is not None and found.batches is not None:
        yield from _quantities(entry.batches, found.batches)
    if entry.currency != found.currency:
        yield Figure(name="currency", expected=entry.currency, found=found.currency)
        return
    for name, one, other in (
        ("total", entry.total, found.total),
        ("VAT", entry.vat, found.vat),
    ):
        if one is not None and other is not None and one != other:
            yield _figure(name, one, other, entry.currency)
    if entry.taxes is not None and found.taxes is not None:
        wanted = folded(entry.taxes, read.tax_folds)
        yield from _by_name("tax", wanted, found.taxes, lambda _name: entry.currency)
    if entry.tenders is not None and found.tenders is not None:
        wanted = folded(entry.tenders, read.folds)
        yield from _by_name("", wanted, found.tenders, lambda name: name.rpartition(" ")[2])


def _quantities(expected: Mapping[str, Decimal], found: Mapping[str, Decimal]) -> Iterator[Figure]:
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name, Decimal(0)), found.get(name, Decimal(0))
        if one != other:
            yield Figure(name=name, expected=f"{one:f}", found=f"{other:f}")


def folded(amounts: Mapping[str, int], folds: Mapping[str, str]) -> dict[str, int]:
    """Amounts under the words of a side; those it never holds fall away."""
    made: defaultdict[str, int] = defaultdict(int)
    for name, amount in amounts.items():
        word = folds.get(name, name)
        if word:
            made[word] += amount
    return dict(made)


def _by_name(
    what: str,
    expected: Mapping[str, int],
    found: Mapping[str, int],
    currency_of: Callable[[str], str],
) -> Iterator[Figure]:
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name, 0), found.get(name, 0)
        if one != other:
            yield _figure(f"{what} {name}".strip(), one, other, currency_of(name))


def _figure(name: str, expected: int, found: int, currency: str) -> Figure:
    one, other = Money(expected, currency), Money(found, currency)
    return Figure(name=name, expected=one.label, found=other.label, by=other - one)


def sums(reads: Iterable[Read]) -> tuple[Sum, ...]:
    """Counts, totals, VAT, tax groups and tenders per till and currency, side by side.

    A document taken back on a side is not counted there, and a side that could not be read has no
    figure at all, which is not zero.
    """
    sides = [read for read in reads if not read.problem]
    table: dict[tuple[str, str, int, str], dict[Side, int | None]] = {}
    for read in sides:
        for entry in read.entries:
            if entry.state != CANCELLED:
                for row, amount in _parts(entry):
                    cell = table.setdefault(row, {})
                    known = cell.get(read.side, 0)
                    told = amount is not None and known is not None
                    cell[read.side] = known + amount if told else None  # type: ignore[operator]
    return tuple(
        Sum(
            till=row[0],
            currency=row[1],
            name=row[3],
            values={read.side: _told(cell, read, row) for read in sides},
            is_count=row[2] == 0,
        )
        for row, cell in sorted(table.items())
    )


def _told(
    cell: Mapping[Side, int | None], read: Read, row: tuple[str, str, int, str]
) -> int | None:
    """A side without such a document has none of it; one that never tells a figure has nothing."""
    if read.side in cell:
        return cell[read.side]
    till, _, _, name = row
    if till not in read.tills or (name.startswith("payment") and not read.has_payments):
        return None
    entries = [entry for entry in read.entries if entry.state != CANCELLED]
    if name.startswith("tax ") and entries and all(entry.taxes is None for entry in entries):
        return None
    if name.startswith("tender ") and all(entry.tenders is None for entry in entries):
        return None
    return 0


def _parts(entry: Entry) -> Iterator[tuple[tuple[str, str, int, str], int | None]]:
    """The rows of the table a document counts in, ordered: counts, totals, VAT, taxes, tenders."""
    at = (entry.till, entry.currency)
    words = entry.kind.replace("_", " ")
    yield (*at, 0, f"{words}s"), 1
    if entry.quantities is None or entry.total is not None:
        yield (*at, 1, f"{words}s total"), entry.total
    if entry.kind == "payment" or entry.quantities is not None:
        return
    yield (*at, 2, "VAT"), entry.vat
    for group, gross in (entry.taxes or {}).items():
        yield (*at, 3, f"tax {group}"), gross
    for tender, amount in (entry.tenders or {}).items():
        yield (entry.till, tender.rpartition(" ")[2], 4, f"tender {tender}"), amount
