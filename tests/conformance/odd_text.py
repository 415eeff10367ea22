"""Text that wants to be something else: SQL, a header, a path, a template, a formula, markup."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

MARK = "qoddq"
"""Stands in every odd text, so that what became of it can be found."""

ODD: Mapping[str, str] = {
    "SQL": f"{MARK}'; DROP TABLE sales; --\" OR '1'='1",
    "header": f"{MARK}\r\nSet-Cookie: {MARK}=1\r\n\r\n<html>",
    "path": f"../..\\{MARK}/%2e%2e/etc/passwd%00.pdf",
    "template": f"{{{{ {MARK}.__class__ }}}}${{7*7}}{{% raw %}}#{{7*7}}<%= 7*7 %>%s%n{{0}}",
    "formula": f'=HYPERLINK("http://{MARK}.example";"x")',
    "markup": f"<script>alert('{MARK}')</script>]]>&lt;[red][@click=app.quit]{MARK}[/]",
    "controls": f"{MARK}\x1b[2J\x1b@\x1dV\x01\x07\x08\x7f\x9b31m",
    "directions": f"\u202e{MARK}\u2066\u200b\ufeffe\u0301\u2028.",
    "pictures": f"{MARK} \U0001f6d2 \U0010ffff \ufdd0",
    "long": MARK * 4_000,
    "NUL": f"{MARK}\x00.",
    "half a character": f"{MARK}\ud83d",
}
"""What is tried, by kind."""

NOWHERE = ("long", "NUL", "half a character")
"""What no field takes."""

INSIDE = ("Traceback", "sqlite3", "psycopg", "sqlalchemy", "site-packages", '.py"', "jinja2")
"""What an answer never tells of the server's inside."""

AWAY = frozenset({"no_price_source", "fiscal_not_configured", "backups_nowhere", "mail_off"})
"""What a server says of a neighbour or folder it was never given; every other 5xx is a failure."""

LONGEST_SENTENCE = 400
SAYS = ("error", "errors", "message", "reason")
"""Where an answer has its sentences, in the contracts' shapes; they may cut what they quote."""
WORDS = frozenset({"firstName", "lastName"})
"""What is made of the words of a name, where only the whole is given."""

Place = tuple[Any, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where texts stand in a body; of a list its first row."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from places(inner, (*at, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value[:1]):
            yield from places(inner, (*at, number))
    elif isinstance(value, str):
        yield at


def changed(body: Any, texts: Mapping[Place, str]) -> Any:
    """A copy of a body with other texts at some of its places."""
    made = copy.deepcopy(body)
    for at, text in texts.items():
        inner = made
        for step in at[:-1]:
            inner = inner[step]
        inner[at[-1]] = text
    return made


class Description:
    """What the server's own description says of a route's texts."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self._schemas = described["components"]["schemas"]

    def unsent(self, schema: Any, body: Any, at: Place = ()) -> Iterator[Place]:
        """Where a body could have texts that it does not have."""
        for choice in self._choices(schema):
            if isinstance(body, list) and body and "items" in choice:
                yield from self.unsent(choice["items"], body[0], (*at, 0))
            if not isinstance(body, Mapping):
                continue
            for name, told in choice.get("properties", {}).items():
                if name in body:
                    yield from self.unsent(told, body[name], (*at, name))
                elif self.is_text(told):
                    yield (*at, name)

    def is_text(self, schema: Any) -> bool:
        """Whether any text will do, as far as the description tells."""
        return any(
            one.get("type") == "string" and not {"enum", "const", "format"} & set(one)
            for one in self._choices(schema)
        )

    def _choices(self, schema: Any) -> list[Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return [one for inner in schema["anyOf"] for one in self._choices(inner)]
        return [schema]


def wrong_with(answer: Any, operation: Mapping[str, Any]) -> str:
    """What is wrong with an answer to odd texts; empty for nothing.

    Args:
        answer: the response of the client.
        operation: the description of the route.
    """
    status, kind = answer.status_code, answer.headers.get("content-type", "").partition(";")[0]
    described = operation["responses"].get(str(status))
    if described is None or (status >= 500 and answer.json().get("code") not in AWAY):
        return f"answers {status}: {answer.text[:200]}"
    if MARK in str(answer.headers):
        return f"has it in a header: {answer.headers}"
    if kind == "text/html" and kind not in described.get("content", {}):
        return "is a page"
    if status >= 400 and not kind.endswith("json"):
        return f"refuses as {kind}"
    return _wrong_words(answer) if kind.endswith("json") else ""


def _wrong_words(answer: Any) -> str:
    told = next((word for word in INSIDE if word in answer.text), "")
    if told:
        return f"tells {told} of the inside"
    return other_text(answer.json()) if answer.status_code < 400 else no_sentence(answer.json())


def no_sentence(said: Any) -> str:
    """What is wrong with a refusal; empty for nothing."""
    told = {name.lower(): inner for name, inner in said.items()}
    problems = [one for name in SAYS for _, one in strings(told.get(name)) if " " in one]
    if not problems:
        return f"refuses without a sentence: {str(said)[:200]}"
    longest = max(map(len, problems))
    return f"refuses in {longest} letters" if longest > LONGEST_SENTENCE else ""


def other_text(said: Any) -> str:
    """The first odd text of an answer that is not as it was sent; empty for none."""
    for name, text in strings(said):
        is_quoted = name.lower() in SAYS and " " in text and len(text) <= LONGEST_SENTENCE
        if MARK not in text or is_quoted or name in WORDS:
            continue
        if not any(one in text or one in unquote(text) for one in ODD.values()):
            return f"gives back {name} {text[:100]!r}"
    return ""


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON, with the nearest name it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield "", str(key)
            yield from strings(inner, key)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from strings(inner, name)


def in_address(text: str) -> str:
    """A text as it stands in an address, whatever it is."""
    return re.sub(
        r"[^A-Za-z0-9_~-]",
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass")),
        text,
    )
