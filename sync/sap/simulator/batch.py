"""``$batch``: several requests in one, and change sets that happen whole or not at all.

Parts run in order and the first that fails ends it; a change set holds no reads, and its later
parts may name what an earlier one creates (SAP Service Layer user guide).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sync.sap.port import Response
from sync.sap.simulator.call import Call
from sync.sap.simulator.message import BASE, Request, refused
from sync.sap.simulator.refusal import Refusal

if TYPE_CHECKING:
    from sync.sap.simulator.core import Core

OUTER, INNER = "batchresponse", "changesetresponse"
INCOMPLETE = "Incomplete Batch Request Body!"
BREAK = b"\r\n"
REASONS: Mapping[int, str] = {200: "OK", 201: "Created", 204: "No Content", 412: "Stale"}


Strike = Callable[[Request], Response | None]
"""The answer of a fault in the place of a read's own; None where nothing goes wrong."""


class _Failed(Exception):
    """A part of a change set that was refused."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def respond_together(
    core: Core, request: Request, hidden_seconds: float, strike: Strike
) -> Response:
    """Answer a batch; raises Refusal when its body is not one.

    Args:
        core: the company.
        request: the batch.
        hidden_seconds: how long what it creates stays invisible to readers.
        strike: what goes wrong with one of its reads.
    """
    parts: list[bytes] = []
    for part in _parts(_message(request)):
        if part.is_multipart():
            answer, is_good = _change_set(core, request, part, hidden_seconds)
            parts.append(answer)
        else:
            inner = _inner(request, part, {})
            struck = strike(inner) if inner.method == "GET" else None
            response = struck or _one(core, inner, hidden_seconds)
            is_good = response.status < 400
            parts.append(_http(response, None))
        if not is_good:
            break
    body = (
        b"".join(f"--{OUTER}\r\n".encode() + part for part in parts) + f"--{OUTER}--\r\n".encode()
    )
    kind = (("Content-Type", f"multipart/mixed;boundary={OUTER}"),)
    return Response(200 if request.version == 2 else 202, kind, body)


def _message(request: Request) -> Message:
    kind = request.headers.get("content-type", "")
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    try:
        message = BytesParser().parsebytes(head + request.body)
    except RecursionError:
        raise Refusal(-1000, INCOMPLETE) from None
    if not message.is_multipart() or any(part.defects for part in message.walk()):
        raise Refusal(-1000, INCOMPLETE)
    return message


def _parts(message: Message) -> Iterator[Message]:
    for part in message.get_payload():
        if isinstance(part, Message):
            yield part


def _change_set(
    core: Core, request: Request, message: Message, hidden_seconds: float
) -> tuple[bytes, bool]:
    made: dict[str, str] = {}
    answers = []
    try:
        with core.all_or_nothing():
            for number, part in enumerate(_parts(message), 1):
                inner = _inner(request, part, made)
                if inner.method == "GET":
                    raise _Failed(refused(request, Refusal(-1000, "GET inside a change set")))
                response = _one(core, inner, hidden_seconds)
                if response.status >= 400:
                    raise _Failed(response)
                identity = part.get("Content-ID", str(number))
                made[f"${identity}"] = (response.header("Location") or "").rpartition("/")[2]
                answers.append(_http(response, identity))
    except _Failed as failed:
        return _http(failed.response, None), False
    head = f"Content-Type: multipart/mixed;boundary={INNER}\r\n\r\n".encode()
    inside = b"".join(f"--{INNER}\r\n".encode() + answer for answer in answers)
    return head + inside + f"--{INNER}--\r\n".encode(), True


def _one(core: Core, request: Request, hidden_seconds: float) -> Response:
    try:
        return Call(core, request, hidden_seconds, False).respond()
    except Refusal as refusal:
        return refused(request, refusal)


def _inner(outer: Request, part: Message, made: Mapping[str, str]) -> Request:
    """The request inside a part, in the session of the whole."""
    raw = part.get_payload(decode=True)
    text = raw if isinstance(raw, bytes) else b""
    head, _, body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("latin-1").strip().split("\n")
    pieces = first.split(" ")
    if len(pieces) < 2:
        raise Refusal(-1000, INCOMPLETE)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    path, query = _path(outer, pieces[1], made)
    return Request(
        method=pieces[0],
        path=path,
        query=query,
        headers={**headers, "cookie": outer.headers.get("cookie", "")},
        body=body.strip(),
    )


def _path(outer: Request, told: str, made: Mapping[str, str]) -> tuple[str, str]:
    try:
        parts = urlsplit(told)
    except ValueError:
        raise Refusal(-1000, INCOMPLETE) from None
    name, slash, rest = parts.path.partition("/")
    if name in made:
        return f"{BASE}v{outer.version}/{made[name]}{slash}{rest}", parts.query
    is_whole = parts.path.startswith(BASE)
    path = parts.path if is_whole else f"{BASE}v{outer.version}/{parts.path.lstrip('/')}"
    return path, parts.query


def _http(response: Response, identity: str | None) -> bytes:
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    if identity is not None:
        head += f"Content-ID: {identity}\r\n"
    reason = REASONS.get(response.status, "Error")
    lines = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
    status = f"HTTP/1.1 {response.status} {reason}\r\n{lines}\r\n"
    return f"{head}\r\n{status}".encode() + response.body + BREAK
