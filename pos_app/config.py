"""Typed settings of one till or server: a TOML file, then the environment; secrets only by name.

The environment overrides the file, for containers: ``POS_TILL__CODE=T02`` sets `code` in `[till]`.
A secret is written as ``secret://name`` and read by `pos_app.secret` when it is needed.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pos_app.config_file import SCAN_GAP_MS, Glance, overriding, read
from pos_app.config_gateway import Gateway
from pos_app.config_ledger import Ledger
from pos_app.errors import ConfigInvalid

SECRET_PREFIX = "secret://"  # noqa: S105 - the mark of a reference, not a secret

Code = Annotated[str, Field(min_length=1, max_length=20)]


class Section(BaseModel):
    """A table of the file; a key it does not know is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shop(Section):
    """Who sells: printed on every receipt (ZIMRA FDMS 7.2, receipt content)."""

    name: str = Field(min_length=1, max_length=250)
    tin: str = Field(pattern=r"^\d{10}$")
    vat_number: str = Field(default="", pattern=r"^(\d{9})?$")
    branch: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    zone: str = "Africa/Harare"


class Till(Section):
    """This till, and what it sells from."""

    code: str = Field(pattern=r"^[A-Z0-9]{1,8}$")
    warehouse: Code
    damaged_warehouse: str = Field(default="", max_length=20)
    walk_in: Code
    currency: str = "USD"
    price_lists: dict[str, str]
    masks: tuple[str, ...] = ()
    batches: Literal["FEFO", "FIFO", "MANUAL"] = "FEFO"
    oversell: Literal["refuse", "allow"] = "refuse"
    above_credit_limit: Literal["refuse", "warn", "ignore"] = "refuse"
    hold_minutes: int = Field(default=60, ge=1, le=1440)
    quick: dict[str, str] = {}


class Database(Section):
    """Where the rows are: a file beside this one, or a PostgreSQL URL (servers only)."""

    url: str = "pos.db"
    busy_seconds: float = Field(default=5, gt=0, le=60)


