"""The second factor: a code that changes every 30 seconds, and ten codes for a lost phone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from pos_app.domain.user import SignInRefused
from pos_app.errors import Conflict, InvalidInput

STEP = timedelta(seconds=30)
WINDOW = 1
"""So many steps before and after the present one are taken (contract §2.1)."""

CODES = 10
CHALLENGE_LIFE = timedelta(minutes=5)
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of backup codes: nothing that looks like something else."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_BACKUP = re.compile(rf"(10|[1-9])-?([{ALPHABET}]{{5}})-?([{ALPHABET}]{{5}})")


class CodeRefused(InvalidInput):
    """A code of somebody who is signed in is wrong, over, or was used."""

    code = "code_refused"

    def __init__(self) -> None:
        super().__init__("The code is wrong or was used before: wait for the next one and type it.")


class SecondFactorRefused(SignInRefused):
    """A sign-in and its code do not go together; which of them is wrong is not told."""

    code = "second_factor_refused"

    def __init__(self) -> None:
        super(SignInRefused, self).__init__(
            "The code is wrong or the sign-in took too long: try the next code, or sign in again."
        )


class TwoFactorOn(Conflict):
    """A second factor is in force already."""

    code = "two_factor_on"

    def __init__(self) -> None:
        super().__init__("Two-factor sign-in is on already: switch it off to set it up anew.")


class TwoFactorOff(Conflict):
    """There is no second factor in force, or none was set up."""

    code = "two_factor_off"

    def __init__(self) -> None:
        super().__init__("Two-factor sign-in is not on: set it up first.")


def step_of(moment: datetime) -> int:
    """Which step of time a moment lies in (RFC 6238, 30 seconds from 1970)."""
    return (moment - _EPOCH) // STEP


def steps_around(moment: datetime) -> range:
    """The steps whose codes are taken at a moment, the earliest first."""
    now = step_of(moment)
    return range(now - WINDOW, now + WINDOW + 1)


def written(number: int, mark: str) -> str:
    """A backup code as it is shown: its number, then ten characters in two groups."""
    return f"{number}-{mark[:5]}-{mark[5:]}"


def read_backup(text: str) -> tuple[int, str]:
    """The number and the ten characters of a backup code, however it was typed; 0 for none."""
    plain = re.sub(r"\s+", "", text).lower()
    found = _BACKUP.fullmatch(plain)
    return (int(found[1]), found[2] + found[3]) if found else (0, "")
