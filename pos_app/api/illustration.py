"""The description with real examples, and with words for what a parameter means."""

from __future__ import annotations

import re
from typing import Any

from pos_app.api.examples import NOTHING, Example, examples, shape
from pos_app.api.parameters import MEANING


def illustrate(operation: dict[str, Any], method: str, path: str) -> None:
    """Add to an operation what its parameters mean, and what was really asked and answered."""
    found = examples().get(shape(f"{method} {path}"))
    for parameter in operation.get("parameters", ()):
        words = MEANING[parameter["in"]].get(parameter["name"])
        if words is not None:
            parameter.setdefault("description", words)
        if found is not None:
            _fill(parameter, found, path)
    if found is not None:
        _show(operation.get("requestBody", {}), found.kind, found.body)
        _show(operation["responses"].get(str(found.status), {}), found.answer_kind, found.answer)


def _fill(parameter: dict[str, Any], example: Example, path: str) -> None:
    named = re.findall(r"\{([^}]*)\}", path)
    values = dict(zip(named, example.path, strict=False))
    value = (values if parameter["in"] == "path" else example.query).get(parameter["name"])
    if value is not None:
        parameter["example"] = _as(parameter["schema"], value)


def _as(schema: dict[str, Any], value: Any) -> Any:
    """A value of an address, where everything is text, as the schema calls it."""
    kinds = {one["type"] for one in (schema, *schema.get("anyOf", ())) if "type" in one}
    if "array" in kinds:
        return str(value).split(",")
    if "integer" in kinds:
        return int(value)
    return str(value) if kinds <= {"string", "null"} else value


def _show(told: dict[str, Any], kind: str, value: Any) -> None:
    """Put an example beside the schema of its content type."""
    if value is not NOTHING and kind in told.get("content", {}):
        told["content"][kind]["example"] = value
