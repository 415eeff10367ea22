"""Bodies of ``/api/Backup``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.wire import Answer, Question
from pos_app.domain.backup import DESCRIPTION_LONGEST


class CreateBackup(Question):
    """What is to be made; every backup is whole, whichever type is asked for."""

    backup_type: Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)] = "Full"
    description: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=DESCRIPTION_LONGEST)]
        | None
    ) = None
    upload_to_cloud: bool = False


class BackupDto(Answer):
    """One backup."""

    id: int
    file_name: str
    file_path: str | None
    size_bytes: int
    size_formatted: str
    backup_type: str
    status: str
    error_message: str | None
    started_at: datetime
    completed_at: datetime | None
    duration: str | None
    created_by_user_id: str | None
    created_by_user_name: str | None
    description: str | None
    is_offsite: bool
    cloud_url: str | None
    sha256: str | None


class BackupPage(Answer):
    """A page of backups, under both names the contract has for them."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[BackupDto]
    backups: list[BackupDto]


class BackupStats(Answer):
    """All backups in a few figures."""

    total_backups: int
    successful_backups: int
    failed_backups: int
    total_size_bytes: int
    total_size_formatted: str
    last_backup_at: datetime | None
    next_scheduled_backup: datetime | None
    backups_last24_hours: int = Field(serialization_alias="backupsLast24Hours")
    backups_last7_days: int = Field(serialization_alias="backupsLast7Days")
    restore_at_next_start: int | None


class BackupCapabilities(Answer):
    """Whether backups go to a cloud."""

    cloud_upload_available: bool
    cloud_provider: str
    cloud_upload_message: str


class BackupMessage(Answer):
    """One sentence."""

    message: str
