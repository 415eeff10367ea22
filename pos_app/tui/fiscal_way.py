"""The way from the screens to the fiscal device, for reading it and nothing else."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from pos_app.services.fiscal_panel import Device


class FiscalWay(Protocol):
    """What the panel needs of `pos_app.fiscal_port.FiscalPort`."""

    def look(self, wait_seconds: float = 0) -> AbstractContextManager[Device | None]:
        """Have the device for reading; None when another program has it all that time."""
        ...
