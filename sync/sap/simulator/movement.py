"""Goods of one line into or out of one warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.sap.simulator.table import Row

TOLERANCE = Decimal("0.000001")
INCOMPLETE = "Cannot add row without complete selection of batch/serial numbers"


@dataclass(frozen=True, slots=True)
class Movement:
    """Goods of one line into or out of one warehouse.

    Attributes:
        item: the item's row.
        warehouse: its code.
        quantity: above zero for goods in, below for goods out.
        batches: the line's batch rows,
        serials: its serial numbers,
        bins: and the places in the warehouse it names.
        line: number of the line, for the refusal's text.
    """

    item: Row
    warehouse: str
    quantity: Decimal
    batches: tuple[Mapping[str, Any], ...]
    line: int
    serials: tuple[Mapping[str, Any], ...] = ()
    bins: tuple[Mapping[str, Any], ...] = ()

    @property
    def sign(self) -> int:
        """1 for goods in, -1 for goods out."""
        return 1 if self.quantity > 0 else -1
