"""JSON as the contracts want it: decimals as exact numbers, camelCase names, UTC moments with Z."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from json.encoder import encode_basestring_ascii
from typing import Any, get_args, get_origin

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

from pos_app.errors import MalformedInput

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def read(body: bytes) -> Any:
    """Parse a JSON document without ever making a float.

    Raises:
        json.JSONDecodeError: it is no JSON, nested too deeply, not UTF-8, has NaN or Infinity,
            numbers of thousands of digits, or characters no database can keep.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        if _SUSPECT.search(body) or b"\x00" in body:
            _check_text(value)
    except json.JSONDecodeError:
        raise
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise json.JSONDecodeError(_reason(error), "", 0) from error
    return value


def read_object(body: bytes, what: str) -> dict[str, Any]:
    """Parse a JSON object of a till's; raises MalformedInput, which calls it `what`."""
    try:
        asked = read(body)
    except json.JSONDecodeError as error:
        raise MalformedInput(what, f"cannot be read ({error})") from error
    if not isinstance(asked, dict):
        raise MalformedInput(what, "is not a JSON object")
    return asked


def compact(data: Mapping[str, Any]) -> Response:
    """Answer what holds no decimal, and may be much: the fast encoder will do."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return Response(text, media_type="application/json")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "The text is not UTF-8"
    if isinstance(error, UnicodeEncodeError):
        return "The text contains half a character (a lone surrogate)"
    if isinstance(error, RecursionError):
        return "The document is nested too deeply"
    if isinstance(error, ArithmeticError):
        return "A number is too large"
    return str(error).partition(":")[0]


def _check_text(value: object) -> None:
    if isinstance(value, str):
        value.encode("utf-8")
        if "\x00" in value:
            raise ValueError("The text contains the character NUL")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


def write(value: object) -> bytes:
    """Return the value as JSON; a Decimal becomes a number with exactly its digits."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode("ascii")


def _write(value: object, out: Callable[[str], object]) -> None:
    if isinstance(value, str) and not isinstance(value, Enum):
        out(encode_basestring_ascii(value))
    elif isinstance(value, Mapping):
        _write_object(value, out)
    elif isinstance(value, BaseModel):
        _write_object(value.model_dump(by_alias=True), out)
    elif isinstance(value, list | tuple):
        _write_array(value, out)
    else:
        out(_scalar(value))


def _write_object(value: Mapping[Any, object], out: Callable[[str], object]) -> None:
    mark = "{"
    for key, inner in value.items():
        out(mark)
        out(encode_basestring_ascii(str(key)))
        out(":")
        _write(inner, out)
        mark = ","
    out("{}" if mark == "{" else "}")


def _write_array(value: Iterable[object], out: Callable[[str], object]) -> None:
    mark = "["
    for inner in value:
        out(mark)
        _write(inner, out)
        mark = ","
    out("[]" if mark == "[" else "]")


def _scalar(value: object) -> str:  # noqa: PLR0911 - one return per JSON type is the clearest form
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Enum):
        return encode_basestring_ascii(str(value.value))
    if isinstance(value, datetime):
        return encode_basestring_ascii(moment(value))
    if isinstance(value, date):
        return encode_basestring_ascii(value.isoformat())
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def moment(value: datetime) -> str:
    """A moment as ``2026-04-01T10:00:00Z``."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Json(Response):
    """A response that carries decimals exactly."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Write the content as JSON."""
        return write(content)


class WireRequest(Request):
    """A request whose JSON body is read without floats."""

    async def json(self) -> Any:
        """The parsed body."""
        return read(await self.body())


class WireRoute(APIRoute):
    """A route that reads its body exactly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Hand the endpoint a request that knows decimals."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await inner(WireRequest(request.scope, request.receive))

        return handle


class Schema(BaseModel):
    """What stands on the wire in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Answer(Schema):
    """Something the server says; unknown facts are null, never absent."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe decimals as `write` sends them: the library believes them to be text."""
        made = handler(core_schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, field in cls.model_fields.items():
            told = properties.get(field.serialization_alias or field.alias or name)
            if told is not None and _is_number(field.annotation):
                _tell_number(told)
        return made


def _is_number(annotation: Any) -> bool:
    parts = get_args(annotation)
    if get_origin(annotation) is dict:
        return _is_number(parts[1])
    return annotation is Decimal or (str not in parts and any(map(_is_number, parts)))


def _tell_number(told: dict[str, Any]) -> None:
    if told.get("type") == "string" and "format" not in told:
        told["type"] = "number"
        told.pop("pattern", None)
    inner = [told.get("items"), told.get("additionalProperties"), *told.get("anyOf", ())]
    for one in inner:
        if isinstance(one, dict):
            _tell_number(one)


class Question(Schema):
    """Something a client says: names in any case, unknown ones ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )

    @model_validator(mode="before")
    @classmethod
    def _any_case(cls, data: object) -> object:
        """Accept ``CardCode``, ``cardcode`` and ``cardCode`` alike (§1.1 of the contract)."""
        if not isinstance(data, dict):
            return data
        names = cls._names()
        return {names.get(str(key).lower(), key): value for key, value in data.items()}

    @classmethod
    def _names(cls) -> dict[str, str]:
        return {
            (field.alias or name).lower(): field.alias or name
            for name, field in cls.model_fields.items()
        }
