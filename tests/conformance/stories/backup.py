"""Backups: made, looked at, fetched, wished back and deleted."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from pos_app.services.shop import BackupRules
from tests.api.house import House
from tests.conformance.neighbours import server_apart
from tests.conformance.step import Act, Look, Step

BACKUP = "/api/Backup"
AT = {"id": "$backup"}
BODY: dict[str, Any] = {
    "backupType": "Full",
    "description": "Pre-deployment backup",
    "uploadToCloud": False,
}
server = server_apart


def _give_folder(house: House, known: dict[str, Any]) -> None:
    folder = known["folder"] / "backups"
    folder.mkdir()
    rules = replace(house.shop.rules, backup=BackupRules(folder=folder))
    object.__setattr__(house.shop, "rules", rules)


def _is_whole(house: House, known: dict[str, Any]) -> None:
    """What is fetched is what was written."""
    file = house.as_role().get(f"{BACKUP}/{known['backup']}/download")
    assert hashlib.sha256(file.content).hexdigest() == known["digest"]


def _stats(**says: Any) -> Look:
    return Look(route=f"GET {BACKUP}/stats", says=says)


STEPS = (
    Act(_give_folder),
    Step(route=f"GET {BACKUP}/capabilities", says={"cloudUploadAvailable": False}),
    Step(
        route=f"POST {BACKUP}",
        body=BODY,
        keep={"backup": "id", "digest": "sha256"},
        says={"status": "Completed", "backupType": "Full", "createdByUserName": "the-admin"},
        then=(
            Look(route=f"GET {BACKUP}", says={"totalCount": 1, "backups.0.id": "$backup"}),
            _stats(totalBackups=1, lastBackupAt="2026-11-02T06:00:00Z"),
        ),
    ),
    Step(route=f"GET {BACKUP}", query={"pageSize": 1}, says={"totalCount": 1}),
    Step(
        route=f"GET {BACKUP}/{{id}}",
        at=AT,
        says={"description": "Pre-deployment backup", "isOffsite": False, "cloudUrl": None},
    ),
    Step(route=f"GET {BACKUP}/stats", says={"successfulBackups": 1, "failedBackups": 0}),
    Step(route=f"GET {BACKUP}/{{id}}/download", at=AT),
    Act(_is_whole),
    Step(
        route=f"POST {BACKUP}/{{id}}/restore",
        at=AT,
        then=(_stats(restoreAtNextStart="$backup"),),
    ),
    Step(
        route=f"DELETE {BACKUP}/{{id}}",
        at=AT,
        then=(_stats(totalBackups=0, restoreAtNextStart=None),),
    ),
)
