"""Every concrete error: its own code, the right exit, one sentence that says what to do."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

import pos_app.domain
from pos_app import errors
from pos_app.domain import (
    attachment,
    audit,
    backup,
    barcode,
    batch,
    charge,
    count,
    credit_note,
    currency,
    entry,
    fiscal,
    fiscal_day,
    fiscal_proxy,
    grant,
    gs1,
    item,
    label,
    limit,
    mail,
    money,
    move,
    movement,
    note,
    notification,
    paperwork,
    partner,
    password,
    permission,
    portal,
    price,
    prompt,
    purchase,
    quantity,
    rate_limit,
    refund,
    report,
    reservation,
    sale,
    sale_rule,
    shift,
    tax,
    template,
    tender,
    trade,
    transfer,
    two_factor,
    user,
    webhook,
)
from pos_app.errors import PosError

ONE, TWO = Decimal(1), Decimal(2)
USD = money.Money(100, "USD")
DAY = date(2026, 9, 1)
AT = datetime(2026, 9, 1, tzinfo=UTC)

SAMPLES: tuple[PosError, ...] = (
    errors.ConfigInvalid("till.toml", "till.code", "is missing"),
    errors.MalformedInput("The sale", "is not JSON"),
    errors.RecordNotFound("receipt", "T01-000001"),
    errors.ReferenceConflict("R1", "T01-000001"),
    errors.ReferenceForgotten("R1", "receipt T01-000001", where="on the server"),
    errors.StaleRecord("item", "BREAD"),
    errors.InsufficientStock("BREAD", "SHOP1", TWO, ONE),
    errors.DatabaseBusy(5),
    errors.DatabaseDamaged("till.db", "a page is torn"),
    errors.DiskFull("till.db"),
    errors.DeviceUnavailable("receipt printer", "it is off"),
    errors.RemoteUnavailable("server", "no route"),
    attachment.FileRefused("a.exe", "is empty"),
    attachment.FileTooLarge("a.pdf", 25 * 2**20),
    paperwork.DocumentKindUnknown("Letter"),
    webhook.WebhookInvalid("url", "it is no address"),
    audit.AuditInvalid("amount", "is a float"),
    backup.BackupDamaged("a.zip", "it is torn"),
    backup.BackupElsewhere("a.zip"),
    backup.BackupKeyMissing("a.zip.age"),
    backup.BackupNotReady("a.zip", "Failed"),
    backup.BackupOfAnother("till T01", "till T02"),
    backup.BackupRunning(),
    backup.BackupsNowhere(),
    backup.NothingIsWiped(),
    backup.BackupFolderUnusable("/stick", "Permission denied"),
    backup.BooksMissing("/shop/pos.db", "/shop/backups"),
    backup.StillInUse("till.db"),
    barcode.CheckDigitWrong("4006381333932", "1"),
    barcode.MaskInvalid("21", "is too short"),
    barcode.ScanInvalid("", "is empty"),
    charge.CallbackForged("paynow"),
    charge.CallbackMismatch("amount"),
    charge.ChargeNotSo("Success", "Pending", "give it back instead"),
    charge.ChargeRefused("ecocash", "Insufficient Balance"),
    charge.GatewayAway("paynow", "no route"),
    charge.PhoneInvalid("123"),
    charge.ProviderUnknown("bitpay", "USD", "paynow"),
    charge.RefundTooLarge(USD, USD),
    prompt.PromptNotTakeable(USD, "it has not come"),
    prompt.PromptServerAway("EcoCash"),
    prompt.PromptUnpaid("EcoCash", USD, "Insufficient Balance."),
    prompt.PromptUnsettled("EcoCash", USD, "01a1"),
    prompt.ReferenceUsed("MP1", "T01-000001"),
    batch.BatchNeeded(1, "MILK"),
    batch.BatchNotManaged("MILK", "B1"),
    batch.BatchNotFound("MILK", "SHOP1", "B1"),
    batch.BatchNotReleased("MILK", "B1", "Locked"),
    batch.BatchStatusUnknown("open"),
    batch.InsufficientBatch("MILK", "B1", TWO, ONE),
    currency.RateInvalid("USD", "ZIG", "0"),
    currency.RateMissing("USD", "ZIG"),
    currency.UnmappedCurrency("EUR"),
    entry.EntryInvalid("**", "has no quantity"),
    fiscal.FiscalBacklogFull(200, timedelta(minutes=90)),
    fiscal.FiscalDeviceAway("it is switched off"),
    fiscal.FiscalOutcomeUnknown("T01-000001"),
    fiscal_proxy.FiscalDayUnclear(7),
    fiscal_proxy.FiscalDeviceHeld(),
    fiscal_proxy.FiscalDisputed("INV-1", "the device knows another total."),
    fiscal_proxy.FiscalInvoiceNotFound("INV-1"),
    fiscal_proxy.FiscalItemsInvalid("item 1 has no ITEMNAME1"),
    fiscal_proxy.FiscalNotConfigured(),
    fiscal_proxy.FiscalNotReady("init error"),
    fiscal_proxy.FiscalNumberTaken("INV-1"),
    fiscal_proxy.FiscalPrefetched(),
    fiscal_proxy.FiscalRequestInvalid("it has no payment"),
    fiscal_proxy.FiscalRequestRefused("Invalid ITEMNAME2."),
    fiscal_proxy.FiscalUnsettled("INV-1", "its answer was lost"),
    fiscal_proxy.LicenseUnclear(),
    fiscal_proxy.OriginalNotFiscalised("INV-1"),
    fiscal_proxy.ZReportUnknown(7),
    fiscal.FiscalRefused("T01-000001", "blank name"),
    fiscal.FiscalStopped("It was set back: a supervisor must look at it."),
    fiscal.NotSettledSo("T01-000001", "it is fiscalised", "nothing is in doubt about it"),
    fiscal.SaleNotFileable("T01-000001", "line 1 has no name"),
    fiscal_day.FiscalDayAlready("open"),
    fiscal_day.FiscalDayBusy(("T01-000001",) * 7),
    fiscal_day.FiscalDayOver(7, 24),
    fiscal_day.FiscalDayShut(),
    fiscal_day.FiscalStepPending("close", "rudo"),
    gs1.Gs1Invalid("17", "is torn"),
    item.BarcodeAmbiguous("123", ("A", "B")),
    item.ItemInactive("BREAD"),
    item.ItemInvalid("BREAD", "has no code"),
    item.ItemUnknown("123"),
    label.LabelImpossible("BANANA", "no mask has room for it"),
    label.LabelMoved("MILK", "replaced", "confirmed"),
    limit.ApprovalMismatch(limit.Rule.REFUND),
    limit.ApprovalNeeded(limit.Rule.REFUND, asked=TWO, allowed=ONE, unit="USD"),
    limit.ApproverNotAllowed("rudo", "nobody approves their own request"),
    limit.ReasonMissing(),
    mail.MailInvalid("subject", "holds a line break"),
    mail.MailMoved("m1", "Sent", "cancelled"),
    mail.MailOff(),
    money.AmountInvalid("x", "is not a number"),
    money.CurrencyMismatch("USD", "ZIG"),
    move.MoveRefused("sale", "posted", "open"),
    grant.GrantTooWide("rudo", ["backups.delete"]),
    grant.LastAdmin("rudo"),
    grant.UserOutOfReach("rudo", "tendai"),
    partner.AccountNeedsCustomer(),
    partner.PartnerInactive("C1"),
    permission.PermissionMissing("rudo", ("sale.sell",)),
    permission.TillKeyNeeded("rudo", "T01"),
    permission.PermissionUnknown("x.y"),
    permission.RoleUnknown("Wizard"),
    portal.DemoOnly(),
    portal.PasswordGiven(),
    portal.WalkInCustomer("C0000"),
    portal.NotYourDocuments("C0001"),
    price.PriceInvalid("0", "is not above zero"),
    price.PriceMissing("BREAD", "RETAIL"),
    rate_limit.ClientUnknown("nobody"),
    rate_limit.OwnBlock("user:rudo"),
    quantity.QuantityInvalid("0", "is not above zero", item="BREAD"),
    refund.CreditTooMuch(1, "BREAD", requested=USD, left=USD),
    refund.RefundTooOld(DAY),
    note.BalanceExceeded("T01-000001", asked=USD, left=USD),
    note.DebitNotesOff("percent"),
    note.NotAnOriginal("T01-000002"),
    note.NoteLineInvalid(1, "asks for nothing"),
    note.NoteReasonMissing(),
    note.NoteWorthless("T01-000001"),
    note.NothingLeft("T01-000001"),
    note.OriginalNotFiled("T01-000001", fiscal.FiscalState.UNKNOWN),
    note.TaxNotAsSold(1, "BREAD", "was sold with another tax"),
    refund.ReturnTooMuch(1, "BREAD", requested=TWO, left=ONE),
    notification.NotificationTargetUnknown("user", "nobody"),
    notification.NotificationLinkInvalid("http://elsewhere"),
    report.ReportPeriodInvalid(DAY, date(2026, 8, 1)),
    reservation.DurationInvalid(0),
    reservation.RenewalsExhausted("r1"),
    reservation.ReservationExpired("r1"),
    sale.LineUnknown(9),
    sale.SaleClosed("held"),
    sale.SaleEmpty(),
    sale.SaleFull(),
    sale_rule.DiscountInvalid(Decimal(-1)),
    sale_rule.LineNumberTaken(1),
    sale_rule.LineWorthless("BREAD"),
    sale_rule.PriceBasisMismatch("BREAD", "RETAIL"),
    shift.CountInvalid("USD", "is not a count"),
    shift.DrawerShort(USD, USD),
    shift.ShiftAlreadyOpen("T01", "rudo"),
    shift.ShiftNotOpen("T01"),
    shift.ShiftNotYours("rudo"),
    shift.TillNotOpen("T01", "it is fenced"),
    tax.TaxGroupInvalid("A", "cannot be"),
    tax.UnmappedTaxGroup("A", DAY),
    tender.ChangeNotPossible(USD),
    template.TemplateInvalid("htmlContent", "names 'Total2' in line 1."),
    tender.TenderInvalid("cash", "is not above zero"),
    tender.TenderTooHigh("card", USD, USD),
    tender.TenderTooLow(USD, USD),
    tender.UnmappedTender("bitcoin"),
    password.CurrentPasswordWrong(),
    password.PasswordMoved(),
    password.PasswordsDiffer(),
    password.PasswordUsedBefore(),
    password.ResetAskedTooOften(1800),
    password.ResetTokenInvalid(),
    password.SecretLost(),
    two_factor.CodeRefused(),
    two_factor.SecondFactorRefused(),
    two_factor.TwoFactorOff(),
    two_factor.TwoFactorOn(),
    user.OwnSecretLocked(AT, seconds=900),
    user.PasswordLocked(AT, seconds=900),
    user.PinLocked(AT, seconds=30),
    user.SecretTooWeak("is short"),
    user.SignInRefused(),
    user.UserInvalid("x", "needs a name"),
    user.WarehouseNotYours("rudo", "DEPOT"),
    count.CountClosed("CNT-1", "Posted"),
    count.CountEmpty("CNT-1"),
    count.OwnCount("rudo", "CNT-1"),
    credit_note.NotDeletable("CN-1", "Approved"),
    movement.ReasonUnknown("eaten", ["damaged", "found"]),
    purchase.LineUnknown("PO-1", 3, "MILK"),
    purchase.NotADraft("PO-1", "Approved", "changed"),
    purchase.NotReceivable("PO-1", "Draft"),
    purchase.OverReceived(1, "MILK", TWO, ONE),
    trade.FulfilledTooMuch("SO-1", 1, asked=TWO, left=ONE),
    trade.NotConvertible(trade.TradeKind.QUOTATION, "QT-1", "it has expired"),
    trade.NotDeletable(trade.TradeKind.QUOTATION, "QT-1", "Accepted"),
    trade.PartlyInvoiced("SO-1"),
    trade.PromiseInDoubt(trade.TradeKind.SALES_ORDER, "SO-1"),
    trade.NotEditable(trade.TradeKind.SALES_ORDER, "SO-1", "Approved"),
    transfer.ApprovalNeeded("TR-1"),
    transfer.ArrivalInvalid(1, "MILK", "more than was sent"),
    transfer.OwnApproval("rudo", "TR-1"),
    transfer.RequestNeeded("rudo"),
    transfer.SameWarehouse("SHOP1"),
)

EXITS = {
    errors.InvalidInput: 2,
    errors.NotFound: 2,
    errors.NotAllowed: 3,
    errors.Conflict: 3,
    errors.RuleBroken: 3,
    errors.OutcomeUnknown: 4,
    errors.Unavailable: 5,
}


def below(kind: type[PosError]) -> Iterator[type[PosError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def concrete() -> set[type[PosError]]:
    for module in pkgutil.iter_modules(pos_app.domain.__path__):
        importlib.import_module(f"pos_app.domain.{module.name}")
    homes = ("pos_app.domain", "pos_app.errors")
    ours = [kind for kind in below(PosError) if kind.__module__.startswith(homes)]
    return {kind for kind in ours if kind not in EXITS and not kind.__name__.startswith("_")}


def test_every_concrete_error_has_a_sample() -> None:
    assert concrete() == {type(sample) for sample in SAMPLES}


def test_codes_are_unique_and_fit_the_wire() -> None:
    kinds: set[type[PosError]] = {*concrete(), *EXITS, PosError}
    codes = [kind.code for kind in kinds]
    assert len(codes) == len(set(codes))
    for code in codes:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_the_sentence_ends_with_what_to_do(sample: PosError) -> None:
    assert sample.sentence == str(sample)
    what, colon, remedy = sample.sentence.rpartition(": ")
    assert colon
    assert what[0].isupper() or what[0] in "'123456789" or what.startswith("rudo")
    assert len(remedy.split()) >= 2
    assert sample.sentence.endswith(".")
    assert not sample.sentence.endswith("..")
    assert "\n" not in sample.sentence
    assert len(sample.sentence) < 220


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_the_exit_code_follows_the_tree(sample: PosError) -> None:
    (branch,) = [kind for kind in EXITS if isinstance(sample, kind)]
    assert sample.exit_code == EXITS[branch]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_errors_survive_pickling(sample: PosError) -> None:
    again = pickle.loads(pickle.dumps(sample))
    assert (type(again), again.sentence, again.details) == (
        type(sample), sample.sentence, sample.details,
    )  # fmt: skip


def test_details_are_ready_for_json() -> None:
    error = errors.InvalidInput(
        "x",
        amount=Decimal("1E+2"),
        flag=True,
        none=None,
        count=3,
        rows=(Decimal("1.50"), {"a": USD}),
    )
    assert error.details == {
        "amount": "100",
        "flag": True,
        "none": None,
        "count": 3,
        "rows": ["1.50", {"a": "1.00"}],
    }


def test_a_reference_without_a_receipt_is_still_named() -> None:
    assert "already in use" in errors.ReferenceConflict("R1").sentence
