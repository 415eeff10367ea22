"""The bytes with which a simulated printer describes its state (Epson command reference)."""

from __future__ import annotations

from dataclasses import dataclass

from printing.simulator.machine import Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The state that status bytes speak of."""

    is_online: bool
    is_cover_open: bool
    is_paper_out: bool
    is_near_end: bool
    has_cutter_fault: bool
    is_drawer_high: bool


def real_time(number: int, state: Condition, replies: Replies) -> bytes:
    """The answer to ``DLE EOT``; clones say 16h or 12h whatever happens, silent ones nothing."""
    if replies is Replies.SILENT:
        return b""
    if replies is Replies.CLONE:
        return b"\x16" if number == 1 else b"\x12"
    bits = {
        1: state.is_drawer_high * 0x04 | (not state.is_online) * 0x08,
        2: state.is_cover_open * 0x04 | state.is_paper_out * 0x20 | state.has_cutter_fault * 0x40,
        3: state.has_cutter_fault * 0x08,
        4: state.is_near_end * 0x0C | state.is_paper_out * 0x60,
    }
    return bytes([0x12 | bits.get(number, 0)])


def report(state: Condition) -> bytes:
    """The four bytes of an automatic report."""
    first = (
        0x10
        | state.is_drawer_high * 0x04
        | (not state.is_online) * 0x08
        | state.is_cover_open * 0x20
    )
    third = state.is_near_end * 0x03 | state.is_paper_out * 0x0C
    return bytes([first, state.has_cutter_fault * 0x08, third, 0x0F])


def paper(state: Condition) -> bytes:
    """The answer to ``GS r 1``."""
    return bytes([state.is_near_end * 0x03 | state.is_paper_out * 0x0C])


def printed(code: bytes) -> bytes:
    """The process-ID reply."""
    return b"\x37\x22" + code + b"\x00"


CLEARED = b"\x37\x25\x00"
IDENTITY = {1: b"\x20", 2: b"\x02", 3: b"\x01"}
"""Answers to ``GS I``: model, type, ROM."""
