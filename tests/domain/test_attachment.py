"""What a file is, by its bytes; what it may be called, whatever somebody called it."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest

from pos_app.domain.attachment import (
    KINDS,
    OF_PAYMENTS,
    FileRefused,
    FileTooLarge,
    check_file,
    plain_name,
    readable_size,
)


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for name in names:
            into.writestr(name, "x")
    return made.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(8)
REAL = {
    "pdf": b"%PDF-1.7",
    "doc": OLE,
    "xls": OLE,
    "docx": archive("[Content_Types].xml", "word/document.xml"),
    "xlsx": archive("[Content_Types].xml", "xl/workbook.xml"),
    "zip": archive("a.txt"),
    "csv": "a;b\n=1+1;ä\n".encode(),
    "txt": b"Hello\r\n",
    "json": b'{"a": 1}',
    "xml": b"<?xml version='1.0'?><a/>",
    "rtf": b"{\\rtf1 }",
    "jpg": b"\xff\xd8\xff\xe0",
    "jpeg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a",
    "bmp": b"BM\x00\x00",
    "webp": b"RIFF\x00\x00\x00\x00WEBP",
}
FAMILIES = ({"jpg", "jpeg"}, {"doc", "xls"}, {"docx", "zip"}, {"xlsx", "zip"},
            {"csv", "txt", "json", "xml", "rtf", "gif", "pdf", "bmp"})  # fmt: skip


def test_every_kind_has_a_sample() -> None:
    assert set(REAL) == set(KINDS)


@pytest.mark.parametrize("ending", sorted(REAL))
def test_a_file_is_what_its_bytes_are(ending: str) -> None:
    assert check_file(f"Paper.{ending.upper()}", REAL[ending]).mime == KINDS[ending].mime
    for other, data in REAL.items():
        if other == ending or any({ending, other} <= family for family in FAMILIES):
            continue
        with pytest.raises(FileRefused):
            check_file(f"paper.{ending}", data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("virus.exe", b"MZ"),
        ("page.html", b"<html>"),
        ("drawing.svg", b"<svg/>"),
        ("paper.pdf", b""),
        ("paper.pdf", b"MZ\x90"),
        ("paper.php.pdf", REAL["pdf"]),
        ("paper.pdf.png", REAL["png"]),
        (".pdf", REAL["pdf"]),
        ("pdf", REAL["pdf"]),
        ("", REAL["pdf"]),
        ("a.txt", b"a\x00b"),
        ("a.csv", b"\xff\xfe"),
        ("a.json", b"[" * 100_000),
        ("a.json", b"{"),
        ("a.xml", b"no markup"),
        ("a.docx", b"PK\x03\x04 torn"),
        ("a.xlsx", archive("word/document.xml")),
    ],
)
def test_what_is_not_taken(name: str, data: bytes) -> None:
    with pytest.raises(FileRefused):
        check_file(name, data)


def test_payments_take_pictures_and_pdf_of_their_size() -> None:
    with pytest.raises(FileRefused, match="is none of"):
        check_file("a.txt", REAL["txt"], endings=OF_PAYMENTS)
    with pytest.raises(FileTooLarge):
        check_file("a.pdf", REAL["pdf"], largest=5)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("order.v2.pdf", "order.v2.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\rudo\\order.pdf", "order.pdf"),
        ('a"; filename="b.pdf', "a__ filename=_b.pdf"),
        ("a\r\nX-Header: 1.pdf", "aX-Header_ 1.pdf"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("\x00order\ud800.pdf", "order.pdf"),
        ("  .hidden.pdf. ", "hidden.pdf"),
        ("con.pdf", "_con.pdf"),
        ("Rechnung für Zoë.pdf", "Rechnung für Zoë.pdf"),
        ("..", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_names_are_harmless(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_sizes_are_readable() -> None:
    assert [readable_size(size) for size in (5, 1536, 26 * 2**20)] == ["5 B", "1.5 KB", "26.0 MB"]


def test_a_large_file_of_empty_lists_is_not_read_into_memory() -> None:
    bomb = b"[" + b"[]," * 400_000 + b"[]]"
    tracemalloc.start()
    try:
        assert check_file("a.json", bomb).mime == "application/json"
        assert tracemalloc.get_traced_memory()[1] < 4 * len(bomb)
    finally:
        tracemalloc.stop()
    with pytest.raises(FileRefused):
        check_file("a.json", b"no list " * 2**18)


def test_an_archive_with_an_endless_table_of_contents_is_not_read() -> None:
    entry = b"PK\x01\x02" + bytes(42)
    contents = entry * (2**20 // len(entry) + 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(contents), 0, 0)
    with pytest.raises(FileRefused, match="no docx file"):
        check_file("a.docx", contents + end)
