"""pos proof: one day's receipts, fiscal receipts, server and SAP documents side by side."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.domain.proof import Proof

UNREAD, DIFFERENT = 5, 6


@click.command("proof")
@click.argument("day", metavar="DATE")
@option.config
@option.as_json
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it as an A4 page to this file, too.",
)
@click.pass_context
def command(
    context: click.Context, day: str, config: Path, *, as_json: bool, pdf: Path | None
) -> None:
    """Compare every side of DATE (2026-11-30, today or yesterday); each difference is named.

    On a till: its receipts, its device's journal, the server and, through it, SAP. On a server:
    all tills, and SAP itself.

    Exit codes: 0 all say the same, 5 a side could not be read, 6 there are differences.
    """
    from pos_app.services.proof import form

    with answer.errors_if(context, as_json=as_json):
        proof = _prove(config, day, pdf)
    if as_json:
        answer.write(form.as_data(proof))
    else:
        answer.say(*form.as_text(proof).split("\n"))
    if not proof.is_equal:
        context.exit(UNREAD if proof.unread else DIFFERENT)


def _prove(config: Path, day: str, pdf: Path | None) -> Proof:
    from pos_app.bootstrap import install
    from pos_app.services.proof import paper
    from pos_app.services.saved_paper import Form

    installation = install(config)
    try:
        proof = _proof(installation, option.day(day, installation.shop.today))
        if pdf is not None:
            paper.save(installation.shop, proof, Form.PDF, pdf)
        return proof
    finally:
        installation.close()


def _proof(installation: Installation, day: date) -> Proof:
    from pos_app.sap_line import open_sap
    from pos_app.services.proof import day as proofs

    shop = installation.shop
    if installation.settings.role == "till":
        return proofs.of_till(shop, day, server=installation.devices.receipts())
    return proofs.of_server(shop, day, books=open_sap(installation))
