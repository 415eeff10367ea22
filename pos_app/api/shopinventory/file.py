"""Files in an answer: what they are and what they are called."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from fastapi import Response

PDF = "application/pdf"
PDF_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The paper as a PDF file.",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""What the description says of a route that answers with a paper."""


def pdf(data: bytes, name: str) -> Response:
    """A PDF file to be kept under a name; names are made here, of plain letters and digits."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    headers = {"Content-Disposition": f'attachment; filename="{plain}"'}
    return Response(data, media_type=PDF, headers=headers)


def kept(data: bytes, name: str, mime: str) -> Response:
    """A file that was kept for somebody, to be saved under its name (RFC 6266), never shown."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, headers={"Content-Disposition": disposition, "Content-Type": mime})
