"""Requests nobody thought of, made from the server's own description of what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.house import House

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
AWAY = frozenset({"no_price_source", "fiscal_not_configured", "backups_nowhere"})
"""What a server says of a neighbour or folder it was never given; every other 5xx is a failure."""

ROLE = "Admin"


def operations(house: House) -> list[Any]:
    """Every operation of the description."""
    return _operations(house.app)


@cache
def _operations(app: FastAPI) -> list[Any]:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    return [one.ok() for one in schema.get_all_operations()]


def troubles(house: House, operation: Any, *, examples: int) -> Iterator[str]:
    """Send what fits the description and what does not; tell each answer it does not allow.

    Args:
        house: the server.
        operation: one of `operations`.
        examples: how many requests; the same ones each time.
    """
    found: dict[str, None] = {}

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        house.fresh_limits()
        answer = case.call(headers={"Authorization": f"Bearer {house.token(ROLE)}"})
        for check in CHECKS if _is_known(answer) else [not_a_server_error]:
            try:
                case.validate_response(answer, checks=[check])
            except BaseExceptionGroup as wrong:
                found[f"{case.as_curl_command()}: {wrong.exceptions[0]}"] = None

    ask()
    yield from found


def _is_known(answer: Any) -> bool:
    if answer.status_code < 500:
        return True
    return answer.status_code == 503 and answer.json().get("code") in AWAY
