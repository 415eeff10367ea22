"""Run the API server of one installation in this process until it is told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pos_app.api.app import create_app
from pos_app.api.settings import ApiSettings
from pos_app.bootstrap import Installation, install
from pos_app.clock import SystemClock
from pos_app.log import to_file
from pos_app.server_work import ServerWork
from sandbox.server import serve as serve_app


def serve(config: Path, *, host: str | None, port: int | None, has_worker: bool) -> None:
    """Listen, say so in one line of JSON, serve, and give everything back at the end.

    Args:
        config: the server's config file.
        host: address to listen on, None for the configured one.
        port: port, None for the configured one, 0 for a free one.
        has_worker: whether documents are posted to SAP from here.
    """
    clock = SystemClock()
    installation = install(config, clock=clock)
    to_file(installation.folder / "log" / "server.log")
    work = ServerWork(installation) if has_worker else None
    app = create_app(installation.shop, _settings(installation, clock, work))
    listen = host or installation.settings.server.host
    if work is not None:
        work.start()

    def ready(taken: int) -> dict[str, Any]:
        return {"ready": True, "api": f"http://{listen}:{taken}"}

    def stop() -> None:
        if work is not None:
            work.stop()
        installation.close()

    wanted = installation.settings.server.port if port is None else port
    serve_app(app, host=listen, port=wanted, ready=ready, on_stop=stop)


def _settings(
    installation: Installation, clock: SystemClock, work: ServerWork | None
) -> ApiSettings:
    settings = installation.settings.server
    return ApiSettings(
        jwt_secret=installation.secrets.resolve(settings.jwt_secret),
        demo_clock=clock if settings.is_demo else None,
        post_soon=work.post_soon if work is not None else None,
    )
