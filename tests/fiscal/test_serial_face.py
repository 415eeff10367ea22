"""The box on a pseudo-serial port while it is busy with itself."""

from __future__ import annotations

from pathlib import Path

from fiscal.driver import Driver, Timeouts
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.authority.facts import GatewaySettings
from fiscal.simulator.authority.gateway import Gateway
from tests.fiscal.samples import QUICK, make_box, real_clock, request, served


def test_a_box_that_waits_for_the_authority_still_shows_that_it_lives(tmp_path: Path) -> None:
    """Closing takes longer than the host bears silence: without SYN the answer would be lost."""
    clock = real_clock()
    gateway = Gateway(clock, settings=GatewaySettings(closing_seconds=2))
    box = make_box(clock, device=memory_device(clock, gateway=gateway))
    with served(box, tmp_path, ways=("serial",)) as up:
        transport = SerialTransport(up.serial, clock, timers=QUICK)
        driver = Driver(transport, timeouts=Timeouts(read=5, submit=5, day=10))
        driver.submit(request("A"))
        report = driver.close_day()
        transport.close()
    assert not report.is_recovered
    assert report.currencies[0].currency == "USD"
