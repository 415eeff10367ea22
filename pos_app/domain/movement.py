"""Goods that leave or come in for a reason of their own: breakage, loss, a gift, goods found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pos_app.errors import InvalidInput


class MovementKind(StrEnum):
    """Which way the goods go: out is an issue, in is a receipt."""

    ISSUE = "issue"
    RECEIPT = "receipt"


class ReasonUnknown(InvalidInput):
    """Goods cannot move for a reason the shop does not know."""

    code = "reason_unknown"

    def __init__(self, reason: str, known: Iterable[str]) -> None:
        told = ", ".join(known) or "none; the settings name them"
        super().__init__(
            f"{reason[:40]!r} is no reason for this: give one of {told}.", reason=reason[:40]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why goods move, and where their value goes.

    Attributes:
        code: short and stable, such as ``damaged``.
        name: for people.
        account: SAP's account; empty where none was named yet.
        kind: which way; None for both.
    """

    code: str
    name: str
    account: str = ""
    kind: MovementKind | None = None

    def serves(self, kind: MovementKind) -> bool:
        """Whether goods may go this way for it."""
        return self.kind is None or self.kind is kind


def reason_of(reasons: Iterable[Reason], code: str, *, kind: MovementKind) -> Reason:
    """The reason of a code for goods that go this way.

    Raises:
        ReasonUnknown: there is none.
    """
    fitting = [reason for reason in reasons if reason.serves(kind)]
    for reason in fitting:
        if reason.code.casefold() == code.strip().casefold():
            return reason
    raise ReasonUnknown(code, (reason.code for reason in fitting))
