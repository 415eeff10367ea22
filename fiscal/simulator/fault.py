"""The misbehaviour a box can be told to show, by the stage at which it strikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fiscal.operations import BASE_PATH, POSTS, WRITES, Op
from fiscal.simulator import refusal
from sandbox.fault import Fault, Faults

REFUSING = {
    "init_error": refusal.INIT_ERROR,
    "certificate_expired": refusal.CERTIFICATE_EXPIRED,
    "day_closed": refusal.DAY_CLOSED,
}
"""Refused without being executed, in these words."""

BEFORE = frozenset({"drop_before", "power_cut_before_commit"})
BUSY = frozenset({"busy"})
AFTER = frozenset({"commit_then_silence", "power_cut_after_commit", "power_cut_mid_reply"})
ANSWER = frozenset(
    {"code_number", "data_empty", "data_string", "qr_empty", "qr_wrong", "foreign_receipt"}
)
OLD = frozenset({"old_reply"})
NAK = frozenset({"nak"})
BYTES = frozenset({"flip_byte", "drop_bytes", "duplicate_bytes", "noise"})

KNOWN = frozenset(REFUSING) | BEFORE | BUSY | AFTER | ANSWER | OLD | NAK | BYTES

_ABOUT_COMMITS = AFTER | {"power_cut_before_commit", "day_closed"}
_ABOUT_RECEIPTS = ANSWER | OLD
_WITH_RECEIPT = POSTS | {Op.GET_INVOICE}


def take(
    faults: Faults, op: str, body: Mapping[str, Any] | None, *, only: frozenset[str]
) -> Fault | None:
    """The fault due at this stage of this call.

    A fault that waits for any call strikes where it means something: one about commits at calls
    that commit, one about receipts at calls that answer with one. Named calls are struck anyway.
    """

    def is_meant(fault: Fault) -> bool:
        if fault.on or fault.do not in _ABOUT_COMMITS | _ABOUT_RECEIPTS:
            return True
        return op in (WRITES if fault.do in _ABOUT_COMMITS else _WITH_RECEIPT)

    names = aliases(op, body)
    return faults.take(names[0], only=only, aliases=names[1:], where=is_meant)


def call_name(op: str) -> str:
    """A call as it is logged, such as ``POST TransactM``; parameters are left out."""
    return f"{'POST' if op in POSTS else 'GET'} {op}"


def aliases(op: str, body: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Every way in which a fault may name a call."""
    verb = "POST" if op in POSTS else "GET"
    number = (body or {}).get("InvoiceNumber")
    named = f"{op}/{number}" if op == Op.GET_INVOICE and number else op
    path = BASE_PATH + named
    return (f"{verb} {named}", named, f"{verb} {path}", path, f"{verb} {path[1:]}", path[1:])
