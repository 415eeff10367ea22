"""What every use case is given: the store, the clock, identities, and the rules of this shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from pos_app.clock import Clock, business_date
from pos_app.domain.backup import Keep
from pos_app.domain.batch import Strategy
from pos_app.domain.currency import CurrencyTable
from pos_app.domain.drawer import DrawerCause
from pos_app.domain.limit import Limit
from pos_app.domain.movement import Reason
from pos_app.domain.partner import AboveLimit
from pos_app.domain.tender import TenderType, UnmappedTender
from pos_app.ids import Ids
from pos_app.store.engine import Store
from printing.display import DisplayProfile
from printing.label import LabelMedia
from printing.profile import Profile, profile_named
from printing.words import ENGLISH, Words

DEFAULT_ROLL = profile_named("80mm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who sells, as the law wants it printed (ZIMRA FDMS 7.2, receipt content)."""

    name: str
    tin: str
    vat_number: str = ""
    branch: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalTax:
    """How the device knows one tax group; percent None means exempt."""

    tax_id: str
    code: str
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalRules:
    """The device a till signs with, and how far selling may run ahead of it (lesson L38).

    Attributes:
        opens_itself: whether the first receipt opens the fiscal day, or a manager does.
        closes_at: from when in the evening the till closes the day by itself; None: by hand.
        day_hours: as long as a day may be open (ZIMRA FDMS 7.2, taxPayerDayMaxHrs).
        warn_hours: so long before that people are warned.
        clock_minutes: as far as the clocks of till and device may be apart.
        quiet_seconds: how long "not found" is not believed of a device that does not tell its
            lives apart; as long as a request may take.
        hs_code: what is filed for an item without a customs code; empty: it cannot be sold by a
            seller registered for VAT.
        is_shared: whether other programs file on the device, too, each in its turn.
        takes_debit_notes: whether the device is known to file debit notes.
    """

    device: str
    is_required: bool
    deferred_count: int
    deferred_hours: int
    opens_itself: bool = True
    closes_at: time | None = None
    day_hours: int = 24
    warn_hours: int = 2
    clock_minutes: int = 10
    quiet_seconds: float = 90
    hs_code: str = "99001000"
    is_shared: bool = False
    profile: str = "percent"
    takes_debit_notes: bool = False

    @property
    def closes_itself(self) -> bool:
        """Whether the till closes the fiscal day without being asked."""
        return self.closes_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SapRules:
    """How documents are booked in SAP.

    Attributes:
        local_currency: our code of SAP's own currency.
        accounts: G/L account by tender type and our currency code.
        cost_centre: distribution rule of every line, empty for none.
        purchase_groups: SAP's VAT group of purchases by percentage.
        lease_seconds: longer than the slowest posting (production lesson L51).
        quiet_seconds: how long after a lost answer "not found" is not believed (lesson L03).
        consolidates: whether receipts become one invoice per customer, currency and tax group at
            the end of the day, instead of one each.
        consolidate_at: from when on that is done by itself, in the shop's zone; None for by hand.
        report_to: mail addresses that get the end of a day when somebody has it sent.
    """

    local_currency: str
    accounts: Mapping[tuple[str, str], str]
    cost_centre: str
    lease_seconds: float
    quiet_seconds: float
    purchase_groups: Mapping[Decimal, str] = field(default_factory=dict)
    consolidates: bool = False
    consolidate_at: time | None = None
    report_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerRules:
    """The drawer on the printer's socket.

    Attributes:
        causes: what opens it by itself.
        open_level: whether pin 3 is high while it stands open; None when nobody has learnt it.
    """

    causes: frozenset[DrawerCause] = frozenset()
    open_level: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRules:
    """The accounts that goods move between in the books of a shop without SAP.

    Attributes:
        stock: what goods are worth.
        stock_of: another one for some warehouses.
        received: what came and no supplier has invoiced yet.
        cost: of what was sold.
        difference: what counts find, and goods that move for a reason without an account.
        opening: what was there when the books began.
    """

    stock: str = "1400"
    stock_of: Mapping[str, str] = field(default_factory=dict)
    received: str = "2100"
    cost: str = "5000"
    difference: str = "5400"
    opening: str = "3000"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRules:
    """How goods move without a sale.

    Attributes:
        needs_approval: whether a transfer needs somebody else's word.
        counter: SAP's key of the user in whose name countings are entered there.
        reasons: why goods may leave or come in.
        monitored: warehouses whose stock is kept every morning, batch by batch.
        snapshot_at: when, in the shop's zone.
    """

    needs_approval: bool = False
    counter: int = 1
    reasons: tuple[Reason, ...] = ()
    monitored: tuple[str, ...] = ()
    snapshot_at: time = time(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRules:
    """What one kind of paper looks like.

    Attributes:
        header, footer: lines of the shop's own.
        leave_out: optional parts that do not stand on it, see `printing.dress.PARTS`.
        has_logo: whether the shop's picture stands on it.
        is_page: whether its PDF is an A4 page, or as narrow as a roll.
        goes_to: where a receipt goes when it is filed, an order slip when a sale is parked:
            ``printer``, ``office``.
    """

    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()
    has_logo: bool = True
    is_page: bool = True
    goes_to: frozenset[str] = frozenset()


PLAIN_KIND = KindRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRules:
    """What papers look like.

    Attributes:
        words: every fixed text.
        kinds: what differs from kind to kind.
        logo: number of a picture in the printer's memory; None for none.
        logo_file, font, font_bold: files for pages; None for none of the shop's own.
        folder: where saved papers go.
    """

    words: Words = ENGLISH
    is_compact: bool = False
    kinds: Mapping[str, KindRules] = field(default_factory=dict)
    logo: int | None = None
    logo_file: Path | None = None
    font: Path | None = None
    font_bold: Path | None = None
    folder: Path = Path("papers")

    def of(self, kind: str) -> KindRules:
        """What papers of a kind look like."""
        return self.kinds.get(kind, PLAIN_KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterRules:
    """One printer: its address, and what it can do with the changes of the settings applied."""

    url: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRules:
    """The label printer.

    Attributes:
        roll: what it can do where it speaks ESC/POS; None where it speaks ZPL.
        answers: whether it says how it is, which a file and a one-way line do not.
    """

    url: str
    media: LabelMedia
    roll: Profile | None = None
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRules:
    """Where pages go: an address, a command, or a folder."""

    url: str = ""
    command: tuple[str, ...] = ()
    folder: Path | None = None
    seconds: float = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayRules:
    """The customer's display, and what it says to nobody in particular."""

    url: str
    profile: DisplayProfile
    greeting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRules:
    """In whose name mail is sent.

    Attributes:
        sender: a plain address.
        sender_name: what stands before it.
    """

    sender: str
    sender_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRules:
    """Where backups go, when one is made by itself, who can read them, and which stay.

    Attributes:
        folder: None where none are made.
        at: the time of day, None for never by itself.
        recipients: age public keys; none leaves backups unencrypted.
    """

    folder: Path | None = None
    at: time | None = None
    recipients: tuple[str, ...] = ()
    keep: Keep = field(default_factory=lambda: Keep(days=14, weeks=8, months=12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings of one till or server in the shop's own words.

    Attributes:
        printers: the till's own, then the one that takes its papers while it cannot; or none.
        damaged_warehouse: where goods go that come back and cannot be sold; empty for nowhere.
        mail: how mail is sent; None where it is not.
        session_days: how long people stay signed in at the API at most.
    """

    role: str
    till: str
    warehouse: str
    zone: str
    currency: str
    currencies: CurrencyTable
    price_lists: Mapping[str, str]
    tender_types: tuple[TenderType, ...]
    taxes: Mapping[str, FiscalTax]
    masks: tuple[str, ...]
    batches: Strategy
    walk_in: str
    limits: tuple[Limit, ...]
    seller: Seller
    hold_minutes: int
    fiscal: FiscalRules
    printers: tuple[PrinterRules, ...]
    may_oversell: bool
    has_sap: bool
    sap: SapRules
    damaged_warehouse: str = ""
    drawer: DrawerRules = DrawerRules()
    label: LabelRules | None = None
    display: DisplayRules | None = None
    office: OfficeRules | None = None
    stock: StockRules = StockRules()
    ledger: LedgerRules = LedgerRules()
    paper: PaperRules = PaperRules()
    mail: MailRules | None = None
    backup: BackupRules = BackupRules()
    above_limit: AboveLimit = AboveLimit.REFUSE
    session_days: int = 30

    @property
    def printer(self) -> PrinterRules | None:
        """The till's own printer; None where nothing prints."""
        return self.printers[0] if self.printers else None

    @property
    def roll(self) -> Profile:
        """What papers that are as narrow as a roll are laid out for, printer or not."""
        return self.printers[0].profile if self.printers else DEFAULT_ROLL

    @property
    def has_drawer(self) -> bool:
        """Whether this till can open a drawer."""
        return self.printer is not None and self.printer.profile.drawer_pin is not None

    def tender_type(self, code: str) -> TenderType:
        """The tender type of a code; raises UnmappedTender (production lesson L17)."""
        for tender_type in self.tender_types:
            if tender_type.code == code:
                return tender_type
        raise UnmappedTender(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One till or server at work."""

    store: Store
    clock: Clock
    ids: Ids
    rules: Rules

    @property
    def today(self) -> date:
        """The business date now, in the shop's zone."""
        return business_date(self.clock.now(), self.rules.zone)

    def local(self, moment: datetime) -> datetime:
        """A moment on the clock of the shop."""
        return moment.astimezone(ZoneInfo(self.rules.zone))
