"""Several requests in one: a change set that happens whole or not at all, or many reads at once.

A change set is the only transaction over several documents Service Layer has. It does not remove
the lost answer: what got lost is looked up by key as ever (SAP Service Layer user guide,
production lesson L01).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from typing import Any

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import decimal_json
from sync.sap.client import Row, ServiceLayer, raise_write
from sync.sap.envelope import read_failure
from sync.sap.errors import Kind, SapRejected, classify
from sync.sap.port import Response

OUTER, INNER = "pos_batch", "pos_changes"
BREAK = b"\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a change set.

    Attributes:
        path: below the base address; ``$1`` stands for what the first part creates.
        body: JSON, None for none.
        method: the verb.
    """

    path: str
    body: Mapping[str, Any] | None = None
    method: str = "POST"


def post_together(sl: ServiceLayer, parts: Sequence[Part]) -> list[Row]:
    """Send a change set, once: all of it happens, or nothing.

    Returns:
        What each part created, empty where SAP answers without a body.

    Raises:
        SapRejected: SAP refused one part; nothing of any was changed.
        Unavailable: proven not processed.
        OutcomeUnknown: it may have been; look every part up before anything else.
    """
    inner = b"".join(_change(number, part, sl) for number, part in enumerate(parts, 1))
    body = _outer(
        f"Content-Type: multipart/mixed;boundary={INNER}".encode()
        + BREAK * 2
        + inner
        + f"--{INNER}--".encode()
        + BREAK
    )
    answers = _answers(
        sl.post_raw("$batch", body, content_type=f"multipart/mixed;boundary={OUTER}")
    )
    for answer in answers:
        if not 200 <= answer.status < 300:
            raise_write(read_failure(answer), f"change set with {parts[0].method} {parts[0].path}")
    if len(answers) != len(parts):
        raise OutcomeUnknown(f"SAP answered {len(answers)} of {len(parts)} parts of a change set.")
    return [_json(answer) for answer in answers]


def read_together(sl: ServiceLayer, paths: Sequence[str]) -> list[Row | None]:
    """Read several paths in one exchange; None where SAP proves that there is no such entity.

    Raises:
        SapRejected: SAP refused one of the questions.
        Unavailable: no whole answer came; never an empty result in its place.
    """
    return [_found(answer) for answer in _read(sl, paths)]


def _read(sl: ServiceLayer, paths: Sequence[str]) -> list[Response]:
    """One answer for each path; raises as `read_each`."""
    parts = b"".join(
        _part(f"GET {_prefix(sl)}/{path} HTTP/1.1".encode() + BREAK * 2) for path in paths
    )
    body = parts + f"--{OUTER}--".encode() + BREAK
    try:
        response = sl.post_raw("$batch", body, content_type=f"multipart/mixed;boundary={OUTER}")
        answers = _answers(response)
    except OutcomeUnknown as error:
        raise Unavailable(f"SAP did not answer {len(paths)} reads: {error}") from error
    if len(answers) != len(paths):
        raise Unavailable(f"SAP answered {len(answers)} of {len(paths)} reads.")
    return answers


def read_each(sl: ServiceLayer, paths: Sequence[str]) -> list[Row | SapRejected]:
    """Read several paths in one exchange, each answer on its own: what SAP says, or its refusal.

    Raises:
        SapRejected: SAP refused the batch.
        Unavailable: no whole answer came; nothing is known of any of them.
    """
    return [_judged(answer) for answer in _read(sl, paths)]


def _change(number: int, part: Part, sl: ServiceLayer) -> bytes:
    # A reference to an earlier part is no path of its own.
    path = part.path if part.path.startswith("$") else f"{_prefix(sl)}/{part.path}"
    content = b"" if part.body is None else decimal_json.dumps(part.body).encode()
    request = (
        f"{part.method} {path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n".encode()
        + content
    )
    head = (
        f"--{INNER}\r\nContent-Type: application/http\r\n"
        f"Content-Transfer-Encoding: binary\r\nContent-ID: {number}\r\n\r\n"
    )
    return head.encode() + request + BREAK


def _outer(content: bytes) -> bytes:
    return f"--{OUTER}\r\n".encode() + content + f"--{OUTER}--\r\n".encode()


def _part(request: bytes) -> bytes:
    head = (
        f"--{OUTER}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    )
    return head.encode() + request + BREAK


def _prefix(sl: ServiceLayer) -> str:
    return "/b1s/" + sl.settings.url.rstrip("/").rpartition("/")[2]


def _answers(response: Response) -> list[Response]:
    """The answers inside; raises OutcomeUnknown when they are not whole."""
    kind = response.header("Content-Type") or ""
    whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + response.body)
    if not whole.is_multipart() or whole.defects or any(part.defects for part in whole.walk()):
        raise OutcomeUnknown("SAP's answer to a batch is cut off or not one.")
    return [_answer(part) for part in _leaves(whole)]


def _leaves(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _answer(part: Message) -> Response:
    raw = part.get_payload(decode=True)
    text = raw if isinstance(raw, bytes) else b""
    head, _, body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    pieces = first.split(" ", 2)
    if len(pieces) < 2 or not pieces[1].isdigit():
        raise OutcomeUnknown("SAP's answer to a part of a batch cannot be read.")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return Response(int(pieces[1]), headers, body.strip())


def _json(answer: Response) -> Row:
    if not answer.body:
        return {}
    try:
        data = decimal_json.loads(answer.body)
    except ValueError as error:
        raise OutcomeUnknown("SAP's answer to a part of a batch is not JSON.") from error
    return data if isinstance(data, dict) else {"value": data}


def _found(answer: Response) -> Row | None:
    if 200 <= answer.status < 300:
        return _json(answer)
    failure = read_failure(answer)
    kind = classify(failure.code, failure.text, failure.status, sent=False)
    if kind is Kind.MISSING and failure.status == 404:
        return None
    if kind is Kind.TRANSIENT:
        raise Unavailable(f"SAP could not answer: {failure.text}")
    raise SapRejected(failure.code or "http", failure.text, failure.status, kind=kind)


def _judged(answer: Response) -> Row | SapRejected:
    """An answer in a batch, or why SAP gave none; it was only asked, so nothing is unknown."""
    if 200 <= answer.status < 300:
        try:
            return _json(answer)
        except OutcomeUnknown as error:
            return SapRejected("http", str(error), answer.status, kind=Kind.TRANSIENT)
    failure = read_failure(answer)
    kind = classify(failure.code, failure.text, failure.status, sent=False)
    return SapRejected(failure.code or "http", failure.text, failure.status, kind=kind)