class Backup(Section):
    """Copies of the whole database: where, when, for whose eyes, and how many stay."""

    folder: str = "backups"
    at: str = Field(default="02:00", pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")
    recipients: tuple[str, ...] = ()
    identity: str = ""
    keep_days: int = Field(default=14, ge=1, le=3660)
    keep_weeks: int = Field(default=8, ge=0, le=520)
    keep_months: int = Field(default=12, ge=0, le=120)


class Webhook(Section):
    """Programs that are told what happens: where they may be besides the public network."""

    networks: tuple[str, ...] = ()
    poll_seconds: float = Field(default=1, ge=0.1, le=60)


class Server(Section):
    """The server this till belongs to, or, on a server, how it is reached."""

    url: str = ""
    api_key: str = ""
    sync_seconds: float = Field(default=2, ge=0.1, le=3600)
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    jwt_secret: str = ""
    seal_secret: str = ""
    session_days: int = Field(default=30, ge=1, le=365)
    password_reset_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    is_demo: bool = False
    keep_answers: bool = True


class Tax(Section):
    """How a tax group is told to the fiscal device; a group without a row cannot be sold."""

    group: Code
    tax_id: str = Field(pattern=r"^\d{1,4}$")
    code: str = Field(pattern=r"^[A-Z]{1,3}$")
    percent: Decimal | None = Field(default=None, ge=0, lt=100)
    kind: Literal["standard", "zero", "exempt"]


class Fiscal(Section):
    """The REVMax device: its address, its dialect, and how long selling may go on without it."""

    device: str = ""
    device_id: str = Field(default="", pattern=r"^\d{0,10}$")
    bauds: tuple[int, ...] = Field(default=(115200, 9600), min_length=1)
    rts_cts: bool = False
    lock: str = "fiscal.lock"
    shared: bool = False
    signs_invoices: bool = False
    profile: str = "percent"
    timeout_seconds: float = Field(default=90, gt=0, le=900)
    deferred_count: int = Field(default=200, ge=0)
    deferred_hours: int = Field(default=24, ge=0)
    open_day: Literal["automatic", "manual"] = "automatic"
    close_day_at: str = Field(default="21:00", pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")
    day_hours: int = Field(default=24, ge=1, le=24)
    day_warn_hours: int = Field(default=2, ge=0, le=12)
    clock_minutes: int = Field(default=10, ge=1, le=1440)
    hs_code: str = Field(default="99001000", pattern=r"^(\d{4}|\d{8})?$")
    tax: tuple[Tax, ...] = ()


class PrinterPlace(Section):
    """One printer: its address, the profile of what it can do, and what differs from that."""

    url: str = ""
    profile: str = "80mm"
    settings: dict[str, Any] = {}


class Printer(PrinterPlace):
    """The receipt printer, and the one that takes its papers while it cannot."""

    fallback: PrinterPlace = PrinterPlace()


class Drawer(Section):
    """The cash drawer on the printer's socket: what opens it, and how it says that it is open."""

    opens_on: tuple[Literal["sale", "refund", "shift", "cash"], ...] = (
        "sale", "refund", "shift", "cash",
    )  # fmt: skip
    open_level: Literal["", "high", "low"] = ""


class Label(PrinterPlace):
    """The printer of shelf and product labels, and the labels on its roll."""

    profile: Literal["zpl", "escpos"] = "zpl"
    width_mm: int = Field(default=50, ge=20, le=120)
    height_mm: int = Field(default=30, ge=15, le=200)
    dpi: Literal[180, 203, 300, 600] = 203
    answers: bool = True


class Office(Section):
    """Where A4 pages are printed: an address, a command of the system, or a folder."""

    url: str = ""
    command: tuple[str, ...] = ()
    folder: str = ""
    seconds: float = Field(default=60, ge=1, le=600)


class Display(Section):
    """The customer's display of two lines, its commands, its code page, and its greeting."""

    url: str = ""
    profile: Literal["epson", "cd5220", "text"] = "epson"
    code_page: int = Field(default=0, ge=0, le=255)
    codec: str = "cp437"
    greeting: tuple[Annotated[str, Field(max_length=20)], ...] = Field(default=(), max_length=2)


PaperLine = Annotated[str, Field(max_length=250)]


class PaperKind(Section):
    """What differs on papers of one kind; what is not said is as on the others."""

    header: tuple[PaperLine, ...] | None = Field(default=None, max_length=10)
    footer: tuple[PaperLine, ...] | None = Field(default=None, max_length=20)
    leave_out: tuple[str, ...] = ()
    with_logo: bool | None = None
    form: Literal["page", "roll"] | None = None
    goes_to: tuple[Literal["printer", "office"], ...] | None = None


class Paper(Section):
    """What the shop puts on its papers beside what the law wants there, and how they look."""

    header: tuple[PaperLine, ...] = Field(default=(), max_length=10)
    footer: tuple[PaperLine, ...] = Field(default=(), max_length=20)
    layout: Literal["full", "compact"] = "full"
    kinds: dict[str, PaperKind] = {}
    language: str = "en"
    texts: dict[str, PaperLine] = {}
    logo: int = Field(default=0, ge=0, le=255)
    logo_file: str = ""
    font: str = ""
    font_bold: str = ""
    folder: str = Field(default="papers", min_length=1)


class CurrencyRow(Section):
    """One currency under its three names: ours, the fiscal device's, SAP's."""

    code: str = Field(pattern=r"^[A-Z]{3}$")
    name: str
    fiscal_code: str = Field(pattern=r"^[A-Z]{3}$")
    sap_code: str = Field(min_length=1, max_length=3)


class TenderRow(Section):
    """One way to settle: where the money goes at the fiscal device and in SAP."""

    code: str = Field(pattern=r"^[a-z_]{2,20}$")
    name: str
    currencies: tuple[str, ...] = Field(min_length=1)
    fiscal_money_type: int = Field(ge=0, le=6)
    sap_means: Literal["cash", "transfer", "card", "account"]
    sap_accounts: dict[str, str] = {}
    gives_change: bool = False
    needs_reference: bool = False
    opens_drawer: bool = False
    gateway: Literal["", "ecocash", "innbucks", "paynow"] = ""


class LimitRow(Section):
    """What a role may do alone; beyond it a manager's approval is asked."""

    rule: str
    role: str
    at_most: Decimal | None = Field(default=None, ge=0)
    currency: str = ""


class Sap(Section):
    """SAP Business One Service Layer; without a URL the shop keeps its own books."""

    url: str = ""
    company_db: str = ""
    user: str = ""
    password: str = ""
    key_field: str = "U_Van_saleorder"
    payment_key_field: str = ""
    count_key_field: str = ""
    hs_field: str = "U_HSCode"
    verify: str = "system"
    local_currency: str = "USD"
    poll_seconds: float = Field(default=2, ge=0.1, le=3600)
    master_seconds: float = Field(default=300, ge=1, le=86400)
    small_seconds: float = Field(default=3600, ge=1, le=86400)
    goods_days: int = Field(default=1, ge=1, le=31)
    whole_days: int = Field(default=7, ge=1, le=31)
    lease_seconds: float = Field(default=600, ge=10, le=7200)
    quiet_seconds: float = Field(default=300, ge=0, le=7200)
    cost_centre: str = ""
    consolidate: bool = False
    consolidate_at: str = Field(default="", pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")
    report_to: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)], ...] = ()
    purchase_vat_groups: dict[Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,4})?$")], Code] = {}


