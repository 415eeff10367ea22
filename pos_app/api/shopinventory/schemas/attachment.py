"""Bodies of attachments."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from pos_app.api.wire import Answer


class AttachmentDto(Answer):
    """A file of a document; ``mimeType`` is what its bytes show."""

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
