"""The fiscal day: opened and closed once, settled by reading, and reconciled figure by figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fiscal.errors import OutcomeUnknown, Unavailable
from pos_app.domain.fiscal_day import (
    DayState,
    FiscalDayAlready,
    FiscalDayBusy,
    FiscalDayOver,
    FiscalDayShut,
    FiscalStepPending,
    StepState,
)
from pos_app.domain.limit import ReasonMissing
from pos_app.domain.note import WantedLine
from pos_app.domain.permission import PermissionMissing
from pos_app.errors import RecordNotFound
from pos_app.services import fiscal, fiscal_day, fiscal_standing, refund, shift
from pos_app.services.fiscal_day import FiscalDay
from pos_app.services.refund import AskedNote
from pos_app.store import audit
from pos_app.store.engine import Store
from tests import shops
from tests.counter import SUBMIT, Counter, counter

TOGGLE = "GET ZReport"
MANAGER = shops.actor("manager")


def with_rules(till: Counter, **changes: Any) -> Counter:
    rules = till.shop.rules
    till.shop = replace(till.shop, rules=replace(rules, fiscal=replace(rules.fiscal, **changes)))
    return till


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    """A till on a new fiscal day of its own, which nothing closes but people."""
    return opened(counter(sqlite_store))


@pytest.fixture
def any_till(store: Store) -> Counter:
    return opened(counter(store))


def opened(till: Counter) -> Counter:
    with_rules(till, closes_at=None)
    till.driver.close_day()
    till.shop.clock.sleep(2)
    till.file()
    fiscal_day.open_day(till.shop, MANAGER)
    till.file()
    assert fiscal_day.standing(till.shop).state is DayState.OPEN
    return till


def close(till: Counter) -> FiscalDay:
    fiscal_day.close_day(till.shop, MANAGER)
    till.file_all()
    return fiscal_day.z(till.shop, MANAGER)


def toggles(till: Counter) -> int:
    return till.calls(TOGGLE)


def days(till: Counter) -> list[tuple[int, str]]:
    return [(row["number"], row["status"]) for row in till.box.ledger()["days"]]


def test_a_day_closes_with_a_z_that_is_the_sum_of_its_receipts(any_till: Counter) -> None:
    till = any_till
    till.sell("MILK", "BREAD", "BOOK")
    till.sell("MILK", currency="ZIG")
    till.sell("BANANA")
    till.file_all()
    day = close(till)
    assert (day.fiscal_day, day.is_z, day.differences, day.is_clean) == (2, True, (), True)
    assert day.device is not None
    assert day.device.receipts == day.till.receipts == 3
    assert [(row.name, str(row.net), str(row.tax)) for row in day.till.taxes] == [
        (row.name, str(row.net), str(row.tax)) for row in day.device.taxes
    ]
    assert (day.opened_by, day.closed_by) == ("manager", "manager")
    assert fiscal_day.standing(till.shop).state is DayState.CLOSED
    assert fiscal_day.standing(till.shop).unsigned == ()


def test_the_shifts_of_a_day_stand_beside_its_figures(till: Counter) -> None:
    till.sell("MILK")
    till.file_all()
    shift.close_shift(till.shop, shops.actor(), [])
    shops.open_till(till.shop)
    till.sell("BREAD")
    till.file_all()
    day = close(till)
    assert [(part.number, part.receipts) for part in day.shifts] == [(1, 1), (2, 1)]
    late = till.sell("BOOK")
    till.file_all()
    day = fiscal_day.z(till.shop, MANAGER, 2)
    assert day.shifts[1].elsewhere == (f"{late.receipt} (day 3)",)


def test_credit_notes_are_taken_off_on_every_side(till: Counter) -> None:
    sold = till.sell("MILK", "BREAD")
    till.sell("BOOK")
    till.file_all()
    wanted = AskedNote(
        id=till.shop.ids.new(),
        receipt=sold.receipt,
        reason="damaged",
        lines=(WantedLine(line=1, quantity=Decimal(1)),),
        tender="cash",
    )
    refund.post(till.shop, shops.actor(), wanted)
    till.file_all()
    day = close(till)
    assert (day.differences, day.till.receipts) == ((), 3)
    kinds = {row.kind: (row.count, str(row.total)) for row in day.till.documents}
    assert kinds == {"invoice": (2, "15.49"), "credit": (1, "-1.99")}
    assert sum((row.tax.amount for row in day.till.taxes), Decimal(0)) == 0


def test_an_x_reading_changes_nothing(till: Counter) -> None:
    till.sell("MILK")
    till.file_all()
    before = till.calls("")
    x = fiscal_day.x(till.shop, shops.actor())
    assert (x.till.receipts, x.closed_at, x.differences) == (1, None, ())
    (figure,) = x.till.taxes
    assert (figure.name, str(figure.net), str(figure.tax)) == ("USD 15.5 %", "1.72", "0.27")
    assert str(figure.gross) == "1.99"
    assert till.calls("") == before


@pytest.mark.parametrize("state", ["intent", "unknown", "disputed"])
def test_a_day_is_not_closed_while_a_receipt_is_open_and_the_receipt_is_named(
    till: Counter, state: str
) -> None:
    sold = till.sell("MILK")
    if state == "unknown":
        till.breaks("power_cut_after_commit", SUBMIT, seconds=30)
        till.file()
    if state == "disputed":
        till.file_elsewhere(sold.receipt, price="7.00")
        till.file_all()
    assert till.state(sold) == state
    with pytest.raises(FiscalDayBusy) as refused:
        fiscal_day.close_day(till.shop, MANAGER)
    assert sold.receipt in refused.value.sentence
    assert fiscal_day.standing(till.shop).blocking == (sold.receipt,)
    assert toggles(till) == 2


def test_a_sale_that_comes_before_the_closing_is_done_is_filed_first(till: Counter) -> None:
    till.file()
    step = fiscal_day.close_day(till.shop, MANAGER)
    sold = till.sell("MILK")
    till.file_all()
    assert till.state(sold) == "fiscalised"
    assert till.row(sold)["fiscal_day"] == 2
    assert fiscal_day.step(till.shop, step.id).state is StepState.DONE
    assert fiscal_day.z(till.shop, MANAGER).till.receipts == 1


@pytest.mark.parametrize(
    "fault", ["commit_then_silence", "power_cut_after_commit", "power_cut_mid_reply", "old_reply"]
)
def test_a_closing_whose_answer_is_lost_is_settled_by_reading(till: Counter, fault: str) -> None:
    """One closing, and the device's own words of each receipt take the place of the lost Z."""
    till.sell("MILK", "BREAD")
    till.file_all()
    before = toggles(till)
    till.breaks(fault, TOGGLE, seconds=30)
    day = close(till)
    assert toggles(till) == before + 1
    assert days(till)[-1] == (2, "FiscalDayClosed")
    assert (day.fiscal_day, day.closed_by, day.differences) == (2, "manager", ())
    assert day.device is not None
    assert day.device.taxes == day.till.taxes


