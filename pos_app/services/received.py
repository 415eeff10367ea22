"""What the server makes of one envelope: what it brought, or why it was not taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from sync.envelope import Outcome


class Refusal(Exception):
    """An envelope is not taken; whatever its transaction did is undone.

    Attributes:
        outcome: CONFLICT, REFUSED or LATER.
        code: a stable word for programs.
        sentence: for people.
    """

    def __init__(self, outcome: Outcome, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome = outcome
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An envelope that was taken.

    Attributes:
        changes: kind and key of what changed for tills.
        flags: ``{"code", "sentence"}`` of what somebody should look at.
        upstream_seq: the number of the first acceptance when the document was known already.
    """

    changes: tuple[tuple[str, str], ...] = ()
    flags: tuple[dict[str, str], ...] = ()
    upstream_seq: int | None = None


def flag(code: str, sentence: str, *, subject: str = "") -> dict[str, str]:
    """Something a person should look at, although the document was taken.

    Args:
        code: stable, for programs.
        sentence: what is odd about it.
        subject: what it is about beside the document, so that it is told once and ends with it.
    """
    about = {"subject": subject} if subject else {}
    return {"code": code, "sentence": sentence, **about}


def content(payload: str) -> Mapping[str, Any]:
    """The JSON object an envelope carries.

    Raises:
        Refusal: it is not one, or has a number that is not whole.
    """
    try:
        data = json.loads(payload, parse_float=_no_fraction, parse_constant=_no_fraction)
    except (ValueError, RecursionError) as error:
        words = "Its content is not JSON of whole numbers and text."
        raise Refusal(Outcome.REFUSED, "malformed", words) from error
    if not isinstance(data, dict):
        raise Refusal(Outcome.REFUSED, "malformed", "Its content is not a JSON object.")
    return data


def _no_fraction(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a whole number")
