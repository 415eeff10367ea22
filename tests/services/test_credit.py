"""Sales on account at the till: who may, whose account, and how far, offline too."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pos_app.domain.limit import Approval, ApprovalMismatch, ApprovalNeeded, Limit, Rule, approve
from pos_app.domain.money import Money
from pos_app.domain.partner import AboveLimit, AccountNeedsCustomer
from pos_app.domain.permission import Actor, PermissionMissing, Role
from pos_app.domain.sale import Sale
from pos_app.domain.tender import TenderType
from pos_app.services import basket, credit, partner, quick_sale, sale, tender
from pos_app.services.ledger import told
from pos_app.services.quick_sale import Consent, WantedLine, WantedSale, WantedTender
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import partner as partners
from pos_app.store import sale as sales
from pos_app.store.engine import Store
from tests import shops

ACCOUNT = TenderType("account", "Account", 4, "account", ("USD", "ZIG"))
MANAGER = Limit(Rule.CREDIT, Role.MANAGER, Decimal(20), "USD")


@pytest.fixture
def till(sqlite_store: Store) -> Shop:
    return opened(sqlite_store)


def opened(store: Store, **changes: object) -> Shop:
    usual = shops.shop_rules()
    kinds = (*usual.tender_types, ACCOUNT)
    made = shops.open_shop(store, tender_types=kinds, limits=(*usual.limits, MANAGER), **changes)
    shops.open_till(made)
    limited(made)
    return made


def limited(till: Shop, *, limit: str | None = "10", balance: str | None = "0") -> None:
    """What the books say of the customer now."""
    with till.store.write() as connection:
        known = partners.by_code(connection, "C0001")
        assert known is not None
        owes = None if balance is None else Money.of(balance, "USD")
        most = None if limit is None else Money.of(limit, "USD")
        row = replace(known, credit_limit=most, balance=owes)
        partners.put(connection, [row], at=till.clock.now())


def filled(till: Shop, quantity: int, customer: str = "C0001") -> Sale:
    """So many loaves at 1.00 for a customer."""
    buyer = partner.get(till, customer) if customer else None
    made = basket.start(till, shops.actor(), partner=buyer)
    return basket.add(till, shops.actor(), made, "BREAD", quantity=Decimal(quantity))


def owe(
    till: Shop,
    wanted: int | Sale,
    *approvals: Approval,
    customer: str = "C0001",
    actor: Actor | None = None,
) -> Posted:
    made = wanted if isinstance(wanted, Sale) else filled(till, wanted, customer)
    tenders = [tender.make(till, "account", made.total)]
    return sale.post(till, actor or shops.actor(), made, tenders, approvals=approvals)


def test_own_sales_the_balance_does_not_hold_yet_count(till: Shop) -> None:
    owe(till, 6)
    with pytest.raises(ApprovalNeeded, match=r"3\.00 USD is not yours to do"):
        owe(till, 7)
    cash = filled(till, 9)
    sale.post(till, shops.actor(), cash, [tender.make(till, "cash", cash.total)])
    mixed = filled(till, 9)
    parts = [tender.make(till, "account", Money.of("4", "USD"))]
    parts.append(tender.make(till, "cash", Money.of("5", "USD")))
    sale.post(till, shops.actor(), mixed, parts)
    with pytest.raises(ApprovalNeeded, match=r"1\.00 USD"):
        owe(till, 1)


@pytest.mark.parametrize(("books", "left"), [("", 4), (told.OWN, 10)])
def test_what_the_books_took_counts_until_the_balance_is_told_anew(
    till: Shop, books: str, left: int
) -> None:
    first = owe(till, 6)
    with till.store.write() as connection:
        setting.write(connection, told.KEPT, books)
        till.clock.sleep(60)
        at = till.clock.now()
        sales.set_status(
            connection, sale_id=first.sale_id, in_sap="done", at=at, doc_entry=1, doc_num=1
        )
    with pytest.raises(ApprovalNeeded):
        owe(till, left + 1)
    till.clock.sleep(60)
    limited(till, balance="6")
    owe(till, 4)


def test_a_limit_without_a_known_balance_leaves_nothing_and_no_limit_everything(
    till: Shop,
) -> None:
    limited(till, balance=None)
    with pytest.raises(ApprovalNeeded):
        owe(till, 1)
    limited(till, limit=None)
    owe(till, 50)


def test_a_manager_lets_one_sale_go_above_it_by_what_was_agreed(till: Shop) -> None:
    made = filled(till, 12)
    with pytest.raises(ApprovalNeeded) as needed:
        owe(till, made)
    assert needed.value.details["asked"] == "2.00"

    def agreed(amount: str) -> Approval:
        return approve(
            Rule.CREDIT,
            Decimal(amount),
            approver=shops.actor("manager"),
            cashier=shops.actor(),
            limits=till.rules.limits,
            sale_id=made.id,
            reason="pays on Friday",
            at=till.clock.now(),
            currency="USD",
        )

    with pytest.raises(ApprovalMismatch):
        owe(till, made, agreed("1.00"))
    posted = owe(till, made, agreed("2.00"))
    with till.store.read() as connection:
        (event,) = audit.about(connection, posted.receipt)
    assert event["details"]["above_credit_limit"] == "2.00 USD"
    assert (event["details"]["approver"], event["details"]["reason"]) == (
        "manager",
        "pays on Friday",
    )
    with pytest.raises(ApprovalNeeded, match=r"4\.00 USD"):
        owe(till, 2)


def test_who_may_not_sell_on_account_does_not(till: Shop) -> None:
    cashier = shops.actor()
    without = replace(cashier, permissions=cashier.permissions - {"sale.on_account"})
    with pytest.raises(PermissionMissing):
        owe(till, 1, actor=without)
    made = filled(till, 1)
    sale.post(till, without, made, [tender.make(till, "cash", made.total)])


@pytest.mark.parametrize("customer", ["", "C0000"])
def test_nobody_in_particular_has_no_account(till: Shop, customer: str) -> None:
    with pytest.raises(AccountNeedsCustomer):
        owe(till, 1, customer=customer)
    made = filled(till, 2, customer)
    with pytest.raises(AccountNeedsCustomer):
        tender.preview(till, made, [tender.make(till, "account", Money.of("1", "USD"))])


@pytest.mark.parametrize("above", [AboveLimit.WARN, AboveLimit.IGNORE])
def test_a_shop_may_only_warn_or_not_look(sqlite_store: Store, above: AboveLimit) -> None:
    till = opened(sqlite_store, above_limit=above)
    posted = owe(till, 12)
    with till.store.read() as connection:
        (event,) = audit.about(connection, posted.receipt)
    assert ("above_credit_limit" in event["details"]) == (above is AboveLimit.WARN)
    assert (credit.warned(till, posted.receipt) is None) == (above is AboveLimit.IGNORE)


@pytest.mark.parametrize(
    ("limits", "quantity", "said"),
    [
        ({}, 12, "may owe 10.00 USD, owes 0.00 USD, and this sale adds 12.00 USD: 2.00 USD above"),
        ({"balance": "9"}, 3, "owes 9.00 USD, and this sale adds 3.00 USD: 2.00 USD above"),
        ({"balance": "15"}, 1, "owes 15.00 USD, and this sale adds 1.00 USD: 6.00 USD above"),
        ({"balance": None}, 1, "owes an amount nobody knows, and this sale adds 1.00 USD: 1.00"),
        ({}, 10, ""),
        ({"limit": None}, 99, ""),
    ],
)
def test_whoever_sells_sees_limit_owed_and_added_before_the_sale(
    sqlite_store: Store, limits: dict[str, str | None], quantity: int, said: str
) -> None:
    till = opened(sqlite_store, above_limit=AboveLimit.WARN)
    limited(till, **limits)
    made = filled(till, quantity)
    half = tender.make(till, "account", Money.of("0.50", "USD"))
    assert tender.preview(till, made, [half]).above is None
    above = tender.preview(till, made, [tender.make(till, "account", made.total)]).above
    assert said in above.sentence if above else not said
    assert tender.preview(till, made, [tender.make(till, "cash", made.total)]).above is None
    posted = owe(till, made)
    warned = credit.warned(till, posted.receipt)
    assert (warned or {}).get("message", "") == (above.sentence if above else "")


def test_a_shop_that_refuses_asks_for_a_manager_and_warns_of_nothing(till: Shop) -> None:
    made = filled(till, 12)
    assert tender.preview(till, made, [tender.make(till, "account", made.total)]).above is None


def test_a_sale_without_a_screen_brings_its_approval_along(till: Shop) -> None:
    wanted = WantedSale(
        user="cashier",
        pin=shops.PIN,
        lines=[WantedLine(item="BREAD", quantity=Decimal(12))],
        tenders=[WantedTender(type="account", currency="USD", amount=Decimal(12))],
        content="{}",
        customer="C0001",
    )
    with pytest.raises(ApprovalNeeded):
        quick_sale.sell(till, wanted)
    consent = Consent(user="manager", pin=shops.PIN, reason="pays on Friday")
    assert quick_sale.sell(till, replace(wanted, consent=consent)).receipt == "T01-000001"