@pytest.mark.parametrize("fault", ["drop_before", "power_cut_before_commit"])
def test_a_closing_that_did_not_happen_is_told_again_once(till: Counter, fault: str) -> None:
    till.sell("MILK")
    till.file_all()
    before = toggles(till)
    till.breaks(fault, TOGGLE, seconds=30)
    day = close(till)
    assert toggles(till) == before + 2
    assert (day.fiscal_day, day.is_z, day.differences) == (2, True, ())
    assert days(till)[-1] == (2, "FiscalDayClosed")


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("wanted", ["open", "close"])
def test_dying_around_the_call_costs_no_second_toggle(
    till: Counter, wanted: str, *, is_told: bool
) -> None:
    """SENT is on disk; whether the device heard of it is read when the till is back."""
    if wanted == "open":
        close(till)
        fiscal_day.open_day(till.shop, MANAGER)
    else:
        fiscal_day.close_day(till.shop, MANAGER)

    class Dead(BaseException):
        pass

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(till.driver, name)

        def open_day(self) -> Any:
            if is_told:
                till.driver.open_day()
            raise Dead

        def close_day(self) -> Any:
            if is_told:
                till.driver.close_day()
            raise Dead

    before = toggles(till)
    with pytest.raises(Dead):
        fiscal.work(till.shop, Dying())  # type: ignore[arg-type]
    till.restart()
    till.file_all()
    till.shop.clock.sleep(5)
    till.file_all()
    assert toggles(till) == before + 1
    expected = (3, "FiscalDayOpened") if wanted == "open" else (2, "FiscalDayClosed")
    assert days(till)[-1] == expected
    standing = fiscal_day.standing(till.shop)
    assert standing.step is not None
    assert standing.step.state is StepState.DONE
    assert standing.unsigned == ()


