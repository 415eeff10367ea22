"""Incidents of the posting queue: rows that stand still for one cause are one matter for a person.

Three hundred rows with one cause are one incident of three hundred, not three hundred alarms
(production lesson L81); what passes by itself within a while is none (lesson L83).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta

from pos_app.domain.posting import FailureKind

QUIET = timedelta(minutes=15)
"""So long what passes by itself is nobody's concern (production lesson L94: warned at 15 min)."""

AWAY, LOST, EARLIER = "away", "lost", "earlier"
"""SAP cannot be reached; its answer was lost; a document this one follows goes first."""

MOVED = "moved"
"""SAP's stock moved while a count was entered there."""

CONSOLIDATION = "consolidation"
"""Receipts of a day that is over wait to be made into invoices."""

FORGOTTEN = timedelta(hours=30)
"""So long a receipt may wait for the end of its day, however late that is."""

IDLE, BACKLOG = "idle", "backlog"
"""Nobody takes the rows; they are taken, one after the other."""

AT_ONCE = frozenset({"rate", "period", "stock", "approval", "preflight"})
"""Waits that end only when somebody does something in SAP."""

_TOLD = frozenset({"stock", "preflight"})
"""Waits that differ by what they name."""

_NAMES = re.compile(r"'[^']*'|\"[^\"]*\"|\S*\d\S*|\b[A-Z][A-Z_-]{2,}\b")

ADVICE: Mapping[str, str] = {
    AWAY: "Bring SAP or the line to it back; everything goes on by itself, in order.",
    LOST: "Nothing: SAP is asked again until it shows the document or proves that it has none.",
    EARLIER: "Nothing: the document it follows goes first; look whether that one waits.",
    "count": "Nothing, or post or close in SAP the counting of these goods that stays open there.",
    MOVED: "Nothing: it is entered again on the stock SAP has by then.",
    IDLE: "Start the server, or `pos worker`: no worker takes what is queued.",
    BACKLOG: "Nothing: they go in their order; with PostgreSQL a second `pos worker` helps.",
    CONSOLIDATION: "Run `pos consolidate`, or name a time for it in the settings.",
    "rate": "Enter the exchange rate of that day in SAP; it goes on by itself.",
    "period": "Open the posting period or its numbering series in SAP; it goes on by itself.",
    "approval": "Approve the draft in SAP; it goes on by itself.",
    "stock": "Book the missing goods into SAP: a receipt or a transfer; it goes on by itself.",
    "preflight": "Put right what the sentence names; it goes on by itself within a minute.",
    "mismatch": "Compare the two documents, correct SAP, then try again.",
    "credited_twice": "Find out what was really given back; enter it in SAP by hand, or cancel.",
    "draft_rejected": "Ask who rejected it; remove the draft in SAP, then try again; or cancel it.",
    "duplicate_key": "Cancel in SAP what is there twice, then try again.",
    "fault": "Send the server's log to who keeps this program, then try again.",
    "unmapped_tender": "Name the account in the settings, restart the server, then try again.",
    "unmapped_currency": "Name SAP's currency in the settings, restart the server, then try again.",
    "debit_note_by_hand": "Enter it in SAP by hand, then cancel it here and say so.",
    "cheque_unnumbered": "Enter it in SAP by hand, then cancel it here and say so.",
    "-1000": "A field is missing in SAP: see the connection; create it, then try again.",
    "-5006": "Give the SAP user of this server the right to do it, then try again.",
    "-6006": "Give the SAP user of this server the right to do it, then try again.",
}
"""What to do about a cause, by its code."""

OTHERWISE = "Put right in SAP what the sentence names, then try again."


def cause_of(kind: FailureKind, *, waits_for: str, code: str, reason: str) -> str:
    """One text per cause: code and words without the names and numbers of a single document.

    Args:
        kind: what the attempt came to.
        waits_for: what it waits for; empty for nothing in particular.
        code: SAP's or our own; empty where there is none.
        reason: the sentence.
    """
    if kind is FailureKind.TRANSIENT:
        return AWAY
    if kind is FailureKind.UNKNOWN:
        return LOST
    if waits_for in AT_ONCE - _TOLD or waits_for in {EARLIER, MOVED}:
        return waits_for
    return f"{waits_for or code}: {_NAMES.sub('#', reason)}"[:300]


def code_of(cause: str) -> str:
    """The code a cause begins with."""
    return cause.partition(":")[0]


def advice(cause: str) -> str:
    """What to do about a cause."""
    return ADVICE.get(code_of(cause), OTHERWISE)


def name_of(cause: str) -> str:
    """A short name of a cause for people to type: eight characters, the same everywhere."""
    return hashlib.sha256(cause.encode()).hexdigest()[:8]
