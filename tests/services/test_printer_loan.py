"""The till lends its printer to whoever tries it out, and takes it up again by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pos_app.config import load
from pos_app.devices import Devices
from pos_app.holder import Holder
from pos_app.printer_port import PrinterPort
from pos_app.secret import Secrets
from pos_app.services import printer_loan, shift, shift_paper
from pos_app.services.shop import PrinterRules, Shop
from pos_app.store.engine import Store
from printing.profile import profile_named
from printing.simulator.sandbox import PrinterSandbox
from tests import shops
from tests.printing.test_transport import QUICK, RealClock, papers, start


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[PrinterSandbox]:
    made = start(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def shop(sqlite_store: Store, sandbox: PrinterSandbox) -> Shop:
    url = str(sandbox.paper.parent / "printer")
    printers = (PrinterRules(url=url, profile=profile_named("80mm")),)
    clock: Any = RealClock()
    made = shops.open_shop(sqlite_store, clock=clock)
    shops.open_till(made)
    return replace(made, rules=replace(made.rules, printers=printers))


@pytest.fixture
def devices(shop: Shop, tmp_path: Path) -> Iterator[Devices]:
    made = Devices(shop, load(shops.EXAMPLE), tmp_path, Secrets(tmp_path))
    yield made
    made.close()


def test_the_holder_lets_go_between_papers_and_goes_on_afterwards(
    shop: Shop, devices: Devices, sandbox: PrinterSandbox, tmp_path: Path
) -> None:
    devices.work_printer()
    lock = Holder(tmp_path / "printer.lock")
    assert not lock.take()
    printer_loan.want(shop)
    devices.work_printer()
    opened = shift.current(shop)
    assert opened is not None
    shift_paper.print_shift(shop, shops.actor(), opened.id)
    port = PrinterPort(shop, tmp_path, timing=QUICK)
    with port.use(shop.rules.printers[0]) as printer:
        assert printer is not None
        assert printer.status().problem is None
        devices.work_printer()
        assert not papers(sandbox)
    devices.work_printer()
    assert not lock.take()
    assert len(papers(sandbox)) == 1


def test_a_holder_that_does_not_hear_keeps_it(shop: Shop, tmp_path: Path) -> None:
    with Holder(tmp_path / "printer.lock").held() as is_held:
        assert is_held
        with PrinterPort(shop, tmp_path).use(shop.rules.printers[0], wait_seconds=0) as printer:
            assert printer is None
    assert not printer_loan.is_to_be_lent(shop)


def test_a_loan_ends_by_itself(shop: Shop) -> None:
    clock = shops.FixedClock()
    lent = replace(shop, clock=clock)
    printer_loan.want(lent)
    assert printer_loan.is_to_be_lent(lent)
    clock.sleep(printer_loan.LOAN.total_seconds())
    assert not printer_loan.is_to_be_lent(lent)
    clock.sleep(-3600)
    assert not printer_loan.is_to_be_lent(lent)
