"""The description is whole: every operation has words, schemas and real examples that fit them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from pos_app.api.description import METHODS
from pos_app.api.examples import shape
from tests.api import house as houses
from tests.conformance.catalogue import catalogue

FILES = frozenset({"application/pdf", "application/octet-stream", "text/html"})
"""Files; what is in them no example could show."""

HOME = "urn:description"
OBVIOUS = frozenset({"page", "pageSize"})


@cache
def description() -> dict[str, Any]:
    _, _, app = houses._kept(True)
    described: dict[str, Any] = app.openapi()
    return described


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield f"{method.upper()} {path}", methods[method]


def shows(content: dict[str, Any]) -> bool:
    return any("example" in told for told in content.values())


@cache
def registry() -> Any:
    resource = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": absolute(description()["components"]),
    }
    return jsonschema_rs.Registry([(HOME, resource)], draft=jsonschema_rs.Draft202012)


def absolute(schema: Any) -> Any:
    """A schema that finds the description's own from anywhere."""
    if isinstance(schema, list):
        return [absolute(one) for one in schema]
    if isinstance(schema, dict):
        return {
            name: HOME + one if name == "$ref" else absolute(one) for name, one in schema.items()
        }
    return schema


def test_every_operation_is_told_in_a_story() -> None:
    """So that its example is one that was really given."""
    told = {shape(route) for route in catalogue()}
    assert {shape(name) for name, _ in operations()} == told


def test_every_operation_has_words_and_every_answer_a_schema() -> None:
    wrong = []
    for name, told in operations():
        if not (told.get("summary") and told.get("description")):
            wrong.append(f"{name} has no words")
        for status, answer in told["responses"].items():
            content = answer.get("content", {})
            if status != "204" and not (
                content and all(one.get("schema") for one in content.values())
            ):
                wrong.append(f"{name} {status} has no schema")
            if not answer.get("description"):
                wrong.append(f"{name} {status} has no words")
    assert wrong == []


def test_every_body_and_success_has_an_example() -> None:
    wrong = []
    for name, told in operations():
        if "requestBody" in told and not shows(told["requestBody"]["content"]):
            wrong.append(f"{name}: body")
        good = [
            one.get("content", {}) for status, one in told["responses"].items() if status[0] == "2"
        ]
        words = [content for content in good if set(content) - FILES]
        if words and not any(map(shows, words)):
            wrong.append(f"{name}: answer")
    assert wrong == []


def shown() -> Iterator[tuple[str, Any, Any]]:
    """Where each example stands, its schema, and the example."""
    for name, told in operations():
        contents = [told.get("requestBody", {}), *told["responses"].values()]
        for one in contents:
            for media in one.get("content", {}).values():
                if "example" in media:
                    yield name, media["schema"], media["example"]
        for one in told.get("parameters", ()):
            if "example" in one:
                yield f"{name} {one['name']}", one["schema"], one["example"]


def test_every_example_fits_its_schema() -> None:
    seen = list(shown())
    wrong = [f"{name}: {said}" for name, schema, one in seen for said in misfits(schema, one)]
    assert (wrong, len(seen) > 700) == ([], True)


def test_no_schema_has_an_example_of_its_own() -> None:
    """What was really asked and answered is the one source; beside it another one only drifts."""
    schemas = description()["components"]["schemas"]
    fields = {
        f"{name}.{field}": told
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
    }
    carries = {
        name for name, told in (schemas | fields).items() if {"example", "examples"} & {*told}
    }
    assert carries == set()


def misfits(schema: dict[str, Any], example: Any) -> Iterator[str]:
    told = jsonschema_rs.Draft202012Validator(absolute(schema), registry=registry())
    for error in told.iter_errors(example):
        yield f"{'.'.join(map(str, error.instance_path))} {error.message[:150]}"


def test_every_parameter_says_what_it_means() -> None:
    wrong = [
        f"{name}: {one['name']}"
        for name, told in operations()
        for one in told.get("parameters", ())
        if one["name"] not in OBVIOUS and not one.get("description")
    ]
    assert wrong == []
