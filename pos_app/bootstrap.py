"""The one place that names concrete classes: settings → store → rules → shop → devices."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from pathlib import Path

from fiscal.errors import ProfileUnknown
from fiscal.profile import profile as fiscal_profile
from pos_app.bootstrap_paper import (
    display_rules,
    drawer_rules,
    label_rules,
    office_rules,
    paper_rules,
    printer_rules,
)
from pos_app.clock import Clock, SystemClock
from pos_app.config import Settings, load
from pos_app.devices import Devices
from pos_app.domain.backup import Keep
from pos_app.domain.batch import Strategy
from pos_app.domain.currency import Currency, CurrencyTable
from pos_app.domain.limit import Limit, Rule
from pos_app.domain.movement import MovementKind, Reason
from pos_app.domain.partner import AboveLimit
from pos_app.domain.tender import TenderType
from pos_app.errors import ConfigInvalid
from pos_app.ids import Ids, SystemIds
from pos_app.mail_rules import mail_rules
from pos_app.secret import Secrets
from pos_app.services.backup import view as backups
from pos_app.services.shop import (
    BackupRules,
    FiscalRules,
    FiscalTax,
    LedgerRules,
    Rules,
    SapRules,
    Seller,
    Shop,
    StockRules,
)
from pos_app.store import migrate
from pos_app.store.engine import Store, open_store

UNNAMED = "the config"
"""What settings are called where their file is not known; `install` puts its name there."""


class Installation:
    """One till or server on this machine: its settings, its folder, its secrets, its shop."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        clock: Clock,
        ids: Ids,
        config: Path | None = None,
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.config = config
        self.secrets = Secrets(folder / "secrets")
        self.shop = Shop(
            store=_open(settings, folder), clock=clock, ids=ids, rules=rules(settings, folder)
        )
        self.devices = Devices(self.shop, settings, folder, self.secrets)

    def close(self) -> None:
        """Let go of the devices and give the database back."""
        self.devices.close()
        self.shop.store.close()


