"""The drawer: opened before any paper, on somebody's word, watched, and counted (lesson L100)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.drawer import Openings
from pos_app.domain.limit import Approval, ApprovalMismatch, ApprovalNeeded, Limit, Rule, approve
from pos_app.domain.money import Money
from pos_app.domain.permission import PermissionMissing
from pos_app.domain.shift import MovementKind, ShiftNotOpen, parse_counts
from pos_app.errors import InvalidInput
from pos_app.services import shift, shift_paper, status
from pos_app.services.check.invariants import check
from pos_app.services.drawer import no_sale, opening
from pos_app.services.drawer.no_sale import DrawerMissing
from pos_app.services.shop import DrawerRules, PrinterRules
from pos_app.store import audit
from pos_app.store import drawer as rows
from pos_app.store.engine import Store
from printing.profile import profile_named
from sandbox.fault import Fault
from tests import shops
from tests.counter import Counter, counter

ALL = frozenset({"sale", "refund", "shift", "cash"})
WATCHED = DrawerRules(causes=ALL, open_level=True)
ALONE = Limit(Rule.DRAWER_OPEN, "Cashier", Decimal(1))


@pytest.fixture
def till(store: Store) -> Counter:
    made = counter(store, drawer=WATCHED)
    made.drawer.work()  # opening the shift opened it
    shut(made)
    return made


def shut(till: Counter) -> None:
    """Somebody pushes it shut, and the till sees it."""
    till.shop.clock.sleep(10)
    till.drawer.work()
    till.shop.clock.sleep(10)


def pulses(till: Counter) -> int:
    return int(till.machine.ledger()["drawer_pulses"])


def openings(till: Counter) -> list[dict[str, Any]]:
    with till.shop.store.read() as connection:
        return [
            dict(row)
            for row in connection.execute(
                rows.drawer_openings.select().order_by(rows.drawer_openings.c.seq)
            ).mappings()
        ]


def events(till: Counter, action: str) -> list[dict[str, Any]]:
    with till.shop.store.read() as connection:
        found = connection.execute(audit.audit.select()).mappings()
        return [dict(row) for row in found if row["action"] == action]


def counted(till: Counter) -> Openings:
    return shift.x(till.shop, shops.actor()).openings


def test_a_cash_sale_opens_it_at_once_and_once(till: Counter) -> None:
    before = pulses(till)
    posted = till.sell("MILK", amount="20.00")
    till.drawer.work()  # nothing is filed yet, so nothing can be printed
    assert pulses(till) == before + 1
    till.drawer.work()
    till.file()
    till.print()
    assert pulses(till) == before + 1
    assert [job["state"] for job in till.jobs(posted)] == ["confirmed"]
    (row,) = [row for row in openings(till) if row["document_id"] == posted.sale_id]
    assert (row["cause"], row["state"], row["username"]) == ("sale", "sent", "cashier")


def test_only_what_is_configured_opens_it(store: Store) -> None:
    till = counter(store, drawer=DrawerRules(causes=frozenset({"cash"})))
    till.sell("MILK")
    till.print()
    assert pulses(till) == 0
    shift.move(till.shop, shops.actor(), MovementKind.LOAN, Money.of("5", "USD"), reason="Coins")
    till.print()
    assert pulses(till) == 1


def test_without_a_drawer_nothing_is_asked(store: Store) -> None:
    no_pin = PrinterRules(url="memory://", profile=replace(profile_named("80mm"), drawer_pin=None))
    till = counter(store, drawer=WATCHED, printers=(no_pin,))
    till.sell("MILK")
    assert openings(till) == []
    with pytest.raises(DrawerMissing):
        no_sale.no_sale(till.shop, shops.actor("manager"), "o1", reason="Coins")


def test_it_opens_without_paper(till: Counter) -> None:
    before = pulses(till)
    till.machine.set_condition("paper_out", is_on=True)
    till.sell("MILK", amount="20.00")
    till.print()
    assert pulses(till) == before + 1


def test_a_count_opens_it(till: Counter) -> None:
    before = pulses(till)
    opening.open_to_count(till.shop, shops.actor())
    till.drawer.work()
    assert pulses(till) == before + 1
    shift.close_shift(till.shop, shops.actor(), parse_counts("USD:20=2"))
    with pytest.raises(ShiftNotOpen):
        opening.open_to_count(till.shop, shops.actor())


def test_who_comes_too_late_opens_nothing(till: Counter) -> None:
    before = pulses(till)
    till.sell("MILK")
    till.shop.clock.sleep(16)
    till.drawer.work()
    assert pulses(till) == before
    assert openings(till)[-1]["state"] == "late"


def test_a_printer_that_is_gone_is_named_and_nothing_opens_later(till: Counter) -> None:
    before = pulses(till)
    till.jams("unplug")
    till.sell("MILK")
    till.drawer.work()
    assert openings(till)[-1]["state"] == "failed"
    assert "drawer did not open" in status.status(till.shop).drawer.problem
    till.machine.faults.replace([])
    till.drawer.work()
    assert pulses(till) == before
    till.shop.clock.sleep(60)
    assert status.status(till.shop).drawer.problem == ""


def test_no_sale_needs_a_reason_and_leaves_a_slip_and_an_audit(till: Counter) -> None:
    manager, before = shops.actor("manager"), pulses(till)
    with pytest.raises(InvalidInput, match="reason"):
        no_sale.no_sale(till.shop, manager, "o1", reason="  ")
    no_sale.no_sale(till.shop, manager, "o1", reason="Change for a 100")
    no_sale.no_sale(till.shop, manager, "o1", reason="Change for a 100")
    till.print()
    assert pulses(till) == before + 1
    (slip,) = [text for text in till.papers() if "DRAWER OPENED" in text]
    assert "Change for a 100" in slip
    (event,) = events(till, "drawer.no_sale")
    assert (event["actor"], event["details"]["reason"]) == ("manager", "Change for a 100")
    assert counted(till) == Openings(total=2, no_sale=1, unasked=0)


def test_a_cashier_needs_a_manager_for_exactly_this_opening(till: Counter) -> None:
    cashier, manager, shop = shops.actor(), shops.actor("manager"), till.shop
    with pytest.raises(ApprovalNeeded) as refused:
        no_sale.no_sale(shop, cashier, "o1", reason="Coins")
    assert "ask a manager" in str(refused.value)
    given = _approved(till, "o1")
    with pytest.raises(ApprovalMismatch):
        no_sale.no_sale(shop, cashier, "o2", reason="Coins", approvals=[given])
    no_sale.no_sale(shop, cashier, "o1", reason="Coins", approvals=[given])
    (event,) = events(till, "drawer.no_sale")
    assert event["details"]["approved_by"] == manager.username
    assert "Approved by: manager" in " ".join("\n".join(_printed(till)).split())


def _approved(till: Counter, opening_id: str) -> Approval:
    return approve(
        Rule.DRAWER_OPEN,
        Decimal(1),
        approver=shops.actor("manager"),
        cashier=shops.actor(),
        limits=till.shop.rules.limits,
        sale_id=opening_id,
        reason="Seen",
        at=till.shop.clock.now(),
    )


def _printed(till: Counter) -> list[str]:
    till.print()
    return [text for text in till.papers() if "DRAWER OPENED" in text]


def test_a_limit_lets_a_cashier_alone_and_a_role_without_the_permission_never(
    store: Store,
) -> None:
    till = counter(store, limits=(ALONE,))
    no_sale.no_sale(till.shop, shops.actor(), "o1", reason="Coins")
    with pytest.raises(PermissionMissing):
        no_sale.no_sale(till.shop, shops.actor("stock"), "o2", reason="Coins")


def test_a_drawer_nobody_asked_for_is_noted_once_and_shown_while_open(till: Counter) -> None:
    till.machine.faults.replace([Fault(do="drawer_open")])
    for _ in range(3):
        till.drawer.work()
        till.shop.clock.sleep(2)
    now = status.status(till.shop).drawer
    assert (now.is_open, now.cause) == (True, "unasked")
    (event,) = events(till, "drawer.unasked")
    assert event["actor"] == "cashier"
    till.sell("MILK")  # selling goes on
    till.drawer.work()
    till.machine.faults.replace([])
    shut(till)
    assert not status.status(till.shop).drawer.is_open
    assert counted(till).unasked == 1
    assert openings(till)[1]["closed_at"] is not None


def test_its_own_pulse_is_no_surprise(till: Counter) -> None:
    till.sell("MILK")
    till.drawer.work()
    till.shop.clock.sleep(2)
    till.drawer.work()
    now = status.status(till.shop).drawer
    assert (now.is_open, now.cause) == (True, "sale")
    shut(till)
    assert not status.status(till.shop).drawer.is_open
    assert events(till, "drawer.unasked") == []


def test_a_till_that_starts_before_an_open_drawer_takes_it_for_unasked_once(till: Counter) -> None:
    till.machine.faults.replace([Fault(do="drawer_open")])
    till.drawer.work()
    till.restart()
    till.drawer.work()
    assert len(events(till, "drawer.unasked")) == 1


@pytest.mark.parametrize("level", [None, False])
def test_a_drawer_of_the_other_polarity_or_none(till: Counter, level: bool | None) -> None:
    rules = replace(till.shop.rules, drawer=replace(WATCHED, open_level=level))
    till.shop = replace(till.shop, rules=rules)
    till.restart()
    till.drawer.work()  # the pin is low: open where low means open
    assert status.status(till.shop).drawer.is_open is (level is False)


def test_a_silent_printer_says_nothing_about_the_drawer(till: Counter) -> None:
    till.machine.faults.replace([Fault(do="drawer_open")])
    till.drawer.work()
    till.jams("silence")
    till.shop.clock.sleep(10)
    till.drawer.work()
    assert status.status(till.shop).drawer.is_open


def test_papers_of_the_shift_count_its_openings(till: Counter) -> None:
    no_sale.no_sale(till.shop, shops.actor("manager"), "o1", reason="Coins")
    opened = shift.current(till.shop)
    assert opened is not None
    shift_paper.print_shift(till.shop, shops.actor(), opened.id)
    till.print()
    (paper,) = [text for text in till.papers() if "SHIFT X" in text or "X REPORT" in text]
    lines = [" ".join(line.split()) for line in paper.splitlines()]
    assert {"Drawer opened 2", "Without a sale 1", "By nobody's wish 0"} <= set(lines)


def test_a_crash_after_the_row_sends_no_second_pulse(till: Counter) -> None:
    class Killed(BaseException):
        pass

    before = pulses(till)

    def dies() -> None:
        raise Killed

    till.sell("MILK")
    kick, till.printer.kick = till.printer.kick, dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        till.drawer.work()
    till.printer.kick = kick  # type: ignore[method-assign]
    till.restart()
    till.drawer.work()
    assert pulses(till) == before


def test_the_checker_holds_openings_and_audit_against_each_other(till: Counter) -> None:
    no_sale.no_sale(till.shop, shops.actor("manager"), "o1", reason="Coins")
    till.machine.faults.replace([Fault(do="drawer_open")])
    till.drawer.work()
    codes = ("drawer_unaudited", "drawer_opening_gone")
    assert [row for row in check(till.shop) if row.code in codes] == []
    with till.shop.store.write() as connection:
        table = rows.drawer_openings
        connection.execute(table.delete().where(table.c.id == "o1"))
        connection.execute(table.update().where(table.c.cause == "shift").values(cause="no_sale"))
    found = [row.code for row in check(till.shop) if row.code in codes]
    assert found == ["drawer_unaudited", "drawer_opening_gone"]
