"""Templates filled in: names, one loop over lines, and conditions; nothing else is in the language.

A template is read by Jinja2, and its tree may hold only what stands in `_check_node`: no call, no
filter, no arithmetic, no subscript, no loop in a loop. What is filled in is escaped, so markup in
a name is plain text, and the result is checked once more as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pos_app.domain.template import LONGEST_TEMPLATE, TemplateInvalid

LINES = "Lines"
LARGEST_RESULT = 4_000_000
MOST_LOOPS = 20
"""Each goes over every line; loops that print nothing cost time all the same."""

DEEPEST = 50
"""Conditions in conditions; Python reads no more than a hundred blocks in each other."""

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=True, undefined=StrictUndefined, cache_size=0, extensions=()
)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters.clear()
_ENVIRONMENT.tests.clear()
_PLAIN = _ENVIRONMENT.overlay(autoescape=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a document says, by the names templates use; all of it is text already."""

    fields: Mapping[str, str]
    lines: Sequence[Mapping[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Known:
    """What a template may name: outside of lines, and of a line."""

    fields: frozenset[str]
    line: frozenset[str] = frozenset()


def check(source: str, part: str, known: Known) -> None:
    """Refuse a template that is none, or names what there is not.

    Raises:
        TemplateInvalid: says where and why.
    """
    if len(source) > LONGEST_TEMPLATE:
        raise TemplateInvalid(part, f"is longer than {LONGEST_TEMPLATE} characters")
    try:
        tree = _ENVIRONMENT.parse(source)
    except (TemplateSyntaxError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        said = getattr(error, "message", "") or "it is nested too deeply"
        raise TemplateInvalid(part, f"cannot be read in line {line} ({said})") from error
    if sum(1 for _ in tree.find_all(nodes.For)) > MOST_LOOPS:
        raise TemplateInvalid(part, f"has more than {MOST_LOOPS} loops")
    for node in tree.body:
        _check_node(node, part, known, within="")


def fill(source: str, part: str, facts: Facts, known: Known, *, is_plain: bool = False) -> str:
    """The template with a document's facts.

    Args:
        source: the template.
        part: what errors call it.
        facts: of the document.
        known: what may be named.
        is_plain: it is no HTML, so nothing is escaped.

    Raises:
        TemplateInvalid: it is none, or its result is too long.
    """
    check(source, part, known)
    values = dict.fromkeys(known.fields, "") | dict(facts.fields)
    rows = [dict.fromkeys(known.line, "") | dict(line) for line in facts.lines]
    template = (_PLAIN if is_plain else _ENVIRONMENT).from_string(source)
    made, size = [], 0
    for piece in template.generate({**values, LINES: rows}):
        size += len(piece)
        if size > LARGEST_RESULT:
            raise TemplateInvalid(part, "makes a paper that is too long")
        made.append(piece)
    return "".join(made)


def _check_node(node: nodes.Node, part: str, known: Known, *, within: str, depth: int = 0) -> None:
    """Let through what the language has.

    Args:
        node: of the tree.
        part: what errors call the template.
        known: what may be named.
        within: the name of the line inside a loop, else empty.
        depth: how many nodes it stands in.
    """
    if depth > DEEPEST:
        raise TemplateInvalid(part, f"is nested too deeply in line {node.lineno}")
    match node:
        case nodes.Name():
            _check_known(node.name, node.lineno, part, known.fields)
        case nodes.Getattr(node=nodes.Name(name=name)) if within and name == within:
            _check_known(node.attr, node.lineno, part, known.line)
        case nodes.For():
            name = _loop_name(node, part, within=within)
            for one in node.body:
                _check_node(one, part, known, within=name, depth=depth + 1)
        case nodes.TemplateData() | nodes.Output() | nodes.If() | nodes.Not():
            for one in node.iter_child_nodes():
                _check_node(one, part, known, within=within, depth=depth + 1)
        case _:
            said = f"holds more than names, conditions and one loop in line {node.lineno}"
            raise TemplateInvalid(part, said)


def _loop_name(node: nodes.For, part: str, *, within: str) -> str:
    """What a loop calls a line; it goes over the lines, and stands in no other."""
    is_over_lines = isinstance(node.iter, nodes.Name) and node.iter.name == LINES
    has_more = bool(node.test or node.else_ or node.recursive)
    if within or has_more or not is_over_lines or not isinstance(node.target, nodes.Name):
        said = f"may only say 'for line in {LINES}', and in no other loop, in line {node.lineno}"
        raise TemplateInvalid(part, said)
    return str(node.target.name)


def _check_known(name: str, line: int, part: str, known: frozenset[str]) -> None:
    if name not in known:
        listed = ", ".join(sorted(known)) or "nothing"
        raise TemplateInvalid(part, f"names {name[:40]!r} in line {line}, and there is {listed}")
