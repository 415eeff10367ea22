"""Backups of one installation: what goes in beside the database, the plan's lane, the restore."""

from __future__ import annotations

from pathlib import Path

import structlog

from pos_app.bootstrap import Installation, rules
from pos_app.clock import Clock
from pos_app.config import Settings, load
from pos_app.domain.backup import StillInUse
from pos_app.errors import PosError
from pos_app.ids import Ids
from pos_app.lane import Lane
from pos_app.secret import Secrets
from pos_app.services.backup import intent, plan
from pos_app.services.backup.make import Beside
from pos_app.services.backup.restore import Target

LOOK_SECONDS = 60.0


def beside(installation: Installation) -> Beside:
    """What belongs to this installation beside its database."""
    return Beside(
        config=installation.config,
        secrets=installation.folder / "secrets",
        identity=identity_of(installation.settings, installation.secrets),
    )


def identity_of(settings: Settings, secrets: Secrets) -> str:
    """The key that opens backups here; empty where it is kept elsewhere."""
    wanted = settings.backup.identity
    return secrets.resolve(wanted) if wanted else ""


def lane(installation: Installation) -> Lane:
    """The lane that makes the backups of the plan."""
    return Lane(
        "backup",
        lambda: plan.work(installation.shop, beside=beside(installation)),
        clock=installation.shop.clock,
        idle_seconds=LOOK_SECONDS,
    )


def target_of(config: Path, *, clock: Clock, ids: Ids, identity: str = "") -> Target:
    """What a config file says is restored into.

    Args:
        config: the file.
        clock: the computer's.
        ids: of what comes into being.
        identity: an age identity; else the one the settings name.

    Raises:
        ConfigInvalid: the file is wrong.
    """
    settings = load(config)
    folder = config.resolve().parent
    url = settings.database.url
    return Target(
        database=url if "://" in url else (folder / url).absolute(),
        folder=folder,
        rules=rules(settings, folder),
        clock=clock,
        ids=ids,
        identity=identity or identity_of(settings, Secrets(folder / "secrets")),
    )


def restore_if_asked(config: Path, *, clock: Clock, ids: Ids) -> None:
    """Do the restore a running server was asked for; what cannot be done is told in the log."""
    target = target_of(config, clock=clock, ids=ids)
    log = structlog.get_logger(work="restore")
    try:
        done = intent.fulfil(target)
    except StillInUse as error:
        log.warning("restore waits", problem=error.sentence)
    except PosError as error:
        log.error("restore failed", problem=error.sentence)
        if target.rules.backup.folder is not None:
            intent.set_aside(target.rules.backup.folder)
    else:
        if done is not None:
            log.warning("restored", backup=done.name, aside=done.aside, lost=done.lost)
