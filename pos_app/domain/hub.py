"""What the hub calls out beside notifications, to everybody who is connected."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

LIFE = timedelta(hours=1)
"""So long a call is kept for the other server processes; who was not connected has missed it."""


class HubCall(StrEnum):
    """The names clients of the contract listen to (contract of the back office, §1.8)."""

    DESKTOP_SALE_CREATED = "DesktopSaleCreated"
    CONSOLIDATION_COMPLETED = "ConsolidationCompleted"
    STOCK_FETCH_PROGRESS = "StockFetchProgress"
    STOCK_SNAPSHOT_UPDATED = "StockSnapshotUpdated"
