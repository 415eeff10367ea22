"""Every refusal by its code: what it is answered with, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pos_app.api.errors import SENTENCES, status_of
from pos_app.errors import PosError

OURS = "pos_app."
AT_THE_DOOR = (
    ("client_blocked", 429, "An administrator blocked this client; Retry-After says until when."),
    ("rate_limited", 429, "Too many requests; Retry-After says when to come again."),
    ("unsupported_version", 400, "The version asked for is not 1.0."),
    ("invalid_version", 400, "What was asked for is no version."),
)
"""What is said before a route is found, beside `pos_app.api.errors.SENTENCES`."""


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """One code."""

    code: str
    status: int
    words: str


def listed() -> list[Listed]:
    """The codes of the server's own errors and of what it says before a route is found."""
    made = {
        kind.code: Listed(kind.code, status_of(_of(kind)), _words(kind))
        for kind in _below(PosError)
        if kind.__module__.startswith(OURS)
    }
    made |= {code: Listed(code, status, words) for status, (code, words) in SENTENCES.items()}
    made |= {row[0]: Listed(*row) for row in AT_THE_DOOR}
    return sorted(made.values())


def _below(kind: type[PosError]) -> Iterator[type[PosError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _of(kind: type[PosError]) -> PosError:
    """One to ask for its status, without the facts it would need."""
    return kind.__new__(kind)


def _words(kind: type[PosError]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]
