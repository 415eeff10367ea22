"""``$filter``: text to a tree, as Service Layer reads it.

Comparisons, ``and or not ( )``, ``startswith endswith contains substringof``; no arithmetic
and no ``in``, which Service Layer does not have either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sync.sap.simulator.refusal import Refusal

TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>(?:datetime|SAPB1\.\w+|[A-Za-z]*Enum)?'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w-]))"
    r"|(?P<name>[A-Za-z_][\w/]*)"
    r"|(?P<sign>[(),])"
    r")"
)
NAME = re.compile(r"[A-Za-z_][\w/]*")
DEPTH_MAX = 100
COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
FUNCTIONS = frozenset({"startswith", "endswith", "contains", "substringof"})


@dataclass(frozen=True, slots=True)
class Compare:
    """A property against a literal; None is null."""

    name: str
    operator: str
    value: str | Decimal | None


@dataclass(frozen=True, slots=True)
class Match:
    """A property against another one, which only joins know."""

    name: str
    operator: str
    other: str


@dataclass(frozen=True, slots=True)
class Call:
    """A text function on a property."""

    function: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Both:
    """Every one of the conditions."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the conditions."""

    parts: tuple[Node, ...]


Node = Compare | Match | Call | Not | Both | Either


def parse(text: str, *, with_names: bool = False) -> Node:
    """The tree of a filter; raises Refusal when it cannot be read.

    Args:
        text: the filter.
        with_names: a property may stand where a value does.
    """
    reader = _Reader(_tokens(text), with_names)
    node = reader.either()
    if reader.peek() is not None:
        raise _bad(f"unexpected '{reader.peek()}'")
    return node


def _tokens(text: str) -> list[str]:
    tokens = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        match = TOKEN.match(stripped, place)
        if match is None:
            raise _bad(f"unexpected '{stripped[place : place + 10]}'")
        tokens.append(match.group().strip())
        place = match.end()
    return tokens


def _bad(problem: str) -> Refusal:
    return Refusal(202, f"Syntax error in query option $filter: {problem}")


class _Reader:
    """Recursive descent over the tokens; `or` binds weaker than `and`."""

    def __init__(self, tokens: list[str], with_names: bool) -> None:
        self._tokens = tokens
        self._with_names = with_names
        self._place = 0
        self._depth = 0

    def peek(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def take(self) -> str:
        word = self.peek()
        if word is None:
            raise _bad("unexpected end")
        self._place += 1
        return word

    def expect(self, wanted: str) -> None:
        word = self.take()
        if word != wanted:
            raise _bad(f"'{wanted}' expected in place of '{word}'")

    def either(self) -> Node:
        parts = [self.both()]
        while self.peek() == "or":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Node:
        parts = [self.one()]
        while self.peek() == "and":
            self.take()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def one(self) -> Node:
        word = self.take()
        if word in ("not", "("):
            self._depth += 1
            if self._depth > DEPTH_MAX:
                raise _bad("nested too deep")
            node = Not(self.one()) if word == "not" else self.bracketed()
            self._depth -= 1
            return node
        if word in FUNCTIONS:
            return self.call(word)
        if self.peek() not in COMPARISONS:
            raise _bad(f"comparison expected after '{word}'")
        operator, other = self.take(), self.take()
        if self._with_names and other != "null" and NAME.fullmatch(other):
            return Match(word, operator, other)
        return Compare(word, operator, _literal(other))

    def bracketed(self) -> Node:
        node = self.either()
        self.expect(")")
        return node

    def call(self, function: str) -> Node:
        self.expect("(")
        first = self.take()
        self.expect(",")
        second = self.take()
        self.expect(")")
        if function == "substringof":
            first, second = second, first
            function = "contains"
        value = _literal(second)
        if not isinstance(value, str):
            raise _bad(f"{function} needs a text")
        return Call(function, first, value)


def _literal(word: str) -> str | Decimal | None:
    if word == "null":
        return None
    if word.endswith("'"):
        return word[word.index("'") + 1 : -1].replace("''", "'")
    if word[0].isdigit() or word[0] == "-":
        return Decimal(word)
    raise _bad(f"'{word}' is not a value")