def test_a_step_in_doubt_holds_receipts_back_until_it_is_read_up(till: Counter) -> None:
    """A receipt must not open the day again that is just being closed."""
    fiscal_day.close_day(till.shop, MANAGER)
    silent = _Silent(till)
    fiscal.work(till.shop, silent)  # type: ignore[arg-type]
    sold = till.sell("MILK")
    till.shop.clock.sleep(60)
    worked = fiscal.work(till.shop, silent)  # type: ignore[arg-type]
    assert worked.problem
    assert till.state(sold) == "intent"
    till.file_all()
    assert till.row(sold)["fiscal_day"] == 3
    assert days(till)[-2:] == [(2, "FiscalDayClosed"), (3, "FiscalDayOpened")]


class _Silent:
    """Closes the day, and then nothing more is heard of it."""

    def __init__(self, till: Counter) -> None:
        self._till, self._is_gone = till, False

    def __getattr__(self, name: str) -> Any:
        if self._is_gone:
            raise Unavailable("it is switched off")
        return getattr(self._till.driver, name)

    def close_day(self) -> Any:
        self._till.driver.close_day()
        self._is_gone = True
        raise OutcomeUnknown("it went silent")


def test_the_same_is_not_asked_twice_and_not_for_nothing(till: Counter) -> None:
    with pytest.raises(FiscalDayAlready):
        fiscal_day.open_day(till.shop, MANAGER)
    fiscal_day.close_day(till.shop, MANAGER)
    with pytest.raises(FiscalStepPending):
        fiscal_day.close_day(till.shop, MANAGER)
    with pytest.raises(ReasonMissing):
        fiscal_day.cancel(till.shop, MANAGER, reason=" ")
    fiscal_day.cancel(till.shop, MANAGER, reason="a customer is waiting")
    till.file()
    assert days(till)[-1] == (2, "FiscalDayOpened")
    close(till)
    with pytest.raises(FiscalDayAlready):
        fiscal_day.close_day(till.shop, MANAGER)


def test_a_cashier_may_read_and_not_close(till: Counter) -> None:
    with pytest.raises(PermissionMissing):
        fiscal_day.close_day(till.shop, shops.actor())
    assert fiscal_day.x(till.shop, shops.actor()).till.receipts == 0


def test_l13_people_are_warned_and_then_nothing_is_sold_until_the_day_is_closed(
    till: Counter,
) -> None:
    """ZIMRA FDMS 7.2, taxPayerDayMaxHrs and its warning (production lesson L13)."""
    till.shop.clock.sleep(22 * 3600 - 60)
    assert fiscal_day.standing(till.shop).state is DayState.OPEN
    till.shop.clock.sleep(60)
    now = fiscal_day.standing(till.shop)
    assert (now.state, now.time_left) == (DayState.WARNED, timedelta(hours=2))
    till.sell("MILK")
    till.file_all()
    till.shop.clock.sleep(2 * 3600)
    till.file()
    assert fiscal_day.standing(till.shop).state is DayState.OVER
    with pytest.raises(FiscalDayOver) as refused:
        till.sell("MILK")
    assert "close it" in refused.value.sentence
    assert fiscal_standing.standing(till.shop).readiness == "blocked"
    close(till)
    till.sell("MILK")
    till.file_all()
    assert days(till)[-1] == (3, "FiscalDayOpened")


