"""Whether the server can do its work now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pos_app.errors import PosError
from pos_app.services.shop import Shop
from pos_app.store import migrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of the server; a dependency's word is Healthy or Unhealthy."""

    at: datetime
    is_ready: bool
    dependencies: dict[str, str]


def check(shop: Shop) -> Health:
    """Ask the database for one row, which is all the server cannot do without."""
    is_ready = True
    try:
        with shop.store.read() as connection:
            is_ready = migrate.version(connection) == migrate.head()
    except PosError:
        is_ready = False
    word = "Healthy" if is_ready else "Unhealthy"
    return Health(at=shop.clock.now(), is_ready=is_ready, dependencies={"database": word})
