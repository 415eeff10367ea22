"""``/api/Backup``: made, listed, fetched, asked to be restored, deleted; nothing is ever wiped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pos_app.services.shop import BackupRules
from pos_app.store.engine import Store
from pos_app.store.schema import metadata
from tests.api.house import ROLES, House, build, invoice_body


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> Iterator[House]:
    made = build(sqlite_store)
    before = made.shop.rules
    object.__setattr__(made.shop, "rules", replace(before, backup=BackupRules(folder=tmp_path)))
    yield made
    object.__setattr__(made.shop, "rules", before)


def test_a_backup_over_http(house: House, tmp_path: Path) -> None:
    admin = house.as_role()
    asked = {"backupType": "incremental", "description": "Pre-deployment backup"}
    made = admin.post("/api/Backup", asked)
    assert made.status_code == 201, made.text
    said = made.json()
    assert (said["status"], said["backupType"]) == ("Completed", "Incremental")
    assert said["createdByUserName"] == "the-admin"
    number = said["id"]
    assert admin.get(f"/api/Backup/{number}").json() == said
    listed = admin.get("/api/Backup", pageSize=1).json()
    assert (listed["totalCount"], listed["items"], listed["backups"]) == (1, [said], [said])
    file = admin.get(f"/api/Backup/{number}/download")
    assert hashlib.sha256(file.content).hexdigest() == said["sha256"]
    assert said["fileName"] in file.headers["Content-Disposition"]
    assert file.headers["Cache-Control"] == "no-store"
    wanted = admin.post(f"/api/Backup/{number}/restore")
    assert "starts next" in wanted.json()["message"]
    stats = admin.get("/api/Backup/stats").json()
    assert (stats["successfulBackups"], stats["backupsLast24Hours"]) == (1, 1)
    assert stats["restoreAtNextStart"] == number
    assert admin.delete(f"/api/Backup/{number}").status_code == 204
    assert admin.get("/api/Backup/stats").json()["restoreAtNextStart"] is None
    assert list(tmp_path.glob("*.zip")) == []
    for method, path in (
        ("GET", ""), ("POST", "/restore"), ("GET", "/download"), ("DELETE", ""),
    ):  # fmt: skip
        gone = house.client.request(method, f"/api/Backup/{number}{path}", headers=admin.headers)
        assert gone.status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"backupType": "Half"}, 400),
        ({"uploadToCloud": True}, 400),
        ({"description": "x" * 501}, 400),
        ({"description": 5}, 400),
        ([], 400),
    ],
)
def test_what_cannot_be_made(house: House, body: object, status: int) -> None:
    admin = house.as_role()
    assert admin.post("/api/Backup", body).status_code == status
    assert admin.get("/api/Backup").json()["totalCount"] == 0


def test_a_server_without_a_folder_makes_none(house: House) -> None:
    object.__setattr__(house.shop, "rules", replace(house.shop.rules, backup=BackupRules()))
    refused = house.as_role().post("/api/Backup")
    assert (refused.status_code, refused.json()["code"]) == (400, "backups_nowhere")


def test_no_route_wipes_the_books(house: House, tmp_path: Path) -> None:
    admin, path = house.as_role(), "/api/Backup/reset-database"
    number = admin.post("/api/Invoice", invoice_body()).json()["id"]
    invoice = admin.get(f"/api/Invoice/{number}").json()
    assert admin.post("/api/Backup").status_code == 201
    kept = _rows(house)
    for role in ROLES:
        house.fresh_limits()
        for body in (None, {}, {"confirm": True}):
            assert house.as_role(role).post(path, body).status_code == 403, role
    assert house.client.post(path, headers={"X-API-Key": house.key()}).status_code == 403
    assert house.client.post(path).status_code == 401
    refused = admin.post(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "nothing_is_wiped")
    assert _rows(house) == kept
    assert admin.get(f"/api/Invoice/{number}").json() == invoice
    assert len(list(tmp_path.glob("*.zip"))) == 1


def _rows(house: House) -> dict[str, int]:
    """How many rows each table has, without those that say who asks."""
    with house.shop.store.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if not table.name.startswith(
                ("sessions", "rate_", "refresh_tokens", "api_keys", "audit", "tallies")
            )
        }


@pytest.mark.parametrize("path", ["..%2F..%2Fetc%2Fpasswd/download", "-1", "x", f"{2**70}"])
def test_no_path_leads_elsewhere(house: House, path: str) -> None:
    assert house.as_role().get(f"/api/Backup/{path}").status_code in {400, 404}
