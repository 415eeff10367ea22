"""Tells stories as the runner does, and tries odd texts on every route before its happy case."""

from __future__ import annotations

import itertools
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from pos_app.api.examples import shape
from pos_app.services.check import invariants
from tests.api.house import House
from tests.api.test_security import clear_now_and_then
from tests.conformance.odd_text import (
    MARK,
    NOWHERE,
    ODD,
    Description,
    Place,
    changed,
    in_address,
    other_text,
    places,
    strings,
    wrong_with,
)
from tests.conformance.runner import Runner, Told
from tests.conformance.step import Act, Step

AFTERWARDS = frozenset(
    {
        "POST /api/sap-settings/test-connection",
        "PUT /api/sap-settings",
        "POST /api/Payment/initiate",
        "POST /sync/charges",
        "POST /sync/charges/leave",
        "POST /api/Backup",
    }
)
"""Where something else keeps count: SAP wrong passwords, a provider payments, a folder files."""

TAKEN = tuple(kind for kind in ODD if kind not in NOWHERE)


class OddRunner(Runner):
    """A runner on SQLite, which forgets what came of each try, so that the next finds the same.

    Attributes:
        tally: how many requests, by the kind of text, where it stood, and what became of it:
            ``refused``, ``accepted`` or, if the answer or a later one said it, ``given back``.
        asked: how many requests that were.
    """

    def __init__(self, house: House, folder: Path, *, every_kind: bool = False) -> None:
        """Try one kind of text in each place, or each of them and look at the books, too."""
        super().__init__(house, folder)
        described = house.app.openapi()
        self.tally: Counter[tuple[str, str, str]] = Counter()
        self._every_kind = every_kind
        self._description = Description(described)
        self._operations = {
            shape(f"{method} {path}"): operation
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        }
        self._tried: set[str] = set()
        self._known: set[str] = set()
        self.asked = 0
        self._signed: dict[str, Mapping[str, str]] = {}
        self._books = _Books(house)
        self._kept = self._books.keep()

    def tell(self, steps: Sequence[Step | Act]) -> dict[str, Told]:
        """Take every step; some tries wait for the end."""
        super().tell(steps)
        for step in steps:
            if isinstance(step, Step) and step.route in AFTERWARDS - self._tried:
                self.told[step.route].note(self._odd(step))
        self._books.close()
        return self.told

    def _refusals(self, step: Step) -> Iterator[tuple[str, str]]:
        yield from super()._refusals(step)
        if step.route not in AFTERWARDS | self._tried:
            yield from self._odd(step)

    def _odd(self, step: Step) -> Iterator[tuple[str, str]]:
        self._tried.add(step.route)
        before = self._books.keep()
        roles = dict.fromkeys([step.role, *(look.role for look in step.then)])
        self._signed = {role: self._credentials(role) for role in roles}
        self._kept = self._books.keep()
        self._known = self._violations()
        yield from self._seen(step)
        self._books.restore(before)

    def _seen(self, step: Step) -> Iterator[tuple[str, str]]:
        operation = self._operations[shape(step.route)]
        if step.body is not None:
            yield from self._sent(step)
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            unsent = list(self._description.unsent(schema, self._filled(step.body)))
            for turn in range(len(TAKEN) if self._every_kind else 1):
                kinds = itertools.islice(itertools.cycle(TAKEN), turn, None)
                texts = {at: ODD[kind] for at, kind in zip(unsent, kinds, strict=False)}
                yield from self._unsent(step, texts)
        for asked in operation.get("parameters", ()):
            if asked["in"] in {"query", "path"} and self._description.is_text(asked["schema"]):
                for text in self._texts(step, at := (asked["name"],)):
                    yield self._try(step, asked["in"], {at: text})[1]

    def _sent(self, step: Step) -> Iterator[tuple[str, str]]:
        """Each text of the body, one by one."""
        for at in places(self._filled(step.body)):
            for text in self._texts(step, at):
                yield self._try(step, "body", {at: text})[1]

    def _unsent(self, step: Step, texts: dict[Place, str]) -> Iterator[tuple[str, str]]:
        """Texts the body does not have, all at once; without those that are refused by name."""
        while texts:
            refused, seen = self._try(step, "body", texts)
            yield seen
            if _is_unclear(refused, texts):
                for at, text in texts.items():
                    yield self._try(step, "body", {at: text})[1]
                return
            texts = {at: texts[at] for at in texts if at not in refused} if refused else {}

    def _texts(self, step: Step, at: Place) -> Iterator[str]:
        if self._every_kind:
            yield from ODD.values()
        else:
            yield list(ODD.values())[zlib.crc32(f"{step.route} {at}".encode()) % len(ODD)]

    def _try(
        self, step: Step, where: str, texts: Mapping[Place, str]
    ) -> tuple[set[Place], tuple[str, str]]:
        """Ask once: what of the texts is refused, and the check with what is wrong."""
        answer = self._ask(step, where, texts)
        said = [answer]
        if answer.status_code < 300 and where == "body":
            said += [self._send(look, self._signed[look.role]) for look in step.then]
        wrong = wrong_with(answer, self._operations[shape(step.route)])
        told = [one.json() for one in said if "json" in one.headers.get("content-type", "")]
        refused = _refused(answer, set(texts))
        is_back = any(MARK in text for one in told for _, text in strings(one))
        outcome = "refused" if refused else "given back" if is_back else "accepted"
        for at in () if _is_unclear(refused, texts) else refused or texts:
            kind = next(kind for kind, odd in ODD.items() if odd == texts[at])
            self.tally[kind, where, outcome] += 1
        wrong = wrong or next(filter(None, map(other_text, told[1:])), "")
        wrong = wrong or ("" if refused else self._broken())
        self._books.restore(self._kept)
        return refused, ("odd text", f"{where} {list(texts)}: {wrong}" if wrong else "")

    def _broken(self) -> str:
        """What is wrong with the books now that was not before the try."""
        new = self._violations() - self._known
        return f"leaves {', '.join(sorted(new))}" if new else ""

    def _violations(self) -> set[str]:
        if not self._every_kind:
            return set()
        found = invariants.check(self.house.shop, is_server=True)
        return {f"{one.code} {one.subject}" for one in found}

    def _ask(self, step: Step, where: str, texts: Mapping[Place, str]) -> Any:
        self.asked += 1
        clear_now_and_then(self.house, self.asked)
        method, _, path = step.route.partition(" ")
        odd = {at[0]: text for at, text in texts.items()}
        for name in re.findall(r"\{([^}]*)\}", path):
            value = str(self._filled(step.at[name]))
            if where == "path":
                value = next((t for n, t in odd.items() if n.lower() == name.lower()), value)
            path = path.replace("{" + name + "}", in_address(value))
        query = dict(self._filled(step.query)) | (odd if where == "query" else {})
        asked = "&".join(f"{name}={in_address(str(value))}" for name, value in query.items())
        headers = dict(self._signed[step.role]) | self._filled(step.headers)
        sent = self._payload(step, None)
        if where == "body":
            headers |= {"Content-Type": "application/json"}
            sent = {"content": json.dumps(changed(self._filled(step.body), texts), default=str)}
        return self.house.client.request(method, f"{path}?{asked}", headers=headers, **sent)


