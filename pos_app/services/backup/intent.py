"""A restore that was asked of a running server: written down, and done when it starts next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pos_app.domain.backup import BackupDamaged
from pos_app.domain.permission import Actor
from pos_app.services.backup import make, restore, view
from pos_app.services.backup.restore import Restored, Target
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store.archive import pack

FILE = "restore-at-start.json"
FAILED = "restore-failed.json"
CHANGED = "it is not the file that was made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Which backup is to be restored, as which file, and who asked for it when."""

    number: int
    name: str
    username: str
    asked_at: datetime
    digest: str


def ask(shop: Shop, actor: Actor, number: int, *, identity: str) -> Intent:
    """Prove a backup to its last row, and note that it is to be restored at the next start.

    A server cannot change the books under its own feet: until it starts anew everything goes on,
    and what comes in until then is lost with what came since the backup. Removing the backup
    takes the wish back.

    Raises:
        RecordNotFound, BackupNotReady, BackupElsewhere, BackupDamaged, BackupKeyMissing: it cannot
            be restored.
    """
    found = view.by_number(shop, number)
    path = view.file_of(shop, found)
    folder = view.folder_of(shop)
    if pack.digest(path) != found.digest:
        raise BackupDamaged(found.name, CHANGED)
    with make.workplace(folder, f"proof-{number}") as work, pack.room(folder):
        made = make.prove(restore.opened(path, work, identity), work)
    restore.check_owner(made, shop.rules, found.name)
    now = shop.clock.now()
    asked = Intent(
        number=number,
        name=found.name,
        username=actor.username,
        asked_at=now,
        digest=found.digest,
    )
    with shop.store.write() as connection:
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="backup.restore_asked",
            subject=found.name,
            details={"made_at": made.made_at.isoformat()},
        )
    _write(folder / FILE, asked)
    return asked


def asked(folder: Path | None) -> Intent | None:
    """The restore that waits for the next start, if one does.

    Raises:
        BackupDamaged: what is written down cannot be read.
    """
    path = folder / FILE if folder is not None else None
    if path is None or not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Intent(**data | {"asked_at": datetime.fromisoformat(data["asked_at"])})
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(FILE, "it does not say what to restore") from error


def take_back(folder: Path, number: int) -> None:
    """Forget the wish, where it is for this backup."""
    wanted = asked(folder)
    if wanted is not None and wanted.number == number:
        (folder / FILE).unlink(missing_ok=True)


def fulfil(target: Target) -> Restored | None:
    """Do what was asked for, before anything is opened; None where nothing was.

    Raises:
        StillInUse: other programs still work on the books; the wish stays.
        PosError: it cannot be done; the wish is set aside and the books are as they were.
    """
    folder = target.rules.backup.folder
    wanted = asked(folder)
    if folder is None or wanted is None:
        return None
    path = folder / Path(wanted.name).name
    if path.is_file() and pack.digest(path) != wanted.digest:
        raise BackupDamaged(path.name, CHANGED)
    done = restore.restore(path, target)
    (folder / FILE).unlink(missing_ok=True)
    pack.sync_folder(folder)
    return done


def set_aside(folder: Path) -> None:
    """Do not try again what cannot be done; the note stays for whoever looks."""
    if (folder / FILE).is_file():
        (folder / FILE).replace(folder / FAILED)


def _write(path: Path, asked: Intent) -> None:
    data = {
        "number": asked.number,
        "name": asked.name,
        "username": asked.username,
        "asked_at": asked.asked_at.isoformat(),
        "digest": asked.digest,
    }
    fresh = path.with_suffix(".new")
    with pack.room(path):
        fresh.write_text(json.dumps(data), encoding="utf-8")
        pack.sync(fresh)
        fresh.replace(path)
        pack.sync_folder(path.parent)
