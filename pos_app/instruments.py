"""How the neighbours of one installation are asked about their health; see `services.doctor`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fiscal.messages import Hello
from pos_app.config import Settings
from pos_app.devices import Devices
from pos_app.printer_port import PrinterPort
from pos_app.secret import Secrets
from pos_app.services.doctor.neighbour import Held
from pos_app.services.shop import PrinterRules, Shop
from printing.status import PrinterStatus
from sync.http import HttpRemote

FISCAL_SECONDS = 5.0
SERVER_SECONDS = 8.0


class Instruments:
    """Asks each neighbour over a line of its own, in its turn."""

    def __init__(
        self, shop: Shop, settings: Settings, folder: Path, *, secrets: Secrets, devices: Devices
    ) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._secrets = secrets
        self._devices = devices
        self._port = PrinterPort(shop, folder)

    def printer(self, wanted: PrinterRules) -> PrinterStatus:
        """See `services.doctor.neighbour.Instruments`."""
        with self._port.use(wanted) as printer:
            if printer is None:
                raise Held
            return printer.status()

    def fiscal(self) -> Hello:
        """See `services.doctor.neighbour.Instruments`."""
        with self._devices.fiscal.look(FISCAL_SECONDS) as driver:
            if driver is None:
                raise Held
            return driver.hello()

    def server(self) -> datetime:
        """See `services.doctor.neighbour.Instruments`."""
        wanted = self._settings.server
        key = self._secrets.resolve(wanted.api_key)
        with HttpRemote(wanted.url, key, timeout=SERVER_SECONDS) as remote:
            return remote.clock()
