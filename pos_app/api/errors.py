"""Every refusal in one of the two shapes the contracts print, whoever refuses.

A rule of the shop says ``{error, details, code}``; a body that cannot be read says
``{type, title, errors}`` with the wrong fields. Nothing of our inside is ever told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from pos_app.api.wire import Json
from pos_app.domain.attachment import FileTooLarge
from pos_app.domain.charge import CallbackForged, ChargeRefused
from pos_app.domain.password import ResetAskedTooOften
from pos_app.domain.user import PasswordLocked, SignInRefused
from pos_app.errors import (
    Conflict,
    DatabaseBusy,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    PosError,
    RuleBroken,
    Unavailable,
)

log = structlog.get_logger(__name__)

VALIDATION_TYPE = "https://tools.ietf.org/html/rfc9110#section-15.5.1"
VALIDATION_TITLE = "One or more validation errors occurred."

CHALLENGE = {"WWW-Authenticate": "Bearer"}

STATUS: Mapping[type[PosError], int] = {
    SignInRefused: 401,
    CallbackForged: 401,
    ChargeRefused: 502,
    PasswordLocked: 401,
    ResetAskedTooOften: 429,
    FileTooLarge: 413,
    InvalidInput: 400,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    RuleBroken: 400,
    Unavailable: 503,
    OutcomeUnknown: 502,
}
"""HTTP status by class; the nearest class in an error's family decides."""

SENTENCES: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be read: correct it and send it again."),
    401: ("unauthorized", "Sign in first, or send a valid API key."),
    403: ("forbidden", "You are not allowed to do this."),
    404: ("not_found", "There is nothing at this address: check the path."),
    405: ("method_not_allowed", "This address does not take this method."),
    408: ("too_slow", "The request took too long to come: send it again on a better line."),
    413: ("too_large", "The request is larger than the server takes."),
    415: ("unsupported_media_type", "Send the body as application/json."),
    500: ("internal_error", "The server failed on this request: try again, then call support."),
}


class Unauthorized(NotAllowed):
    """No token or key, or one that is not valid (any more)."""

    code = "unauthorized"

    def __init__(self, why: str = "Sign in first, or send a valid API key") -> None:
        super().__init__(f"{why}.")


class KeyReadsOnly(NotAllowed):
    """An API key for reading was shown for something else."""

    code = "key_reads_only"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The API key {name} is good for reading alone: use one with all rights of its user.",
            key=name,
        )


class RoleMissing(NotAllowed):
    """The actor's role may not use this route."""

    code = "role_missing"

    def __init__(self, username: str, roles: Iterable[str]) -> None:
        needed = " or ".join(roles)
        super().__init__(f"{username} is not {needed}: ask somebody who is.", roles=needed)


class Field(NamedTuple):
    """One wrong field: its name on the wire and what is wrong with it."""

    name: str
    problem: str


class FieldsInvalid(InvalidInput):
    """A request names fields that cannot be used."""

    code = "validation_failed"

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = fields
        super().__init__(
            f"{fields[0].name}: {fields[0].problem}" if fields else VALIDATION_TITLE,
        )


def refusal(
    status: int,
    error: str,
    *,
    code: str = "",
    details: str | None = None,
    headers: Mapping[str, str] | None = None,
    **extra: object,
) -> Json:
    """A response in the contract's ``{error, details}`` shape, with a stable code beside it."""
    content: dict[str, object] = {"error": error, "details": details, "code": code, **extra}
    return Json(content, status_code=status, headers=dict(headers or {}))


def plain(status: int, headers: Mapping[str, str] | None = None, *, details: str = "") -> Json:
    """The refusal of the framework itself for a status."""
    code, sentence = SENTENCES.get(status, ("refused", "The request was refused."))
    shown = CHALLENGE | dict(headers or {}) if status == 401 else dict(headers or {})
    return refusal(status, sentence, code=code, details=details or None, headers=shown)


def invalid(fields: Iterable[Field]) -> Json:
    """A 400 that names each wrong field."""
    errors: dict[str, list[str]] = {}
    for field in fields:
        errors.setdefault(field.name, []).append(field.problem)
    content = {"type": VALIDATION_TYPE, "title": VALIDATION_TITLE, "errors": errors}
    return Json(content, status_code=400, media_type="application/problem+json")


def status_of(error: PosError) -> int:
    """The HTTP status of an error: that of its nearest listed class."""
    if isinstance(error, Unauthorized):
        return 401
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def of(error: PosError) -> Json:
    """The response for an error of the shop."""
    if isinstance(error, FieldsInvalid):
        return invalid(error.fields)
    status = status_of(error)
    headers = dict(CHALLENGE) if status == 401 else {}
    if isinstance(error, DatabaseBusy):
        headers["Retry-After"] = "1"
    if isinstance(error, ResetAskedTooOften):
        headers["Retry-After"] = str(error.details["retry_after"])
    extra = {"errors": error.details["errors"]} if "errors" in error.details else {}
    return refusal(
        status,
        error.sentence,
        code=error.code,
        details=facts(error.details),
        headers=headers,
        **extra,
    )


def facts(details: Mapping[str, object]) -> str | None:
    """The facts behind an error as one line of text."""
    named = {name: fact for name, fact in details.items() if not isinstance(fact, list | dict)}
    told = "; ".join(f"{name}: {fact}" for name, fact in named.items() if fact not in (None, ""))
    return told or None


def install(app: FastAPI) -> None:
    """Answer the errors of the shop, of the framework and of the router alike."""
    handlers: dict[Any, Callable[[Request, Any], Response]] = {
        PosError: _shop,
        RequestValidationError: _validation,
        HTTPException: _framework,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _shop(request: Request, error: PosError) -> Response:
    if isinstance(error, Unavailable | OutcomeUnknown):
        log.warning("unavailable", path=request.url.path, code=error.code, error=error.sentence)
    return of(error)


def _framework(request: Request, error: HTTPException) -> Response:
    del request
    return plain(error.status_code, error.headers)


def _validation(request: Request, error: RequestValidationError) -> Response:
    rows = cast("Sequence[Mapping[str, Any]]", error.errors())
    body_is_foreign = any(
        tuple(row["loc"]) == ("body",) and isinstance(row.get("input"), bytes) for row in rows
    )
    if body_is_foreign:
        return plain(415, details=f"content type {request.headers.get('content-type', 'missing')}")
    return invalid(Field(_name(row), _problem(row)) for row in rows)


def _name(row: Mapping[str, Any]) -> str:
    """``lines[0].quantity`` for where a field stands; ``$`` for the body itself."""
    if row["type"] == "json_invalid":
        return "$"
    path = ""
    for part in row["loc"][1:]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".") or ("$" if row["loc"][:1] == ("body",) else str(row["loc"][0]))


def _problem(row: Mapping[str, Any]) -> str:
    if row["type"] == "json_invalid":
        return f"The body is not valid JSON: {row.get('ctx', {}).get('error', 'unreadable')}."
    if row["type"] == "missing":
        return "This field is required."
    said = re.sub(r"^Value error, ", "", str(row["msg"]))
    return said if said.endswith(".") else f"{said}."
