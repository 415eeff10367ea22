"""The fiscal journal against the ledger of a simulated device, which shows all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fiscal.simulator.proof import violations
from pos_app.domain.fiscal import FiscalState
from pos_app.services.check.violation import Violation
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_device as devices
from pos_app.store import fiscal_proxy as proxy


def compare(shop: Shop, ledger: Mapping[str, Any]) -> list[Violation]:
    """The device's own chain, and every receipt on one side that the other does not have.

    Args:
        shop: the till or server.
        ledger: ``GET /_sandbox/ledger`` of the simulated device.
    """
    chain = [Violation("device_chain", _subject(text), f"{text}.") for text in violations(ledger)]
    return [*chain, *_sides(shop, ledger)]


def _sides(shop: Shop, ledger: Mapping[str, Any]) -> Iterator[Violation]:
    with shop.store.read() as connection:
        rows = [*journal.walk(connection), *proxy.walk(connection)]
        found = {row["number"] for row in devices.every_found(connection)}
    device_id = str(ledger["device"]["device_id"])
    ours = {
        row["number"]: row["receipt_global_no"]
        for row in rows
        if row["state"] == FiscalState.FISCALISED and row["device_id"] == device_id
    }
    theirs = {row["number"]: row["receipt_global_no"] for row in ledger["receipts"]}
    for number in sorted(ours.keys() - theirs.keys()):
        words = f"{number} is fiscalised here and the device's ledger does not have it."
        yield Violation("ledger_lacks_receipt", number, words)
    in_doubt = {row["number"] for row in rows if row["state"] in journal.UNSETTLED}
    strange = theirs.keys() - ours.keys() - in_doubt - found
    for number in () if shop.rules.fiscal.is_shared else sorted(strange):
        words = f"{number} is in the device's ledger and in no journal here."
        yield Violation("ledger_has_more", number, words)
    for number in sorted(ours.keys() & theirs.keys()):
        if ours[number] != theirs[number]:
            words = (
                f"{number} has global number {ours[number]} here and {theirs[number]} in the "
                "device's ledger."
            )
            yield Violation("ledger_differs", number, words)


def _subject(text: str) -> str:
    return text.partition(":")[0]
