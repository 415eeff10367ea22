"""Run the API server of one installation in this process until it is told to stop."""

from __future__ import annotations

import json
from pathlib import Path

from pos_app import backup_work, webhook_work
from pos_app.api.server import run
from pos_app.api.settings import ApiSettings
from pos_app.bootstrap import Installation, install
from pos_app.clock import SystemClock
from pos_app.config import load
from pos_app.gateway_line import open_gateways
from pos_app.ids import SystemIds
from pos_app.log import to_file
from pos_app.sap_line import SapLine, sap_for_people
from pos_app.server_work import FiscalWork, NoticeWork, ServerWork
from pos_app.services.charge.gateways import Gateways
from sync.webhook.sender import Sender


def serve(config: Path, *, host: str | None, port: int | None, has_worker: bool) -> None:
    """Listen, say so in one line of JSON, serve, and give everything back at the end.

    Args:
        config: the server's config file.
        host: address to listen on, None for the configured one.
        port: port, None for the configured one, 0 for a free one.
        has_worker: whether documents are posted to SAP from here.
    """
    clock = SystemClock()
    load(config, role="server")  # no folder is made where there are no settings
    to_file(config.resolve().parent / "log" / "server.log")
    backup_work.restore_if_asked(config, clock=clock, ids=SystemIds())
    installation = install(config, role="server", clock=clock)
    gateways = open_gateways(installation)
    work = ServerWork(installation, gateways=gateways) if has_worker else None
    fiscal = FiscalWork(installation)
    settings = _settings(installation, clock, work, gateways)
    notices = NoticeWork(installation, settings.hub.push, settings.hub.call)
    listen = host or installation.settings.server.host
    if work is not None:
        work.start()
    fiscal.start()
    notices.start()

    def ready(taken: int) -> None:
        gateways.listens_at(taken)
        line = {"ready": True, "api": f"http://{listen}:{taken}"}
        print(json.dumps(line), flush=True)  # noqa: T201 - the interface

    wanted = installation.settings.server.port if port is None else port
    try:
        run(installation.shop, settings, listen, wanted, ready)
    finally:
        notices.stop()
        fiscal.stop()
        if work is not None:
            work.stop()
        installation.close()


def _settings(
    installation: Installation,
    clock: SystemClock,
    work: ServerWork | None,
    gateways: Gateways,
) -> ApiSettings:
    settings = installation.settings.server
    return ApiSettings(
        backup=backup_work.beside(installation),
        webhook_policy=webhook_work.policy_of(installation.settings),
        webhook_sender=Sender(webhook_work.policy_of(installation.settings)),
        jwt_secret=installation.secrets.resolve(settings.jwt_secret),
        seal_secret=installation.secrets.resolve(settings.seal_secret)
        if settings.seal_secret
        else "",
        keeps_answers=settings.keep_answers,
        demo_clock=clock if settings.is_demo else None,
        post_soon=work.post_soon if work is not None else None,
        fetch_prices=work.fetch_again if work is not None and work.has_sap else None,
        sap=work.sap if work is not None else sap_for_people(installation),
        sap_line=work.line if work is not None else SapLine(installation),
        gateways=gateways,
        fiscal=installation.devices.fiscal if installation.settings.fiscal.device else None,
    )
