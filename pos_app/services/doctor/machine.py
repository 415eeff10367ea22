"""This computer: its clock against every other that can be asked, and room on its disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from pos_app.services.doctor.finding import Check, Facts, Finding, State, age
from pos_app.services.shop import Shop
from pos_app.store import audit

CLOSE = timedelta(seconds=60)
"""Clocks that differ by less agree."""

ROOM_LOW, ROOM_NONE = 1_000_000_000, 200_000_000
"""Bytes free below which a till should be seen to, and below which it must not be trusted."""

Usage = Callable[[Path], tuple[int, int, int]]


def clock(shop: Shop, others: Mapping[str, datetime], *, has_server: bool) -> Finding:
    """Compare the clock with the newest entry of the books and with the clocks of neighbours.

    Args:
        shop: the till.
        others: what the server's and the fiscal device's clocks show now, by name; those that
            could not be asked are left out.
        has_server: whether there is one that should have told the time.
    """
    now = shop.clock.now()
    with shop.store.read() as connection:
        newest = audit.newest(connection)
    if newest is not None and newest > now + CLOSE:
        sentence = (
            f"The clock is {age(newest - now)} behind the newest entry of the books: "
            "set the computer's date and time before anything is sold."
        )
        return Finding(check=Check.CLOCK, state=State.FAIL, sentence=sentence)
    if not others:
        sentence = (
            "No other clock could be asked: compare the computer's date and time with a watch."
        )
        state = State.UNKNOWN if has_server else State.WARN
        return Finding(check=Check.CLOCK, state=state, sentence=sentence)
    return _compared(shop, now, others)


def _compared(shop: Shop, now: datetime, others: Mapping[str, datetime]) -> Finding:
    name, other = max(others.items(), key=lambda pair: abs(pair[1] - now))
    apart = abs(other - now)
    facts: Facts = {
        f"{other_name.replace(' ', '_')}_seconds": int((at - now).total_seconds())
        for other_name, at in others.items()
    }
    if apart <= CLOSE:
        names = " and ".join(sorted(others))
        sentence = f"The clock agrees with that of the {names}."
        return Finding(check=Check.CLOCK, state=State.OK, sentence=sentence, facts=facts)
    way = "behind" if other > now else "ahead of"
    is_far = apart > timedelta(minutes=shop.rules.fiscal.clock_minutes)
    sentence = (
        f"The clock is {age(apart)} {way} that of the {name}: set the computer's date and time."
    )
    state = State.FAIL if is_far else State.WARN
    return Finding(check=Check.CLOCK, state=state, sentence=sentence, facts=facts)


def disk(folder: Path, usage: Usage = shutil.disk_usage) -> Finding:
    """Room left where the till keeps its books."""
    try:
        _total, _used, free = usage(folder)
    except OSError as error:
        sentence = f"The disk of {folder} cannot be read ({error.strerror}): check it."
        return Finding(check=Check.DISK, state=State.UNKNOWN, sentence=sentence)
    facts = {"free_bytes": free}
    room = f"{free / 1_000_000_000:.1f} GB"
    if free >= ROOM_LOW:
        sentence = f"{room} are free."
        return Finding(check=Check.DISK, state=State.OK, sentence=sentence, facts=facts)
    state = State.WARN if free >= ROOM_NONE else State.FAIL
    sentence = f"Only {room} are free on the disk of {folder}: delete what is not needed there."
    return Finding(check=Check.DISK, state=state, sentence=sentence, facts=facts)
