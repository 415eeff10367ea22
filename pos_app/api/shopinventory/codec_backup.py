"""Backups in the contract's words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.schemas.backup import BackupDto, BackupStats
from pos_app.domain.backup import BackupState, BackupType
from pos_app.services.backup.intent import Intent
from pos_app.services.backup.view import Backup, Totals

_TYPES = {each.value.lower(): each for each in BackupType}


def type_of(told: str) -> BackupType:
    """The type a client asks for; raises FieldsInvalid."""
    found = _TYPES.get(told.lower())
    if found is None:
        names = ", ".join(BackupType)
        raise FieldsInvalid([Field("backupType", f"Write one of {names}.")])
    return found


def backup(found: Backup, folder: Path | None) -> BackupDto:
    """One backup."""
    passed = found.ended_at - found.started_at if found.ended_at else None
    is_whole = found.state is BackupState.COMPLETED
    return BackupDto(
        id=found.number,
        file_name=found.name,
        file_path=f"{folder.name}/{found.name}" if folder is not None and is_whole else None,
        size_bytes=found.size,
        size_formatted=size(found.size),
        backup_type=found.type,
        status=found.state,
        error_message=found.problem or None,
        started_at=found.started_at,
        completed_at=found.ended_at,
        duration=span(passed) if passed is not None else None,
        created_by_user_id=found.user_id or None,
        created_by_user_name=found.username or None,
        description=found.description or None,
        is_offsite=False,
        cloud_url=None,
        sha256=found.digest or None,
    )


def stats(found: Totals, asked: Intent | None) -> BackupStats:
    """All of them."""
    return BackupStats(
        total_backups=found.total,
        successful_backups=found.good,
        failed_backups=found.failed,
        total_size_bytes=found.size,
        total_size_formatted=size(found.size),
        last_backup_at=found.last_at,
        next_scheduled_backup=found.next_at,
        backups_last24_hours=found.in_day,
        backups_last7_days=found.in_week,
        restore_at_next_start=asked.number if asked is not None else None,
    )


def size(count: int) -> str:
    """Bytes for people, such as ``42.4 KB``."""
    if count < 1024:
        return f"{count} B"
    tenths, unit = count * 10 // 1024, "KB"
    for larger in ("MB", "GB", "TB"):
        if tenths < 10240:
            break
        tenths, unit = tenths // 1024, larger
    return f"{tenths // 10}.{tenths % 10} {unit}"


def span(passed: timedelta) -> str:
    """A time span as .NET writes it: ``hh:mm:ss``, with days and fractions where there are any."""
    seconds = passed.seconds
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if passed.microseconds:
        text += f".{passed.microseconds:06d}0"
    return f"{passed.days}.{text}" if passed.days else text
