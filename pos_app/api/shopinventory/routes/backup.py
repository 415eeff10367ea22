"""``/api/Backup``: copies of the whole database, made, looked at, fetched and restored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from fastapi.responses import FileResponse
from starlette.responses import Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.description import refusals
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_backup
from pos_app.api.shopinventory.page import Number, PageOf
from pos_app.api.shopinventory.schemas.backup import (
    BackupCapabilities,
    BackupDto,
    BackupMessage,
    BackupPage,
    BackupStats,
    CreateBackup,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.backup import NothingIsWiped
from pos_app.domain.permission import Permission, Role
from pos_app.services.backup import intent, make, plan, view
from pos_app.services.session import Account

MayView = Depends(Needs(Permission.BACKUPS_VIEW))
MayMake = Annotated[Account, Depends(Needs(Permission.BACKUPS_CREATE))]
MayRestore = Annotated[Account, Depends(Needs(Permission.BACKUPS_RESTORE))]
MayDelete = Annotated[Account, Depends(Needs(Permission.BACKUPS_DELETE))]
IsAdmin = Depends(Needs(roles=(Role.ADMIN,)))

ARCHIVE = "application/octet-stream"
NO_CLOUD = "No cloud storage is set up here: fetch the file and keep it on another machine."

router = APIRouter(prefix="/Backup", tags=["Backup"], route_class=WireRoute)


@router.get("", summary="Backups, newest first", response_model=BackupPage, dependencies=[MayView])
def read_backups(shop: TheShop, window: PageOf) -> Json:
    """Those that were made here, by plan or by people, and those that failed."""
    found, total = view.page(shop, limit=window.size, offset=window.offset)
    folder = shop.rules.backup.folder
    rows = [codec_backup.backup(row, folder) for row in found]
    envelope = window.envelope(total, len(rows))
    return Json(BackupPage(**envelope, items=rows, backups=rows))


@router.post("", summary="Make a backup", status_code=201, response_model=BackupDto)
def create(
    account: MayMake, server: Server, question: Annotated[CreateBackup | None, Body()] = None
) -> Json:
    """Answers when the copy was opened again and every row in it compared; the shop works on."""
    asked = question or CreateBackup()
    wanted = codec_backup.type_of(asked.backup_type)
    if asked.upload_to_cloud:
        raise FieldsInvalid([Field("uploadToCloud", NO_CLOUD)])
    made = make.make(
        server.shop,
        account.actor,
        type=wanted,
        description=asked.description or "",
        beside=server.settings.backup,
    )
    return Json(codec_backup.backup(made, server.shop.rules.backup.folder), status_code=201)


@router.get(
    "/stats", summary="Backups in figures", response_model=BackupStats, dependencies=[MayView]
)
def read_stats(shop: TheShop) -> Json:
    """How many, how large, the last, the next by plan, and the restore that waits for a start."""
    asked = intent.asked(shop.rules.backup.folder)
    return Json(codec_backup.stats(view.totals(shop), asked))


@router.get(
    "/capabilities",
    summary="Whether backups go to a cloud",
    response_model=BackupCapabilities,
    dependencies=[MayView],
)
def read_capabilities() -> Json:
    """They do not: whoever wants one elsewhere fetches it."""
    return Json(
        BackupCapabilities(
            cloud_upload_available=False, cloud_provider="None", cloud_upload_message=NO_CLOUD
        )
    )


@router.post(
    "/reset-database",
    summary="Refused: no route wipes the books",
    status_code=403,
    response_model=None,
    responses=refusals({403: "Always, also for Admins."}),
    dependencies=[IsAdmin],
)
def reset() -> Json:
    """Always 403: an empty shop is a new database in the settings, and the old one stays."""
    raise NothingIsWiped


@router.get("/{id}", summary="One backup", response_model=BackupDto, dependencies=[MayView])
def read_backup(id: Number, shop: TheShop) -> Json:  # noqa: A002 - the contract's name
    """By its number."""
    return Json(codec_backup.backup(view.by_number(shop, id), shop.rules.backup.folder))


@router.post("/{id}/restore", summary="Restore a backup", response_model=BackupMessage)
def restore(id: Number, account: MayRestore, server: Server) -> Json:  # noqa: A002
    """Looks at all of it now, and restores it when the server starts next.

    Until then everything goes on; what comes in after the backup is lost with the restore, and
    the books of before are kept aside. Deleting the backup takes the wish back.
    """
    asked = intent.ask(server.shop, account.actor, id, identity=server.settings.backup.identity)
    return Json(
        BackupMessage(
            message=f"{asked.name} is whole and will be restored when the server starts next: "
            "stop every server process and start one."
        )
    )


@router.get(
    "/{id}/download",
    summary="Fetch a backup",
    response_class=Response,
    responses={
        200: {
            "description": "The file: a ZIP archive, or an age file around one.",
            "content": {ARCHIVE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    dependencies=[MayView],
)
def download(id: Number, shop: TheShop) -> Response:  # noqa: A002
    """As it lies in the folder; its SHA-256 stands in ``GET /api/Backup/{id}``."""
    found = view.by_number(shop, id)
    return FileResponse(view.file_of(shop, found), media_type=ARCHIVE, filename=found.name)


@router.delete("/{id}", summary="Delete a backup", status_code=204, response_class=Response)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Response:  # noqa: A002
    """The file and its entry; the audit keeps that it was."""
    plan.remove(shop, account.actor, id)
    return Response(status_code=204)
