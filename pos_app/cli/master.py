"""pos master: how old each kind of master data is, and fetching it now."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.services.worked import Worked
    from pos_app.store.master import KindRead

UNAVAILABLE = 5


@click.command("master")
@option.config
@option.as_json
@click.option("--fetch", is_flag=True, help="Read everything from SAP now.")
@click.option(
    "--accept-shrink", is_flag=True, help="With --fetch: believe SAP even where much is gone."
)
def command(config: Path, *, as_json: bool, fetch: bool, accept_shrink: bool) -> None:
    """Show the age of what was fetched from SAP, kind by kind, and what is wrong with it."""
    from pos_app.bootstrap import install
    from pos_app.services.master import pull

    if accept_shrink and not fetch:
        raise click.UsageError("--accept-shrink confirms a fetch: give --fetch with it.")
    installation = install(config, role="server")
    try:
        worked = _fetch(installation, accept_shrink) if fetch else None
        now = installation.shop.clock.now()
        rows = pull.state(installation.shop)
    finally:
        installation.close()
    if as_json:
        answer.write({"kinds": [_row(row, now) for row in rows]})
    else:
        answer.say(*(_line(row, now) for row in rows))
    if worked is not None and worked.problem:
        answer.say(worked.problem, err=True)
        sys.exit(UNAVAILABLE)


def _fetch(installation: Installation, accepts_shrink: bool) -> Worked:
    from pos_app.errors import RemoteUnavailable
    from pos_app.server_work import ServerWork

    work = ServerWork(installation)
    if not work.has_sap:
        raise RemoteUnavailable("SAP", "the settings name none.")
    return work.fetch_all(accepts_shrink=accepts_shrink)


def _row(row: KindRead, now: datetime) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "read_at": row.read_at and row.read_at.isoformat(),
        "age_seconds": _age(row, now),
        "whole_at": row.whole_at and row.whole_at.isoformat(),
        "rows": row.row_count,
        "changed": row.changed,
        "problem": row.problem,
        "flaws": row.flaws,
        "flaw": row.flaw,
    }


def _age(row: KindRead, now: datetime) -> int | None:
    return None if row.read_at is None else int((now - row.read_at).total_seconds())


def _line(row: KindRead, now: datetime) -> str:
    age = _age(row, now)
    told = "never fetched" if age is None else f"{_words(age)} old, {row.row_count} rows last"
    problem = f"  PROBLEM: {row.problem}" if row.problem else ""
    flaw = f"  {row.flaws} unusable: {row.flaw}" if row.flaws else ""
    return f"{row.kind:<15} {told}{problem}{flaw}"


def _words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
