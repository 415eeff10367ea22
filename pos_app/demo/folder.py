"""The demo's folder: config files, secrets, the company's data; written anew at every start."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pos_app.sample import shop as sample
from pos_app.secret import store_file

SAP_COMPANY, SAP_USER, SAP_PASSWORD = "SAMPLE", "pos", "Sample-Sap-1"
TILL = "T01"

COMMON = """
[shop]
name = "Sunrise Grocers"
tin = "2000123456"
vat_number = "220123456"
branch = "First Street"
address = ["12 First Street", "Harare"]
phone = "+263 242 000000"
email = "shop@example.com"

[till]
code = "{till}"
warehouse = "SHOP1"
walk_in = "C0000"
price_lists = {{ USD = "1", ZIG = "2" }}
masks = ["21IIIIIWWWWWC", "22IIIIIPPPPPC"]
quick = {{ 1 = "PRD001", 2 = "PRD002", 3 = "PRD003" }}

[[currency]]
code = "USD"
name = "US dollar"
fiscal_code = "USD"
sap_code = "USD"

[[currency]]
code = "ZIG"
name = "Zimbabwe Gold"
fiscal_code = "ZWG"
sap_code = "ZiG"

[[tender]]
code = "cash"
name = "Cash"
currencies = ["USD", "ZIG"]
fiscal_money_type = 0
sap_means = "cash"
sap_accounts = {{ USD = "1110", ZIG = "1111" }}
gives_change = true
opens_drawer = true

[[tender]]
code = "card"
name = "Card"
currencies = ["USD", "ZIG"]
fiscal_money_type = 1
sap_means = "transfer"
sap_accounts = {{ USD = "1130", ZIG = "1131" }}
needs_reference = true

[[tender]]
code = "ecocash"
name = "EcoCash"
currencies = ["USD", "ZIG"]
fiscal_money_type = 2
sap_means = "transfer"
sap_accounts = {{ USD = "1120", ZIG = "1121" }}
needs_reference = true

[[tender]]
code = "innbucks"
name = "InnBucks"
currencies = ["USD"]
fiscal_money_type = 2
sap_means = "transfer"
sap_accounts = {{ USD = "1120" }}
needs_reference = true

[[limit]]
rule = "discount.line"
role = "Cashier"
at_most = 5

[[limit]]
rule = "discount.sale"
role = "Cashier"
at_most = 5

[[limit]]
rule = "price.below_list"
role = "Cashier"
at_most = 5

[[limit]]
rule = "price.above_list"
role = "Cashier"
at_most = 5

[[limit]]
rule = "void.sale"
role = "Cashier"
at_most = 50

[[limit]]
rule = "refund"
role = "Cashier"
at_most = 20
currency = "USD"

[[limit]]
rule = "refund"
role = "Cashier"
at_most = 500
currency = "ZIG"

[[limit]]
rule = "refund"
role = "Manager"
at_most = 5000
currency = "USD"

[[limit]]
rule = "refund"
role = "Manager"
at_most = 130000
currency = "ZIG"

[[limit]]
rule = "refund.currency"
role = "Manager"
at_most = 1

[[limit]]
rule = "refund.entered"
role = "Manager"
at_most = 1

[[limit]]
rule = "drawer.open"
role = "Manager"
at_most = 1

[[limit]]
rule = "discount.line"
role = "Manager"
at_most = 50

[[limit]]
rule = "discount.sale"
role = "Manager"
at_most = 30

[[limit]]
rule = "price.below_list"
role = "Manager"
at_most = 50

[[limit]]
rule = "price.above_list"
role = "Manager"
at_most = 100

[[limit]]
rule = "void.sale"
role = "Manager"
at_most = 5000

[[fiscal.tax]]
group = "O1"
tax_id = "1"
code = "A"
percent = 15.5
kind = "standard"

[[fiscal.tax]]
group = "O2"
tax_id = "2"
code = "B"
percent = 0
kind = "zero"

[[fiscal.tax]]
group = "O3"
tax_id = "3"
code = "C"
kind = "exempt"
"""

SERVER = """role = "server"

[database]
url = {database}

[server]
host = "127.0.0.1"
port = {port}
jwt_secret = "secret://jwt"
is_demo = true

[sap]
url = {sap}
company_db = "{company}"
user = "{user}"
password = "secret://sap"
poll_seconds = 0.5
master_seconds = 60
quiet_seconds = 60
lease_seconds = 120
cost_centre = "SHOP1"
purchase_vat_groups = {{ "15.5" = "I1", "0" = "I2" }}

[mail]
transport = "file"
sender = "shop@example.com"

[[stock.reason]]
code = "missing"
name = "Missing"
account = "6400"

[[stock.reason]]
code = "damaged"
name = "Damaged"
account = "6400"

[[stock.reason]]
code = "found"
name = "Found"
account = "6400"
kind = "receipt"

[fiscal]
device = {fiscal}
lock = "../fiscal.lock"
shared = true
timeout_seconds = 10
"""

TILL_FILE = """role = "till"

[database]
url = "till.db"

[server]
url = {server}
api_key = "secret://server-api-key"
sync_seconds = 0.5

[fiscal]
device = {device}
lock = "../fiscal.lock"
shared = true

[printer]
url = {printer}
profile = "80mm"

[drawer]
open_level = "high"

[label]
url = {labels}

[display]
url = {display}
profile = "text"
greeting = ["Welcome to", "Sunrise Grocers"]
"""


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
        store_file(folder, "sap", SAP_PASSWORD)

    def write_server(self, *, database: str, port: int, sap: str, fiscal: str) -> None:
        """The server's config, with today's addresses."""
        head, sections = SERVER.split("\n", 1)
        text = sections.format(
            database=json.dumps(database),
            port=port,
            sap=json.dumps(sap),
            fiscal=json.dumps(fiscal),
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
