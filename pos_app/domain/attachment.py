"""Files that people attach: what they may be, what they really are, and what they are called."""

from __future__ import annotations

import json
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from pos_app.errors import InvalidInput

LARGEST = 25 * 1024 * 1024
LARGEST_OF_PAYMENT = 20 * 1024 * 1024
LONGEST_NAME = 150
LONGEST_TEXT = 500


class FileRefused(InvalidInput):
    """A file that is not taken: of the wrong kind, empty, or not what its name says."""

    code = "file_refused"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"The file {name[:60]!r} {problem}: send another one.", file=name[:60], problem=problem
        )


class FileTooLarge(InvalidInput):
    """A file with more bytes than are taken."""

    code = "file_too_large"

    def __init__(self, name: str, largest: int) -> None:
        super().__init__(
            f"The file {name[:60]!r} is larger than {largest // 2**20} MB: send a smaller one.",
            file=name[:60],
            largest=largest,
        )


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its media type and how it is told by its bytes."""

    mime: str
    is_it: Callable[[bytes], bool]


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(marks)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(mark < " " and mark not in "\t\n\r\f" for mark in text)


PARSED_MOST = 2**20
"""So many bytes of JSON are read; a larger file of empty lists would fill the memory."""


def _is_json(data: bytes) -> bool:
    if len(data) > PARSED_MOST:
        return _is_text(data) and data.lstrip()[:1] in (b"{", b"[")
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _is_xml(data: bytes) -> bool:
    return _is_text(data) and data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


CONTENTS_MOST = 2**20
"""Bytes of an archive's table of contents; real ones have a few kilobytes."""

_END = struct.Struct("<4s4H2LH")


def _contents_size(data: bytes) -> int:
    """How large an archive says that its table of contents is (APPNOTE 4.3.16); 0 for none."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    if at < 0 or at + _END.size > len(data):
        return 0
    return int(_END.unpack_from(data, at)[5])


def _holds(folder: str) -> Callable[[bytes], bool]:
    """Whether it is an archive of Office, by its table of contents alone: nothing is unpacked."""

    def is_it(data: bytes) -> bool:
        if _contents_size(data) > CONTENTS_MOST:
            return False
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, OSError):
            return False
        has_folder = any(name.startswith(folder) for name in names)
        return "[Content_Types].xml" in names and has_folder

    return is_it


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


_OLE = _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_JPEG = FileKind("image/jpeg", _begins(b"\xff\xd8\xff"))
_OFFICE = "application/vnd.openxmlformats-officedocument"

KINDS: Mapping[str, FileKind] = {
    "pdf": FileKind("application/pdf", _begins(b"%PDF-")),
    "doc": FileKind("application/msword", _OLE),
    "docx": FileKind(f"{_OFFICE}.wordprocessingml.document", _holds("word/")),
    "xls": FileKind("application/vnd.ms-excel", _OLE),
    "xlsx": FileKind(f"{_OFFICE}.spreadsheetml.sheet", _holds("xl/")),
    "csv": FileKind("text/csv", _is_text),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": FileKind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "gif": FileKind("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "bmp": FileKind("image/bmp", _begins(b"BM")),
    "webp": FileKind("image/webp", _is_webp),
    "txt": FileKind("text/plain", _is_text),
    "rtf": FileKind("application/rtf", _begins(b"{\\rtf")),
    "zip": FileKind("application/zip", _begins(b"PK\x03\x04", b"PK\x05\x06")),
    "xml": FileKind("application/xml", _is_xml),
    "json": FileKind("application/json", _is_json),
}
"""What may be attached, by the ending of its name (contract §1.8)."""

OF_PAYMENTS = frozenset({"jpg", "jpeg", "png", "webp", "pdf"})

_ACTIVE = frozenset(
    {
        "asp", "aspx", "bat", "cmd", "com", "dll", "exe", "hta", "htm", "html", "jar", "js", "jsp",
        "lnk", "msi", "php", "phtml", "pl", "ps1", "py", "scr", "sh", "svg", "vbs", "wsf", "xhtml",
    }
)  # fmt: skip
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_FORBIDDEN = re.compile(r'[<>:"|?*%;]')


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is taken."""

    name: str
    mime: str
    data: bytes


def check_file(
    name: str,
    data: bytes,
    *,
    endings: frozenset[str] = frozenset(KINDS),
    largest: int = LARGEST,
) -> Attached:
    """Return the file under a harmless name, with the media type its bytes show.

    Raises:
        FileTooLarge: it has more bytes than `largest`.
        FileRefused: it is empty, of a kind that is not taken, has two endings that are kinds of
            files, or its bytes are something else than its ending says.
    """
    shown = plain_name(name)
    if len(data) > largest:
        raise FileTooLarge(shown, largest)
    if not data:
        raise FileRefused(shown, "is empty")
    stem, _, ending = shown.rpartition(".")
    ending = ending.lower()
    if not stem or ending not in endings:
        raise FileRefused(shown, f"is none of {', '.join(sorted(endings))}")
    inner = {part.lower().strip() for part in stem.split(".")[1:]}
    if inner & (_ACTIVE | set(KINDS)):
        raise FileRefused(shown, "has two endings")
    kind = KINDS[ending]
    if not kind.is_it(data):
        raise FileRefused(shown, f"is no {ending} file by its content")
    return Attached(shown, kind.mime, data)


def plain_name(name: str) -> str:
    """A file name without folders, invisible characters and what systems give a meaning to."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(
        mark for mark in unicodedata.normalize("NFC", last)
        if unicodedata.category(mark) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )  # fmt: skip
    text = _FORBIDDEN.sub("_", seen).strip(" .")
    if _RESERVED.match(text):
        text = f"_{text}"
    if len(text) > LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        text = stem[: LONGEST_NAME - len(ending) - 1] + dot + ending if dot else text[:LONGEST_NAME]
    return text or "file"


def readable_size(size: int) -> str:
    """``1.5 MB``: as people read it."""
    if size < 1024:
        return f"{size} B"
    for unit, bytes_of in (("KB", 1024), ("MB", 1024**2)):
        if size < bytes_of * 1024 or unit == "MB":
            tenths = round(size * 10 / bytes_of)
            return f"{tenths // 10}.{tenths % 10} {unit}"
    return ""