def test_a_shop_that_closes_itself_is_only_refused_for_a_moment(till: Counter) -> None:
    with_rules(till, closes_at=time(20, 0))
    till.shop.clock.sleep(24 * 3600)
    with pytest.raises(FiscalDayOver):
        till.sell("MILK")
    till.file_all()
    till.sell("MILK")
    till.file_all()
    assert days(till)[-2:] == [(2, "FiscalDayClosed"), (3, "FiscalDayOpened")]


def test_a_shop_that_opens_by_hand_sells_nothing_on_a_closed_day(till: Counter) -> None:
    with_rules(till, opens_itself=False)
    close(till)
    with pytest.raises(FiscalDayShut):
        till.sell("MILK")
    fiscal_day.open_day(till.shop, MANAGER)
    till.file_all()
    till.sell("MILK")


def test_the_evening_closes_the_day_after_the_last_shift(till: Counter) -> None:
    """The clock stands at 08:00 in the shop; the day is to be closed from 20:00 on."""
    with_rules(till, closes_at=time(20, 0))
    till.sell("MILK")
    till.file_all()
    assert fiscal_day.standing(till.shop).closes_at == shops.MORNING + timedelta(hours=12)
    till.shop.clock.sleep(11 * 3600)
    shift.close_shift(till.shop, shops.actor(), [])
    till.file_all()
    assert days(till)[-1] == (2, "FiscalDayOpened"), "the hour has not come"
    shops.open_till(till.shop)
    till.shop.clock.sleep(2 * 3600)
    till.file_all()
    assert days(till)[-1] == (2, "FiscalDayOpened"), "somebody still sells"
    shift.close_shift(till.shop, shops.actor(), [])
    till.file_all()
    assert days(till)[-1] == (2, "FiscalDayClosed")
    assert fiscal_day.z(till.shop, MANAGER).closed_by == "till"


def test_an_open_shift_does_not_keep_the_day_open_to_its_legal_end(till: Counter) -> None:
    with_rules(till, closes_at=time(20, 0))
    till.sell("MILK")
    till.file_all()
    till.shop.clock.sleep(22 * 3600)
    till.file_all()
    assert days(till)[-1] == (2, "FiscalDayClosed")


def test_the_evening_waits_for_a_receipt_in_doubt(till: Counter) -> None:
    with_rules(till, closes_at=time(20, 0))
    shift.close_shift(till.shop, shops.actor(), [])
    shops.open_till(till.shop)
    sold = till.sell("MILK")
    till.file_elsewhere(sold.receipt, price="7.00")
    till.file_all()
    shift.close_shift(till.shop, shops.actor(), [])
    till.shop.clock.sleep(13 * 3600)
    worked = till.file()
    assert sold.receipt in worked.problem
    assert days(till)[-1] == (2, "FiscalDayOpened")


def test_a_day_closed_by_somebody_else_is_noticed_and_signed(till: Counter) -> None:
    """A foreign Z: the day moved, and no step of this till moved it."""
    till.sell("MILK")
    till.file_all()
    till.driver.close_day()
    till.shop.clock.sleep(61)
    till.file()
    day = fiscal_day.z(till.shop, MANAGER)
    assert (day.closed_by, day.is_foreign, day.is_z) == ("elsewhere", True, False)
    assert fiscal_day.standing(till.shop).unsigned == (2,)
    with pytest.raises(ReasonMissing):
        fiscal_day.sign(till.shop, MANAGER, 2, note="")
    signed = fiscal_day.sign(till.shop, MANAGER, 2, note="the technician closed it")
    assert (signed.signed_by, signed.note) == ("manager", "the technician closed it")
    assert fiscal_day.standing(till.shop).unsigned == ()


def test_a_day_closed_and_opened_by_somebody_else_is_noticed(till: Counter) -> None:
    till.driver.close_day()
    till.shop.clock.sleep(1)
    till.driver.open_day()
    sold = till.sell("MILK")
    till.file_all()
    assert till.row(sold)["fiscal_day"] == 3
    history = fiscal_day.history(till.shop, MANAGER)
    assert [(day.fiscal_day, day.is_foreign) for day in history[:2]] == [(3, True), (2, True)]
    assert set(fiscal_day.standing(till.shop).unsigned) == {2, 3}


