"""pos server: the API server, with the posting worker beside it."""

from __future__ import annotations

from pathlib import Path

import click

from pos_app.cli import garbage


@click.command("server")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("server.toml"),
    help="The config file of the server.",
)
@click.option("--host", default=None, help="Address to listen on; else as configured.")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="0 takes a free one.")
@click.option("--database-url", default=None, help="Another database than the configured one.")
@click.option("--no-worker", is_flag=True, help="Leave posting to `pos worker`.")
def command(
    config: Path, host: str | None, port: int | None, database_url: str | None, no_worker: bool
) -> None:
    """Serve the API until told to stop; prints one line of JSON when it is ready."""
    import os

    if database_url is not None:
        os.environ["POS_DATABASE__URL"] = database_url
    with garbage.left_lying():
        from pos_app.serve import serve
    garbage.look_at_new_only()

    serve(config, host=host, port=port, has_worker=not no_worker)
