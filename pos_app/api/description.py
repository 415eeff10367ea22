"""The OpenAPI description, with the refusals this server really gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from pos_app.api.illustration import illustrate

METHODS = ("get", "post", "put", "patch", "delete")

REFUSAL = {
    "type": "object",
    "title": "Refusal",
    "required": ["error", "details", "code"],
    "properties": {
        "error": {"type": "string", "description": "One sentence for people."},
        "details": {"type": ["string", "null"], "description": "The facts behind it."},
        "code": {"type": "string", "description": "For programs; it never changes."},
    },
}
INVALID = {
    "type": "object",
    "title": "Invalid",
    "required": ["type", "title", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "What is wrong with each field, by its name in the body or query.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
ALWAYS = {
    "429": "Too many requests; Retry-After says when to come again.",
    "500": "A failure of the server; the correlation id finds it in the log.",
    "503": "The server cannot do it now; nothing happened.",
}
SIGNING_IN = {"401": "User name, password, token or code is wrong; it is not said which."}
NAMED = {"404": "There is nothing under this name or number."}
CHANGING = {"409": "Not in the state it is in, or a key or reference used for something else."}
WITH_BODY = {
    "413": "The body is larger than the server takes.",
    "415": "The body is no JSON by its content type.",
}
SECURED = {"401": "Nobody is signed in.", "403": "Not allowed for this user."}


def refusals(told: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """What a route says of refusals it gives beyond those every route has."""
    schema = {"$ref": "#/components/schemas/Refusal"}
    content = {"application/json": {"schema": schema}}
    return {status: {"description": words, "content": content} for status, words in told.items()}


def describe(app: FastAPI) -> dict[str, Any]:
    """Make the description once and keep it; a drop-in for ``app.openapi``."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas |= {"Refusal": REFUSAL, "Invalid": INVALID}
        for path, operations in made["paths"].items():
            for method in METHODS:
                if method in operations:
                    _correct(operations[method], path, is_read=method == "get")
                    illustrate(operations[method], method, path)
        app.openapi_schema = made
    return app.openapi_schema


def _correct(operation: dict[str, Any], path: str, *, is_read: bool) -> None:
    """Replace the library's 422 by our 400, and add what such a route may answer."""
    responses: dict[str, Any] = operation["responses"]
    responses.pop("422", None)
    responses["400"] = {
        "description": "The request cannot be used as it is.",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Invalid"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}},
        },
    }
    told = ALWAYS | (SECURED if operation.get("security") else {})
    told |= SIGNING_IN if path.startswith("/api/Auth/") and "401" not in told else {}
    told |= (NAMED if _names_something(operation) else {}) | ({} if is_read else CHANGING)
    told |= WITH_BODY if "requestBody" in operation else {}
    for status, words in told.items():
        responses.setdefault(status, {"description": words})
    for status, response in responses.items():
        if status >= "400" and not response.get("content"):
            schema = {"$ref": "#/components/schemas/Refusal"}
            response["content"] = {"application/json": {"schema": schema}}


def _names_something(operation: dict[str, Any]) -> bool:
    """Whether the path, the query or the body may name a thing that is not there."""
    named = {"path", "query"}
    is_asked = any(one["in"] in named for one in operation.get("parameters", ()))
    return is_asked or "requestBody" in operation
