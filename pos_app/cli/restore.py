"""pos restore: a backup becomes the books of a till or server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.services.backup.restore import Restored

SHOWN = 10
WORDS = {
    "sales": "receipts",
    "credit_notes": "credit notes",
    "trades": "quotations and orders",
    "purchases": "purchase orders",
    "transfers": "transfers",
    "movements": "issues and receipts of goods",
    "counts": "counts",
    "payments": "payments",
}

NO_REFERENCES = (
    "The references programs used since then could not be taken over: what they send again is "
    "looked for in SAP by its reference before it is posted."
)


@click.command("restore")
@option.config
@option.as_json
@click.option(
    "--identity",
    "key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The file of the age key that opens an encrypted backup.",
)
@click.option(
    "--nothing-after",
    "is_last",
    is_flag=True,
    help="Nothing was done after this backup, as when a server moves: no number is left out.",
)
@click.argument("backup", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def command(
    context: click.Context,
    config: Path,
    backup: Path,
    *,
    as_json: bool,
    key: Path | None,
    is_last: bool,
) -> None:
    """Put BACKUP in the place of the database; end every pos program of this till or server first.

    On a new machine, where there are no settings at FILE yet, those in the backup are written.
    """
    with answer.errors_if(context, as_json=as_json):
        done, written = _restore(config, backup, key, is_last=is_last)
        if as_json:
            answer.write(_data(done, written))
        else:
            answer.say(*_lines(done, written))


def _restore(
    config: Path, backup: Path, key: Path | None, *, is_last: bool
) -> tuple[Restored, list[Path]]:
    from dataclasses import replace

    from pos_app.backup_work import target_of
    from pos_app.clock import SystemClock
    from pos_app.errors import RecordNotFound
    from pos_app.ids import SystemIds
    from pos_app.services.backup import restore

    if not backup.is_file():
        raise RecordNotFound("backup", str(backup))
    identity = _identity(key)
    ids = SystemIds()
    written = []
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        written = restore.bring_beside(backup, config.absolute(), identity)
    target = target_of(config, clock=SystemClock(), ids=ids, identity=identity)
    return restore.restore(backup, replace(target, is_last=is_last)), written


def _identity(key: Path | None) -> str:
    """The key in a file as age-keygen writes it, whose other lines are remarks."""
    if key is None:
        return ""
    lines = key.read_text(encoding="utf-8").splitlines()
    return next((line.strip() for line in lines if line.strip() and line[0] != "#"), "")


def _data(done: Restored, written: list[Path]) -> dict[str, Any]:
    lost = done.lost
    return {
        "backup": done.name,
        "made_at": done.made_at.isoformat(),
        "rows": done.rows,
        "aside": done.aside or None,
        "lost": lost and {name: list(numbers) for name, numbers in lost.items()},
        "numbers_left_out": done.skipped,
        "references_known": done.has_references,
        "written": [str(path) for path in written],
    }


def _lines(done: Restored, written: list[Path]) -> list[str]:
    lines = [f"Restored: these are the books of {done.made_at:%Y-%m-%d %H:%M} UTC."]
    lines += [f"Written from the backup: {path}" for path in written]
    if done.aside:
        lines.append(f"What was there is kept as {done.aside}.")
    if done.aside and done.lost is None:
        lines.append("What came after the backup could not be read from it.")
    if done.skipped:
        lines.append(
            f"At least the next {done.skipped} numbers and ids of every kind of document are left "
            "out, since some of them may have been given."
        )
    if not done.has_references:
        lines.append(NO_REFERENCES)
    for table, numbers in (done.lost or {}).items():
        shown = ", ".join(numbers[:SHOWN]) + (" …" if len(numbers) > SHOWN else "")
        lines.append(f"Not in it any more: {len(numbers)} {WORDS.get(table, table)}: {shown}")
    lines.append(
        "A till asks its fiscal device and its server what they know beyond that before it sells."
    )
    return lines
