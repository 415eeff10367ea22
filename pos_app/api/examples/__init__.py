"""What each route was asked and what it answered, for its description.

The files beside this one hold real requests and answers, one file for each story of the conformance
runner, which writes them (``python -m tests.conformance``) and fails when the server answers
otherwise. Secrets have stand-ins, long lists and texts are cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

NOTHING: Any = object()
"""Neither a body nor an answer, which null may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One request and its answer.

    Attributes:
        path: values of the parameters in the path, in their order.
        query: values of the parameters behind it.
        kind: the content type of the body; empty where there is none.
        body: what was sent; `NOTHING` where nothing was.
        status: what was answered.
        answer_kind: the content type of the answer.
        answer: JSON or text; `NOTHING` for files and empty answers.
    """

    path: tuple[Any, ...] = ()
    query: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    body: Any = NOTHING
    status: int = 200
    answer_kind: str = ""
    answer: Any = NOTHING


@cache
def examples() -> Mapping[str, Example]:
    """Every example, by method and the `shape` of the path."""
    return {shape(route): Example(**told) for route, told in _told()}


def shape(route: str) -> str:
    """A route whatever it calls the parameters of its path."""
    return re.sub(r"\{[^}]*\}", "{}", route).lower()


def _told() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in files(__name__).iterdir():
        if file.name.endswith(".json"):
            yield from json.loads(file.read_text(encoding="utf-8")).items()
