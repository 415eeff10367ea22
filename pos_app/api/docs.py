"""The documentation page at ``/docs``: plain HTML made here, so that it works without a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from pos_app.api.error_list import listed

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"

STYLE = Path(__file__).with_name("docs.css").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_name("docs.js").read_text(encoding="utf-8")


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    f"connect-src 'self'; style-src {_hashed(STYLE)}; script-src {_hashed(SCRIPT)}"
)
"""The strict policy of every answer, relaxed for this page's own style and script and for requests
to this server, and for nothing else."""

TOOLS = """
<header id="tools" hidden>
<label>Find a route
<input id="find" type="search" placeholder="post invoice (key /)" autofocus></label>
<span id="found" role="status"></span>
<form id="sign-in">
<label>User <input id="user" autocomplete="username" required></label>
<label>Password
<input id="password" type="password" autocomplete="current-password" required></label>
<label>Code <input id="code" size="8" autocomplete="one-time-code" placeholder="if asked"></label>
<button>Sign in</button> <span id="signed" role="status"></span><br>
<label>Token or API key <input id="token" size="40" autocomplete="off" spellcheck="false"></label>
kept in this page only
</form>
</header>
"""


def page(app: FastAPI) -> HTMLResponse:
    """The whole description on one page, made once."""
    made: str | None = getattr(app.state, "docs_page", None)
    if made is None:
        made = app.state.docs_page = _page(app.openapi())
    return HTMLResponse(made, headers={"Content-Security-Policy": POLICY})


def _page(description: Mapping[str, Any]) -> str:
    info = description["info"]
    tags = sorted(_by_tag(description).items())
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info.get('description', ''))}</p>",
        "<p>For programs: <a href='/openapi.json'>/openapi.json</a></p>",
        "<nav>",
        *(f"<a href='#{escape(tag)}'>{escape(tag)}</a> " for tag, _ in tags),
        f"<a href='#errors'>errors by their code</a></nav>{TOOLS}",
    ]
    for tag, operations in tags:
        parts.append(f"<section><h2 id='{escape(tag)}'>{escape(tag)}</h2>")
        parts += [_operation(description, *operation) for operation in operations]
        parts.append("</section>")
    parts.append(_errors())
    parts.append(f"<script>{SCRIPT}</script></body></html>")
    return "".join(parts)


def _errors() -> str:
    """Every code a refusal may carry."""
    rows = [
        f"<tr><td><code>{one.code}</code></td><td>{one.status}</td><td>{escape(one.words)}</td></tr>"
        for one in listed()
    ]
    return f"<h2 id='errors'>Errors by their code</h2><table>{''.join(rows)}</table>"


def _by_tag(
    description: Mapping[str, Any],
) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    found: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for path, methods in description["paths"].items():
        for method in METHODS:
            if method in methods:
                tag = (methods[method].get("tags") or ["Other"])[0]
                found.setdefault(tag, []).append((method, path, methods[method]))
    return found


def _operation(
    description: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> str:
    summary = escape(operation.get("summary", ""))
    head = f"<b class='{method}'>{method.upper()}</b> <code>{escape(path)}</code> {summary}"
    body = operation.get("requestBody", {}).get("content", {})
    tried = "" if body and JSON not in body else " data-try"
    return "".join(
        [
            f"<details class='route' id='{escape(operation['operationId'])}' ",
            f"data-method='{method.upper()}' data-path='{escape(path)}'{tried}>",
            f"<summary>{head}</summary>",
            f"<p>{escape(operation.get('description', ''))}</p>",
            f"<p>Access: {escape(_access(operation))}</p>",
            _parameters(operation.get("parameters", ())),
            _body(description, body),
            _responses(description, operation),
            "</details>",
        ]
    )


def _access(operation: Mapping[str, Any]) -> str:
    schemes = [name for row in operation.get("security", ()) for name in row]
    return " or ".join(schemes) if schemes else "everybody"


def _parameters(parameters: Any) -> str:
    rows = [
        f"<tr data-in='{row['in']}' data-name='{escape(row['name'])}' "
        f"data-value='{escape(_text(row.get('example', '')))}'>"
        f"<td><code>{escape(row['name'])}</code></td><td>{escape(row['in'])}</td>"
        f"<td>{'required' if row.get('required') else 'optional'}</td>"
        f"<td>{escape(row.get('description', ''))}</td></tr>"
        for row in parameters
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _text(value: Any) -> str:
    """A value as it stands in an address."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _body(description: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    parts = []
    for kind, media in content.items():
        mark = " class='body'" if kind == JSON else ""
        parts.append(f"<p>Body, {escape(kind)}</p>{_example(description, media, mark)}")
    return "".join(parts)


def _responses(description: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    parts = []
    for status, response in operation.get("responses", {}).items():
        parts.append(f"<p>{escape(status)} {escape(response.get('description', ''))}</p>")
        if status.startswith("2"):
            for kind, media in response.get("content", {}).items():
                if kind == JSON or "example" in media:
                    parts.append(_example(description, media, ""))
                else:
                    parts.append(f"<p>or {escape(kind)}</p>")
    return "".join(parts)


def _example(description: Mapping[str, Any], media: Mapping[str, Any], mark: str) -> str:
    """What was really sent or answered, else what its schema says it looks like."""
    value = media.get("example", _shape(description, media["schema"], depth=0))
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return f"<pre{mark}>{escape(text)}</pre>"


def _shape(description: Mapping[str, Any], schema: Mapping[str, Any], *, depth: int) -> Any:
    """What a value of the schema looks like: names and types a few levels deep."""
    schema = next(_variants(description, schema), {})
    if depth > 6:
        return "…"
    if "properties" in schema:
        return {
            name: _shape(description, inner, depth=depth + 1)
            for name, inner in schema["properties"].items()
        }
    if schema.get("type") == "array":
        return [_shape(description, schema.get("items", {}), depth=depth + 1)]
    return schema.get("enum", [schema.get("format", schema.get("type", "any"))])[0]


def _variants(
    description: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The schema behind references and choices, those that are more than null first."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _variants(description, description["components"]["schemas"][name])
    elif "anyOf" in schema:
        for inner in schema["anyOf"]:
            if inner.get("type") != "null":
                yield from _variants(description, inner)
    else:
        yield schema