def _refused(answer: Any, asked: set[Place]) -> set[Place]:
    """Which of the texts an answer refuses: those it names, else all of them."""
    if answer.status_code < 300:
        return set()
    told = answer.json() if answer.content else {}
    named = told.get("errors", {}) if isinstance(told, dict) else {}
    blamed = {at for at in asked if _name(at) in named}
    return blamed or asked


def _is_unclear(refused: set[Place], texts: Mapping[Place, str]) -> bool:
    """Whether a refusal does not tell which of several texts it is about."""
    return len(texts) > 1 and refused == set(texts)


def _name(at: Place) -> str:
    """``lines[0].taxCode``: a place as a refusal calls it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return "".join(parts).removeprefix(".")


class _Books:
    """The database of a house and its next ids as they were, to be had again."""

    def __init__(self, house: House) -> None:
        self._store = house.shop.store
        self._ids: Any = house.shop.ids
        self._file = dbapi2.connect(str(self._store.path))
        self._file.execute("PRAGMA synchronous = OFF")

    def keep(self) -> _Kept:
        copy = dbapi2.connect(":memory:")
        self._file.backup(copy)
        return _Kept(copy, self._ids._rng.getstate(), self._ids._last, self._store.version())

    def restore(self, kept: _Kept) -> None:
        self._ids._rng.setstate(kept.chance)
        self._ids._last = kept.last_id
        if self._store.version() != kept.version:
            kept.copy.backup(self._file)
            kept.version = self._store.version()

    def close(self) -> None:
        self._file.close()


@dataclass
class _Kept:
    copy: Any
    chance: Any
    last_id: int
    version: Any
