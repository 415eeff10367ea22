"""Tells stories to a server, step by step, and notes what each route did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.api.house import House
from tests.api.test_access import EVERYBODY, MATRIX, ROLES, expected
from tests.conformance import example
from tests.conformance.catalogue import Row, catalogue
from tests.conformance.step import Act, Look, Step

NOBODY: Mapping[str, str] = {}
CHECKS = (
    "happy", "read back", "no credentials", "wrong role", "missing", "bad body", "odd text",
)  # fmt: skip
"""What is asked of each route; a check that does not apply to it is left out."""


@dataclass
class Told:
    """What came of one route: which checks passed, and what was wrong."""

    route: str
    passed: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def note(self, seen: Iterable[tuple[str, str]]) -> None:
        """Add checks, each with what was wrong; empty for nothing."""
        for check, wrong in seen:
            if wrong:
                self.wrong.append(f"{self.route}: {check}: {wrong}")
            else:
                self.passed.add(check)


class Runner:
    """One server and what is known of it so far, such as a ``folder`` for its files.

    Attributes:
        examples: the first happy request of each route, with its answer.
    """

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.known: dict[str, Any] = {"folder": folder}
        self.told: dict[str, Told] = {}
        self.examples: dict[str, dict[str, Any]] = {}

    def tell(self, steps: Sequence[Step | Act]) -> dict[str, Told]:
        """Take every step, each with what must be refused before it; goes on after a failure."""
        for step in steps:
            if isinstance(step, Act):
                step.deed(self.house, self.known)
                continue
            told = self.told.setdefault(step.route, Told(step.route))
            told.note(self._take(step))
        return self.told

    def _take(self, step: Step) -> Iterator[tuple[str, str]]:
        yield from self._refusals(step)
        row = catalogue()[catalogued(step.route)]
        answer = self._send(step, self._credentials(step.role))
        yield "happy", _unlike(answer, step, row, self.known)
        if answer.status_code >= 400:
            return
        if step.route not in self.examples:
            self.examples[step.route] = self._example(step, answer)
        for name, path in step.keep.items():
            try:
                self.known[name] = _at(answer.json(), path)
            except (LookupError, TypeError):
                yield "happy", f"has no {path}: {answer.text[:300]}"
        yield from self._read_back(step)

    def _read_back(self, step: Step) -> Iterator[tuple[str, str]]:
        for look in step.then:
            seen = self._send(look, self._credentials(look.role))
            if seen.status_code != 200:
                yield "read back", f"{look.route} answers {seen.status_code} {seen.text[:300]}"
            else:
                yield "read back", _says(seen.json(), look.says, self.known)

    def _refusals(self, step: Step) -> Iterator[tuple[str, str]]:
        allowed = _allowed(step.route)
        if allowed != EVERYBODY:
            answer = self._send(step, NOBODY, is_bare=True)
            yield "no credentials", _not(answer, 401)
        for role in ROLES:
            if expected(allowed, role, 200) == 403:
                yield "wrong role", _not(self._send(step, self._credentials(role)), 403)
                break
        if "{" in step.route and step.missing_status is not None:
            named = step.missing or dict.fromkeys(step.at, "999999999")
            answer = self._send(step, self._credentials(step.role), named=named)
            yield "missing", _not(answer, step.missing_status)
        if step.sends_body and step.bad is not None:
            answer = self._send(step, self._credentials(step.role), body=step.bad)
            yield "bad body", _not(answer, step.bad_status)

    def _credentials(self, role: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.house.token(role)}"} if role else {}

    def _send(
        self,
        look: Look,
        credentials: Mapping[str, str],
        *,
        named: Mapping[str, Any] | None = None,
        body: Any = None,
        is_bare: bool = False,
    ) -> Any:
        self.house.fresh_limits()
        method, path = _parts(look.route)
        for name, value in (named or look.at).items():
            path = path.replace("{" + name + "}", str(self._filled(value)))
        sent: dict[str, Any] = {"params": self._filled(look.query) or None}
        headers = dict(credentials)
        if isinstance(look, Step):
            sent |= self._payload(look, body)
            headers |= {} if is_bare else self._filled(look.headers)
        return self.house.client.request(method, path, headers=headers, **sent)

    def _payload(self, step: Step, body: Any) -> dict[str, Any]:
        if body is not None:
            return {"json": body}
        if step.content is not None:
            return {"content": self._filled(step.content)}
        if step.form is not None or step.files is not None:
            return {"data": self._filled(step.form or {}), "files": step.files}
        return {} if step.body is None else {"json": self._filled(step.body)}

    def _example(self, step: Step, answer: Any) -> dict[str, Any]:
        named = re.findall(r"\{([^}]*)\}", step.route)
        sent = self._payload(step, None) | {"headers": self._filled(step.headers)}
        at = {name: self._filled(step.at[name]) for name in named}
        return example.made(sent, at, self._filled(step.query), answer)

    def _filled(self, value: Any) -> Any:
        return _filled(value, self.known)


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return known.get(value[1:], value)
    if isinstance(value, Mapping):
        return {name: _filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, known) for inner in value]
    return value


def _parts(route: str) -> tuple[str, str]:
    method, _, path = route.partition(" ")
    return method, path


def _shape(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route).lower()


def catalogued(route: str) -> str:
    """A route as the catalogue writes it, whatever it calls its parameters."""
    if route in catalogue():
        return route
    return next((known for known in catalogue() if _shape(known) == _shape(route)), route)


@cache
def _doors() -> Mapping[str, str]:
    return {_shape(f"{method} {path}"): roles for (method, path), roles in MATRIX.items()}


def _allowed(route: str) -> str:
    """Who may come in, whatever the server calls the parameters of the path."""
    return _doors()[_shape(route)]


def _not(answer: Any, status: int) -> str:
    if answer.status_code == status:
        return ""
    return f"answers {answer.status_code} instead of {status}: {answer.text[:300]}"


def _unlike(answer: Any, step: Step, row: Row, known: Mapping[str, Any]) -> str:
    wrong = _not(answer, step.status or row.status)
    if wrong or row.is_file or answer.status_code == 204:
        return wrong or _empty(answer, row)
    told = answer.json()
    if row.is_list != isinstance(told, list):
        return f"is {type(told).__name__}"
    rows = told if isinstance(told, list) else [told]
    if row.keys and not rows:
        return "is an empty list: let the story make something to list"
    missing = [key for key in row.keys if rows and not set(key.split("|")) & set(rows[0])]
    return f"lacks {', '.join(missing)}" if missing else _says(told, step.says, known)


def _empty(answer: Any, row: Row) -> str:
    return "is an empty file" if row.is_file and not answer.content else ""


def _says(told: Any, says: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    for path, wanted in says.items():
        try:
            found = _at(told, path)
        except (LookupError, TypeError):
            return f"has no {path}: {str(told)[:300]}"
        if found != _filled(wanted, known):
            return f"says {path} = {found!r} instead of {_filled(wanted, known)!r}"
    return ""


def _at(told: Any, path: str) -> Any:
    for part in path.split("."):
        if part == "#":
            told = len(told)
        else:
            told = told[int(part)] if isinstance(told, list) else told[part]
    return told
