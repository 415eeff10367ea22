"""Files that hang on documents: their names and places, never what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from email.message import Message
from email.parser import BytesParser
from pathlib import PurePosixPath
from typing import Any

from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.table import Row

ATTACHMENTS = "Attachments2"
LINES = "Attachments2_Lines"
UPLOADED = "/attachments"
FORM = "multipart/form-data"


def create_attachment(books: Books, body: Mapping[str, Any], *, today: date) -> tuple[Row, Change]:
    """A new entry of one file or more; raises Refusal for one without name or place."""
    entry = books.next_entry(ATTACHMENTS)
    row = {"AbsoluteEntry": entry, LINES: _lines(entry, body.get(LINES) or (), [], today)}
    if not row[LINES]:
        raise Refusal(-5002, f"Attachment has no lines  [{LINES}]")
    return row, Change(put=[(ATTACHMENTS, row)])


def add_files(books: Books, entry: Any, body: Mapping[str, Any], *, today: date) -> Change:
    """More files for an entry; what is attached stays. Raises Refusal."""
    old = books.row(ATTACHMENTS, entry)
    if old is None:
        raise no_match()
    lines = _lines(entry, body.get(LINES) or (), old[LINES], today)
    return Change(put=[(ATTACHMENTS, {**old, LINES: lines})])


def check_attachment(books: Books, body: Mapping[str, Any]) -> None:
    """Refuse a document that names an entry nobody made."""
    entry = body.get("AttachmentEntry")
    if entry is not None and books.row(ATTACHMENTS, entry) is None:
        raise no_match()


def uploaded(content_type: str, body: bytes) -> dict[str, Any]:
    """The entry an upload of files asks for; raises Refusal when it holds none."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        message = BytesParser().parsebytes(head + body)
    except RecursionError:
        raise Refusal(-1000, "Incomplete multipart request body") from None
    names = list(_names(message))
    if not names:
        raise Refusal(-1000, "Incomplete multipart request body")
    return {
        LINES: [
            {
                "SourcePath": UPLOADED,
                "FileName": PurePosixPath(name).stem,
                "FileExtension": PurePosixPath(name).suffix.lstrip("."),
            }
            for name in names
        ]
    }


def _names(message: Message) -> Iterator[str]:
    for part in message.get_payload() if message.is_multipart() else ():
        if isinstance(part, Message) and (name := part.get_filename()):
            yield name


def _lines(entry: int, sent: Any, old: list[Row], today: date) -> list[Row]:
    lines = list(old)
    for row in sent:
        for name in ("SourcePath", "FileName"):
            if not row.get(name):
                raise Refusal(-5002, f"{name} is missing  [{LINES}.{name}]")
        file = (row["FileName"], row.get("FileExtension"))
        same = [one for one in lines if (one["FileName"], one.get("FileExtension")) == file]
        if same and row.get("Override") != "tYES":
            raise Refusal(-2035, "This entry already exists in the following tables (ODBC -2035)")
        lines = [one for one in lines if one not in same]
        told = {"AbsoluteEntry": entry, "LineNum": len(lines) + 1, "TargetPath": UPLOADED}
        lines.append({**row, **told, "AttachmentDate": today.isoformat()})
    return lines
