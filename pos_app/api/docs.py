"""The documentation page at ``/docs``: plain HTML made here, so that it works without a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse

METHODS = ("get", "post", "put", "patch", "delete")

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}
details{border:1px solid #8884;border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:#8881;padding:.6rem;overflow:auto}
.get{color:#1a6bb0}.post{color:#1c7c3c}.put{color:#a15c00}.delete{color:#b3261e}
b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .8rem .15rem 0}
@media(prefers-color-scheme:dark){body{background:#15171a;color:#e6e6e6}
.get{color:#7ab8f5}.post{color:#7bd88f}.put{color:#f0b866}.delete{color:#f2867f}}
"""

POLICY = (
    "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""The strict policy of every response, relaxed for this page's own style sheet and nothing else."""


def page(app: FastAPI) -> HTMLResponse:
    """The whole description on one page."""
    description = app.openapi()
    info = description["info"]
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info.get('description', ''))}</p>",
        "<p>For programs: <a href='/openapi.json'>/openapi.json</a></p>",
    ]
    for tag, operations in sorted(_by_tag(description).items()):
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_operation(description, *operation) for operation in operations]
    parts.append("</body></html>")
    return HTMLResponse("".join(parts), headers={"Content-Security-Policy": POLICY})


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
    return "".join(
        [
            f"<details><summary>{head}</summary>",
            f"<p>{escape(operation.get('description', ''))}</p>",
            f"<p>Access: {escape(_access(operation))}</p>",
            _parameters(operation.get("parameters", ())),
            _body(description, operation),
            _responses(description, operation),
            "</details>",
        ]
    )


def _access(operation: Mapping[str, Any]) -> str:
    schemes = [name for row in operation.get("security", ()) for name in row]
    return " or ".join(schemes) if schemes else "everybody"


def _parameters(parameters: Any) -> str:
    rows = [
        f"<tr><td><code>{escape(row['name'])}</code></td><td>{escape(row['in'])}</td>"
        f"<td>{'required' if row.get('required') else 'optional'}</td>"
        f"<td>{escape(row.get('description', ''))}</td></tr>"
        for row in parameters
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _body(description: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return f"<p>Body</p>{_example(description, schema)}" if schema else ""


def _responses(description: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    parts = []
    for status, response in operation.get("responses", {}).items():
        parts.append(f"<p>{escape(status)} {escape(response.get('description', ''))}</p>")
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema and status.startswith("2"):
            parts.append(_example(description, schema))
    return "".join(parts)


def _example(description: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    shown = json.dumps(_shape(description, schema, depth=0), indent=2, ensure_ascii=False)
    return f"<pre>{escape(shown)}</pre>"


def _shape(description: Mapping[str, Any], schema: Mapping[str, Any], *, depth: int) -> Any:
    """What a value of the schema looks like: its example, or names and types a few levels deep."""
    schema = next(_variants(description, schema), {})
    if depth > 6:
        return "…"
    if "examples" in schema:
        return schema["examples"][0]
    if "example" in schema:
        return schema["example"]
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