class ReasonRow(Section):
    """Why goods leave or come in without a sale, and the account of their value in SAP."""

    code: str = Field(pattern=r"^[a-z0-9_-]{1,20}$")
    name: str = Field(min_length=1, max_length=60)
    account: str = Field(default="", max_length=15)
    kind: Literal["issue", "receipt", "both"] = "both"


class Stock(Section):
    """Goods that move without a sale."""

    transfers_need_approval: bool = False
    counter: int = Field(default=1, ge=1)
    monitored_warehouses: tuple[Code, ...] = ()
    snapshot_at: str = Field(default="07:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    reason: tuple[ReasonRow, ...] = (
        ReasonRow(code="missing", name="Missing", kind="issue"),
        ReasonRow(code="damaged", name="Damaged", kind="issue"),
        ReasonRow(code="found", name="Found", kind="receipt"),
    )


class Mail(Section):
    """How the server sends mail: over SMTP, into a folder, or not at all."""

    transport: Literal["", "smtp", "file"] = ""
    sender: str = ""
    sender_name: str = Field(default="", max_length=100)
    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    verify: str = "system"
    folder: str = Field(default="mail", min_length=1)
    seconds: float = Field(default=60, ge=1, le=600)
    poll_seconds: float = Field(default=2, ge=0.1, le=3600)


class Keys(Section):
    """Keys of the till by command; an empty table keeps the defaults."""

    preset: Literal["standard"] = "standard"
    map: dict[str, str] = {}
    scan_prefix: str = ""
    scan_gap_ms: int = Field(default=SCAN_GAP_MS, ge=5, le=200)


class Settings(Section):
    """Everything one process is told before it starts."""

    role: Literal["till", "server"] = "till"
    shop: Shop
    till: Till
    database: Database = Database()
    backup: Backup = Backup()
    webhook: Webhook = Webhook()
    server: Server = Server()
    fiscal: Fiscal = Fiscal()
    printer: Printer = Printer()
    drawer: Drawer = Drawer()
    label: Label = Label()
    display: Display = Display()
    office: Office = Office()
    paper: Paper = Paper()
    sap: Sap = Sap()
    gateway: Gateway = Gateway()
    stock: Stock = Stock()
    ledger: Ledger = Ledger()
    mail: Mail = Mail()
    keys: Keys = Keys()
    currency: tuple[CurrencyRow, ...] = Field(min_length=1)
    tender: tuple[TenderRow, ...] = Field(min_length=1)
    limit: tuple[LimitRow, ...] = ()


def load(path: Path, *, role: str | None = None) -> Settings:
    """Read the settings of a till or server.

    Args:
        path: the file.
        role: ``till`` or ``server`` where only one of them will do.

    Raises:
        ConfigInvalid: the file is missing or no TOML, a key is unknown, missing or out of range, or
            it is of the other role; the sentence names file and key.
    """
    name = str(path)
    data = read(path)
    try:
        settings = _checked(data)
    except ValidationError as error:
        raise ConfigInvalid(name, *_key_and_problem(error)) from error
    if role is not None and settings.role != role:
        raise ConfigInvalid(name, "role", f"is {settings.role}, and this is for a {role}")
    return settings


def _checked(data: dict[str, Any]) -> Settings:
    if not overriding(os.environ) & Settings.model_fields.keys():
        return Settings(**data)
    from pos_app.config_environment import Overridden

    return Overridden(**data)


def glance_of(settings: Settings) -> Glance:
    """What checked settings tell a till's screen before anything is opened."""
    keys = settings.keys
    return Glance(
        shop=settings.shop.name,
        till=settings.till.code,
        place=settings.shop.branch or settings.till.warehouse,
        keys=keys.map,
        scan_prefix=keys.scan_prefix,
        scan_gap_ms=keys.scan_gap_ms,
    )


def _key_and_problem(error: ValidationError) -> tuple[str, str]:
    """A name nobody knows comes first: the one that is missing is most likely meant by it."""
    found: list[Any] = list(error.errors())
    first = next((row for row in found if row["type"] == "extra_forbidden"), found[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return key, "is not a setting of this program"
    if first["type"] == "missing":
        return key, "is missing"
    if first["type"] == "tuple_type":
        return key, 'is wrong (it should be a list, such as ["a", "b"])'
    return key, f"is wrong ({first['msg']})"
