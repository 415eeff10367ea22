"""pos check: recompute every invariant from the stored facts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pos_app.cli import answer, option

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.services.check.violation import Violation

VIOLATED = 6
TURN_SECONDS = 30.0
TELL_EVERY = 50


@click.command("check")
@option.config
@click.option("--server", is_flag=True, help="Check the server's books, SAP included.")
@click.option("--device", is_flag=True, help="Look every receipt up on the fiscal device, too.")
@click.option(
    "--spot",
    default=0,
    type=click.IntRange(0, 1_000_000),
    help="With --device: so many receipts, evenly spread, instead of all.",
)
@click.option(
    "--sandbox",
    default="",
    metavar="URL",
    help="Check a simulated device's ledger and chain, too: its address, ending in /_sandbox.",
)
@click.option("--recount", is_flag=True, help="Count anew first how many rows the long lists have.")
@option.as_json
@click.pass_context
def command(
    context: click.Context,
    config: Path,
    *,
    server: bool,
    device: bool,
    spot: int,
    sandbox: str,
    recount: bool,
    as_json: bool,
) -> None:
    """Name every violation; exit 6 when there is one.

    With --device the fiscal device is only read: each receipt is looked up and compared.
    --recount alone changes anything: the numbers kept of how long lists are, no document.
    """
    from pos_app.bootstrap import install
    from pos_app.services.check import invariants

    installation = install(config, role="server" if server else None)
    try:
        if recount:
            _recount(installation)
        found = invariants.check(installation.shop, is_server=server)
        if device:
            found += _on_device(installation, most=spot)
        if sandbox:
            found += _in_ledger(installation, sandbox)
    finally:
        installation.close()
    if as_json:
        rows = [
            {"code": row.code, "subject": row.subject, "message": row.sentence} for row in found
        ]
        answer.write({"violations": rows})
    else:
        for row in found:
            answer.say(f"{row.code} {row.subject}: {row.sentence}")
        answer.say("Everything adds up." if not found else f"{len(found)} violations.")
    if found:
        context.exit(VIOLATED)


def _recount(installation: Installation) -> None:
    from pos_app.services.check import tally

    for name, many in tally.recounted(installation.shop).items():
        answer.say(f"{name}: {many} numbers put right.", err=True)


def _on_device(installation: Installation, *, most: int) -> list[Violation]:
    """Compare with the device, telling how far it has come on the error stream."""
    from pos_app.domain.fiscal_proxy import FiscalDeviceHeld, FiscalNotConfigured
    from pos_app.services.check import device

    if not installation.settings.fiscal.device:
        raise FiscalNotConfigured

    def seen(at: int, many: int) -> None:
        if at == many or at % TELL_EVERY == 0:
            answer.say(f"{at} of {many} receipts looked up.", err=True)

    with installation.devices.fiscal.look(TURN_SECONDS) as driver:
        if driver is None:
            raise FiscalDeviceHeld
        return device.compare(installation.shop, driver, most=most, seen=seen)


def _in_ledger(installation: Installation, url: str) -> list[Violation]:
    """Compare with what a simulated device has truly committed."""
    import httpx2

    from fiscal import decimal_json
    from pos_app.errors import RemoteUnavailable
    from pos_app.services.check import ledger

    try:
        answer = httpx2.get(f"{url.rstrip('/')}/ledger", timeout=30, trust_env=False)
        answer.raise_for_status()
        committed = decimal_json.loads(answer.content)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise RemoteUnavailable("simulated device", f"{url} ({type(error).__name__})") from error
    return ledger.compare(installation.shop, committed)
