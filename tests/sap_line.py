"""A server's line to a simulated SAP, with secrets in a folder; passwords but ``p`` are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pos_app.bootstrap import Installation
from pos_app.config import load
from pos_app.sap_line import SapLine
from pos_app.secret import Secrets, store_file
from pos_app.services.shop import Shop
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from tests import shops
from tests.office import company, connected

URL = "https://sap.invalid/b1s/v1"


def line_of(shop: Shop, folder: Path) -> tuple[Gate, SapLine]:
    """The simulated company and the line to it."""
    gate, _ = connected(shop, company())
    clock: Any = shop.clock
    settings = load(shops.EXAMPLE)
    store_file(folder / "secrets", "sap", "p")
    sap = settings.sap.model_copy(
        update={"url": URL, "company_db": "T", "user": "u", "password": "secret://sap"}
    )
    installation = Installation.__new__(Installation)
    installation.settings = settings.model_copy(update={"sap": sap, "role": "server"})
    installation.folder, installation.shop = folder, shop
    installation.secrets = Secrets(folder / "secrets")
    return gate, SapLine(installation, http=lambda settings: InProcessHttp(gate, clock.sleep))