def install(
    config: Path,
    *,
    role: str | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Installation:
    """Open what a config file describes.

    Args:
        config: the file.
        role: ``till`` or ``server`` where only one of them will do.
        clock: another clock than the computer's.
        ids: another source of identities than the computer's.

    Raises:
        ConfigInvalid: the file or a setting is wrong, or it is of the other role.
        Unavailable: the database cannot be opened now.
    """
    settings = load(config, role=role)
    folder = config.resolve().parent
    try:
        return Installation(
            settings,
            folder,
            clock=clock or SystemClock(),
            ids=ids or SystemIds(),
            config=config.absolute(),
        )
    except ConfigInvalid as error:
        told = error.details
        if told["file"] != UNNAMED:
            raise
        raise ConfigInvalid(str(config), str(told["key"]), str(told["problem"])) from error


def rules(settings: Settings, folder: Path = Path()) -> Rules:
    """The settings in the shop's own words.

    Args:
        settings: checked.
        folder: where files lie that they name.

    Raises:
        ConfigInvalid: a limit names a rule, a device a profile, or a paper a text or a file, that
            does not exist.
    """
    _check_profiles(settings)
    till, shop = settings.till, settings.shop
    return Rules(
        role=settings.role,
        till=till.code,
        warehouse=till.warehouse,
        zone=shop.zone,
        currency=till.currency,
        currencies=CurrencyTable(tuple(Currency(**row.model_dump()) for row in settings.currency)),
        price_lists=dict(till.price_lists),
        tender_types=_tender_types(settings),
        taxes={
            row.group: FiscalTax(tax_id=row.tax_id, code=row.code, percent=row.percent)
            for row in settings.fiscal.tax
        },
        masks=till.masks,
        batches=Strategy(till.batches),
        walk_in=till.walk_in,
        limits=_limits(settings),
        seller=_seller(settings),
        hold_minutes=till.hold_minutes,
        fiscal=_fiscal(settings),
        printers=printer_rules(settings),
        drawer=drawer_rules(settings),
        label=label_rules(settings),
        display=display_rules(settings),
        office=office_rules(settings, folder),
        paper=paper_rules(settings, folder),
        backup=_backup(settings, folder),
        may_oversell=till.oversell == "allow",
        above_limit=AboveLimit(till.above_credit_limit),
        has_sap=bool(settings.sap.url),
        damaged_warehouse=till.damaged_warehouse,
        stock=_stock(settings),
        ledger=LedgerRules(**settings.ledger.model_dump()),
        mail=mail_rules(settings),
        session_days=settings.server.session_days,
        sap=_sap(settings),
    )


def _sap(settings: Settings) -> SapRules:
    """How documents are booked in SAP, or in the shop's own books."""
    return SapRules(
        local_currency=settings.sap.local_currency,
        accounts={
            (row.code, currency): account
            for row in settings.tender
            for currency, account in row.sap_accounts.items()
        },
        cost_centre=settings.sap.cost_centre,
        purchase_groups={
            Decimal(percent): group for percent, group in settings.sap.purchase_vat_groups.items()
        },
        lease_seconds=settings.sap.lease_seconds,
        quiet_seconds=settings.sap.quiet_seconds,
        consolidates=settings.sap.consolidate,
        consolidate_at=_at(settings.sap.consolidate_at),
        report_to=settings.sap.report_to,
    )


def _at(told: str) -> time | None:
    return time.fromisoformat(told) if told else None


def _seller(settings: Settings) -> Seller:
    shop = settings.shop
    return Seller(
        name=shop.name,
        tin=shop.tin,
        vat_number=shop.vat_number,
        branch=shop.branch,
        address=shop.address,
        phone=shop.phone,
        email=shop.email,
    )


def _backup(settings: Settings, folder: Path) -> BackupRules:
    wanted = settings.backup
    return BackupRules(
        folder=folder / wanted.folder if wanted.folder else None,
        at=_at(wanted.at),
        recipients=wanted.recipients,
        keep=Keep(days=wanted.keep_days, weeks=wanted.keep_weeks, months=wanted.keep_months),
    )


def _stock(settings: Settings) -> StockRules:
    wanted = settings.stock
    return StockRules(
        needs_approval=wanted.transfers_need_approval,
        counter=wanted.counter,
        monitored=wanted.monitored_warehouses,
        snapshot_at=time.fromisoformat(wanted.snapshot_at),
        reasons=tuple(
            Reason(
                code=row.code,
                name=row.name,
                account=row.account,
                kind=None if row.kind == "both" else MovementKind(row.kind),
            )
            for row in wanted.reason
        ),
    )


def _fiscal(settings: Settings) -> FiscalRules:
    """A till signs on its device; a server's is for other programs, unless it signs invoices."""
    wanted = settings.fiscal
    at = wanted.close_day_at
    return FiscalRules(
        device=wanted.device,
        is_required=bool(wanted.device) and (settings.role == "till" or wanted.signs_invoices),
        deferred_count=wanted.deferred_count,
        deferred_hours=wanted.deferred_hours,
        opens_itself=wanted.open_day == "automatic",
        closes_at=time.fromisoformat(at) if at else None,
        day_hours=wanted.day_hours,
        warn_hours=wanted.day_warn_hours,
        clock_minutes=wanted.clock_minutes,
        quiet_seconds=wanted.timeout_seconds,
        hs_code=wanted.hs_code,
        # A server files for other programs, too, which its journal knows nothing of.
        is_shared=wanted.shared or settings.role == "server",
        profile=wanted.profile,
        takes_debit_notes=fiscal_profile(wanted.profile).takes_debit_notes,
    )


def _open(settings: Settings, folder: Path) -> Store:
    url = settings.database.url
    place = url if "://" in url else folder / url
    left = folder / settings.backup.folder if settings.backup.folder else None
    if isinstance(place, Path) and not (place.exists() and place.stat().st_size):
        backups.check_new(str(place), left)
    store = open_store(place, busy_ms=round(settings.database.busy_seconds * 1000))
    try:
        with store.read() as connection:
            if migrate.is_empty(connection):
                backups.check_new(store.place, left)
        migrate.upgrade(store)
    except BaseException:
        store.close()
        raise
    return store


def _check_profiles(settings: Settings) -> None:
    try:
        fiscal_profile(settings.fiscal.profile)
    except ProfileUnknown as error:
        raise ConfigInvalid("the config", "fiscal.profile", str(error)) from error


def _tender_types(settings: Settings) -> tuple[TenderType, ...]:
    return tuple(
        TenderType(
            code=row.code,
            name=row.name,
            fiscal_money_type=row.fiscal_money_type,
            sap_means=row.sap_means,
            currencies=row.currencies,
            gives_change=row.gives_change,
            needs_reference=row.needs_reference,
            opens_drawer=row.opens_drawer,
            gateway=row.gateway,
        )
        for row in settings.tender
    )


def _limits(settings: Settings) -> tuple[Limit, ...]:
    known = {rule.value for rule in Rule}
    for row in settings.limit:
        if row.rule not in known:
            raise ConfigInvalid("the config", "limit.rule", f"names no rule: {row.rule}")
    return tuple(
        Limit(Rule(row.rule), row.role, row.at_most, row.currency) for row in settings.limit
    )
