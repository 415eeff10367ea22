"""pos doctor: what to look at before the first sale of a day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos_app.cli import answer, doctor_printer, option

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.services.doctor.finding import Finding

UNKNOWN, AWAY, UNFIT = 4, 5, 6
MARKS = {"ok": "ok     ", "warn": "WARN   ", "unknown": "UNKNOWN", "fail": "FAIL   "}


@click.command("doctor")
@option.config
@option.as_json
@click.option(
    "--printer",
    "trial",
    type=click.Choice(doctor_printer.KINDS),
    help="Instead: print this test paper, and learn the setting from the answer about it.",
)
@click.option(
    "--answer", "given", help="With --printer: what was seen on the paper printed before."
)
@click.pass_context
def command(
    context: click.Context, config: Path, *, as_json: bool, trial: str | None, given: str | None
) -> None:
    """Look at clock, disk, database, backup, printer, fiscal device, server and prices.

    Exit codes: 0 fit for work (warnings included), 6 something of this machine is not, 5 a device
    or the server is not, 4 something could not be found out.
    """
    if trial is not None:
        with answer.errors_if(context, as_json=as_json):
            doctor_printer.run(config, trial, given=given, as_json=as_json)
        return
    if given is not None:
        raise click.UsageError("--answer belongs to --printer: say which paper it is about.")
    findings = []
    for finding in _findings(config):
        findings.append(finding)
        if not as_json:
            answer.say(f"{MARKS[finding.state]}  {finding.check:<13}  {finding.sentence}")
    if as_json:
        answer.write(as_data(findings))
    context.exit(exit_code(findings))


def _findings(config: Path) -> Iterator[Finding]:
    from pos_app.bootstrap import install
    from pos_app.config import load
    from pos_app.errors import InvalidInput, PosError
    from pos_app.services.doctor import examine

    load(config)
    try:
        installation = install(config)
    except InvalidInput:
        raise
    except PosError as error:
        yield from examine.without_books(config.resolve().parent, error)
        return
    try:
        yield from _of(installation)
    finally:
        installation.close()


def _of(installation: Installation) -> Iterator[Finding]:
    from pos_app.instruments import Instruments
    from pos_app.services.doctor import examine

    instruments = Instruments(
        installation.shop,
        installation.settings,
        installation.folder,
        secrets=installation.secrets,
        devices=installation.devices,
    )
    settings = installation.settings
    return examine.examine(
        installation.shop,
        instruments,
        installation.folder,
        has_server=settings.role == "till" and bool(settings.server.url),
    )


def as_data(findings: list[Finding]) -> dict[str, Any]:
    """The findings as JSON data."""
    from pos_app.services.doctor import examine

    return {
        "state": examine.worst(findings).value,
        "checks": [
            {
                "name": finding.check.value,
                "state": finding.state.value,
                "sentence": finding.sentence,
                "facts": dict(finding.facts),
            }
            for finding in findings
        ],
    }


def exit_code(findings: list[Finding]) -> int:
    """What the command ends with: the gravest finding decides."""
    from pos_app.services.doctor.finding import State

    failed = [finding for finding in findings if finding.state is State.FAIL]
    if any(not finding.check.is_neighbour for finding in failed):
        return UNFIT
    if failed:
        return AWAY
    return UNKNOWN if any(finding.state is State.UNKNOWN for finding in findings) else 0
