"""The demo's folder: config files, secrets, the company's data; written anew at every start."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pos_app.demo.config_text import COMMON, SERVER, TILL_FILE
from pos_app.sample import shop as sample
from pos_app.secret import store_file
from sync.gateway.simulator import message

SAP_COMPANY, SAP_USER, SAP_PASSWORD = "SAMPLE", "pos", "Sample-Sap-1"
TILL = "T01"

GATEWAY_SECRETS = {
    "gateway": message.PASSWORD,
    "gateway-pin": message.PIN,
    "gateway-api-key": message.API_KEY,
    "gateway-callback": message.CALLBACK_KEY,
} | {f"paynow-{currency.lower()}": key for currency, key in message.PAYNOW.values()}
"""What the gateway sandbox knows its merchant by."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one demo lies."""

    path: Path

    @property
    def till_config(self) -> Path:
        """The till's config file, with its database beside it."""
        return self.path / "till" / "till.toml"

    @property
    def server_config(self) -> Path:
        """The server's config file."""
        return self.path / "server" / "server.toml"

    @property
    def shop_file(self) -> Path:
        """The company as the SAP sandbox loads it."""
        return self.path / "shop.json"

    @property
    def mail(self) -> Path:
        """Where outgoing mail lands."""
        return self.path / "mail"

    @property
    def fiscal_link(self) -> Path:
        """The symbolic link to the fiscal device's pseudo-terminal."""
        return self.path / "revmax" / "revmax"

    @property
    def printer_link(self) -> Path:
        """The symbolic link to the printer's pseudo-terminal."""
        return self.path / "printer" / "printer"

    @property
    def links(self) -> dict[str, Path]:
        """The links to pseudo-terminals by the simulator that makes them."""
        return {"revmax": self.fiscal_link, "printer": self.printer_link}

    def prepare(self, *, items: int, seed: int, today: date) -> None:
        """Make the folder and, the first time, the sample company and the secrets."""
        for inner in (self.mail, self.till_config.parent, self.server_config.parent):
            inner.mkdir(parents=True, exist_ok=True)
        if not self.shop_file.is_file():
            company = sample.company(items=items, seed=seed, today=today)
            self.shop_file.write_text(json.dumps(company), encoding="utf-8")
        (self.path / "seed").write_text(str(seed), encoding="utf-8")
        folder = self.server_config.parent / "secrets"
        if not (folder / "jwt").is_file():
            store_file(folder, "jwt", secrets.token_urlsafe(48))
        for name, value in {"sap": SAP_PASSWORD, **GATEWAY_SECRETS}.items():
            store_file(folder, name, value)

    def write_server(
        self, *, database: str, port: int, sap: str, fiscal: str, gateway: str
    ) -> None:
        """The server's config, with today's addresses."""
        head, sections = SERVER.split("\n", 1)
        text = sections.format(
            database=json.dumps(database),
            port=port,
            sap=json.dumps(sap),
            fiscal=json.dumps(fiscal),
            gateway=json.dumps(gateway),
            company=SAP_COMPANY,
            user=SAP_USER,
        )
        _write(self.server_config, head, text, till="SERVER")

    def write_till(self, *, server: str) -> None:
        """The till's config, with today's addresses."""
        head, sections = TILL_FILE.split("\n", 1)
        text = sections.format(
            server=json.dumps(server),
            device=json.dumps(str(self.fiscal_link)),
            printer=json.dumps(str(self.printer_link)),
            display=json.dumps((self.path.resolve() / "display.txt").as_uri()),
            labels=json.dumps((self.path.resolve() / "labels.zpl").as_uri()),
        )
        _write(self.till_config, head, text, till=TILL)

    def keep_till_key(self, key: str) -> None:
        """The till's own key at the server."""
        store_file(self.till_config.parent / "secrets", "server-api-key", key)

    def has_till_key(self) -> bool:
        """Whether the till was given its key on an earlier start."""
        return (self.till_config.parent / "secrets" / "server-api-key").is_file()

    def notes(self) -> dict[str, Any]:
        """What an earlier start wrote down."""
        path = self.path / "notes.json"
        found: dict[str, Any] = (
            json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        )
        return found

    def note(self, **facts: Any) -> None:
        """Write something down for the next start."""
        text = json.dumps(self.notes() | facts)
        (self.path / "notes.json").write_text(text, encoding="utf-8")


def _write(path: Path, head: str, text: str, *, till: str) -> None:
    path.write_text(head + "\n" + COMMON.format(till=till) + text, encoding="utf-8")
