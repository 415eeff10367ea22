"""Attachments between our words and the contract's."""

from __future__ import annotations

from collections.abc import Sequence

from pos_app.api.shopinventory.schemas.attachment import AttachmentDto, AttachmentList
from pos_app.domain.attachment import readable_size
from pos_app.services.paperwork.attachment import Attachment


def attachment(found: Attachment) -> AttachmentDto:
    """One file."""
    return AttachmentDto(
        id=found.id,
        entity_type=found.kind.value,
        entity_id=found.number,
        external_reference=found.reference,
        file_name=found.name,
        mime_type=found.mime,
        file_size_bytes=found.size,
        file_size_formatted=readable_size(found.size),
        description=found.description or None,
        include_in_email=found.goes_with_mail,
        uploaded_at=found.added_at,
        uploaded_by_user_name=found.username,
        download_url=f"/api/Document/attachments/{found.id}/download",
    )


def attachments(found: Sequence[Attachment]) -> AttachmentList:
    """All files of a document."""
    rows = [attachment(one) for one in found]
    return AttachmentList(attachments=rows, total_count=len(rows))
