"""Damage done to bytes on their way, by fault and seed."""

from __future__ import annotations

import random

from sandbox.fault import Fault

_LENGTH = 3


def spoiled(data: bytes, fault: Fault, rng: random.Random) -> bytes:
    """The same bytes with one flipped, some dropped, some doubled, or noise in between.

    Args:
        data: what should have been sent.
        fault: `bytes` is the place, 0 for any place.
        rng: chooses what the fault leaves open.
    """
    if not data:
        return data
    place = min(fault.bytes, len(data) - 1) if fault.bytes else rng.randrange(len(data))
    before, after = data[:place], data[place:]
    if fault.do == "flip_byte":
        return before + bytes([after[0] ^ (1 << rng.randrange(8))]) + after[1:]
    if fault.do == "drop_bytes":
        return before + after[_LENGTH:]
    if fault.do == "duplicate_bytes":
        return before + after[:_LENGTH] + after
    return before + bytes(rng.randrange(256) for _ in range(_LENGTH)) + after