def test_a_difference_is_named(till: Counter) -> None:
    till.sell("MILK")
    till.file_all()

    class Cheating:
        def __getattr__(self, name: str) -> Any:
            return getattr(till.driver, name)

        def close_day(self) -> Any:
            report = till.driver.close_day()
            (usd,) = report.currencies
            (total,) = usd.totals
            less = replace(total, net=total.net - Decimal("0.10"))
            return replace(report, currencies=(replace(usd, totals=(less,)),))

    fiscal_day.close_day(till.shop, MANAGER)
    fiscal.work(till.shop, Cheating())  # type: ignore[arg-type]
    day = fiscal_day.z(till.shop, MANAGER)
    assert [found.sentence for found in day.differences] == [
        "USD 15.5 % net: the device says 1.62 and the till 1.72."
    ]
    assert fiscal_day.standing(till.shop).unsigned == (2,)
    with till.shop.store.read() as connection:
        closed = [row for row in audit.walk(connection) if row["action"] == "fiscal.close_day"]
    assert closed[-1]["details"]["differences"] == [day.differences[0].sentence]


def test_a_receipt_the_till_does_not_know_of_is_a_named_difference(till: Counter) -> None:
    till.sell("MILK")
    till.file_all()
    till.file_elsewhere("T01-000002")
    till.shop.clock.sleep(61)
    till.file()
    day = close(till)
    assert day.found == ("T01-000002",)
    assert {found.what for found in day.differences} == {
        "USD 15.5 % net",
        "USD 15.5 % tax",
        "receipts",
    }


def test_the_authority_may_refuse_to_close(till: Counter) -> None:
    """CloseFailed: selling goes on, and the manager is told (ZIMRA FDMS 7.2, fiscal day)."""

    class Failing:
        def __getattr__(self, name: str) -> Any:
            return getattr(till.driver, name)

        def close_day(self) -> Any:
            raise OutcomeUnknown("it went silent")

        def day_status(self) -> Any:
            return replace(till.driver.day_status(), status="FiscalDayCloseFailed")

    step = fiscal_day.close_day(till.shop, MANAGER)
    failing = Failing()
    for _ in range(3):
        fiscal.work(till.shop, failing)  # type: ignore[arg-type]
        till.shop.clock.sleep(5)
    ended = fiscal_day.step(till.shop, step.id)
    assert ended.state is StepState.REFUSED
    assert "did not accept" in ended.problem
    till.sell("MILK")


def test_what_is_not_there_is_said(till: Counter) -> None:
    with pytest.raises(RecordNotFound):
        fiscal_day.z(till.shop, MANAGER, 99)
    with pytest.raises(RecordNotFound):
        fiscal_day.step(till.shop, "nothing")
    close(till)
    with pytest.raises(RecordNotFound):
        fiscal_day.x(till.shop, MANAGER)


def test_a_till_that_never_met_its_device_says_so(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    now = fiscal_day.standing(till.shop)
    assert (now.state, now.device_id, now.fiscal_day) == (DayState.UNKNOWN, "", None)


@pytest.mark.parametrize("fault", ["", "commit_then_silence"])
def test_a_closing_the_authority_has_not_judged_yet_is_ours_when_it_ends(
    till: Counter, fault: str
) -> None:
    """All is delivered but the closing itself: the device says "in progress" and ends it later."""
    till.sell("MILK")
    till.file_all()
    till.box.change({"network": False})
    if fault:
        till.breaks(fault, TOGGLE)
    step = fiscal_day.close_day(till.shop, MANAGER)
    till.file_all(seconds=600)
    assert till.box.ledger()["days"][-1]["status"] == "FiscalDayCloseInitiated"
    waiting = fiscal_day.step(till.shop, step.id)
    assert waiting.state is StepState.SENT
    assert "still closing" in waiting.problem
    till.box.change({"network": True})
    till.shop.clock.sleep(60)
    till.file_all()
    day = fiscal_day.z(till.shop, MANAGER)
    assert (day.closed_by, day.is_foreign, day.differences) == ("manager", False, ())
    assert toggles(till) == 3, "closed before the test, opened, and closed once"
