"""Bodies of attachments."""

from __future__ import annotations

import datetime as dt

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from pos_app.api.wire import Answer

EXAMPLE: JsonDict = {
    "id": 7,
    "entityType": "Invoice",
    "entityId": 1000000001,
    "externalReference": "SRV-000001",
    "fileName": "order.pdf",
    "mimeType": "application/pdf",
    "fileSizeBytes": 48213,
    "fileSizeFormatted": "47.1 KB",
    "description": "The customer's order",
    "includeInEmail": True,
    "uploadedAt": "2026-04-01T08:15:00Z",
    "uploadedByUserName": "rudo",
    "downloadUrl": "/api/Document/attachments/7/download",
}


class AttachmentDto(Answer):
    """A file of a document; ``mimeType`` is what its bytes show."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    id: int
    entity_type: str
    entity_id: int
    external_reference: str | None = Field(description="The document's number as it is printed.")
    file_name: str
    mime_type: str | None
    file_size_bytes: int
    file_size_formatted: str
    description: str | None
    include_in_email: bool
    uploaded_at: dt.datetime
    uploaded_by_user_name: str | None
    download_url: str


class AttachmentList(Answer):
    """The files of a document, oldest first."""

    attachments: list[AttachmentDto]
    total_count: int
