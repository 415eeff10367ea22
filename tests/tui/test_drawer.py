"""The drawer on the till: opened without a sale for a reason, and shown while it stands open."""

from __future__ import annotations

from datetime import timedelta

from pos_app.services.drawer.watch import DrawerWatch
from pos_app.services.shop import DrawerRules, PrinterRules
from pos_app.store import audit, drawer
from printing.profile import profile_named
from tests.tui.grocer import MANAGER_PIN

MAZOE = "6001234567890"
PRINTERS = (PrinterRules(url="memory://", profile=profile_named("80mm")),)
WITH_DRAWER = {"printers": PRINTERS, "drawer": DrawerRules(open_level=True)}


class Socket:
    """The printer's socket: counts pulses, says what pin 3 is told to be."""

    def __init__(self) -> None:
        self.pulses = 0
        self.is_high = False

    def kick(self) -> None:
        self.pulses += 1

    def drawer_pin(self) -> bool:
        return self.is_high


async def test_no_sale_asks_why_and_for_a_manager(person):
    till = await person(**WITH_DRAWER)
    await till.scan(MAZOE)
    await till.press("ctrl+n")
    await till.at("Ask")
    await till.type("\r")
    await till.until(lambda: "what the drawer is opened for" in till.notice)
    await till.type("Change for a 100\r")
    await till.at("ApprovalDialog")
    await till.type(f"farai\r{MANAGER_PIN}\rseen\r")
    await till.at("SaleScreen")
    await till.until(lambda: "The drawer opens" in till.notice)
    assert till.app.desk.has_lines
    with till.shop.store.read() as connection:
        (row,) = drawer.in_state(connection, "asked")
        head = audit.about(connection, row["id"])
    assert (row["reason"], row["approved_by"]) == ("Change for a 100", "farai")
    assert [event["action"] for event in head] == ["drawer.no_sale"]


async def test_without_the_yes_it_stays_shut(person):
    till = await person(**WITH_DRAWER)
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.press("f3")
    await till.at("Ask")
    await till.type("Coins\r")
    await till.at("ApprovalDialog")
    await till.press("escape")
    await till.until(lambda: "Not approved" in till.notice)
    with till.shop.store.read() as connection:
        assert drawer.in_state(connection, "asked") == []


async def test_a_till_without_a_drawer_has_no_such_key(person):
    till = await person()
    await till.press("f10")
    await till.at("ShiftScreen")
    assert "No sale" not in till.text
    await till.press("f3")
    await till.settle()
    await till.at("ShiftScreen")


async def test_an_open_drawer_is_shown_and_selling_goes_on(person, clock):
    till = await person(**WITH_DRAWER)
    socket = Socket()
    watch = DrawerWatch(till.shop, socket)
    socket.is_high = True
    watch.work()
    till.quiet.look()
    await till.sees("drawer open by itself")
    await till.scan(MAZOE)
    await till.until(lambda: till.app.desk.has_lines)
    socket.is_high = False
    clock.at += timedelta(seconds=2)
    watch.work()
    till.quiet.look()
    await till.until(lambda: "drawer open" not in till.text)
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.press("f6")
    await till.sees("1 without a sale, 1 by nobody's wish")


async def test_counting_opens_the_drawer(person):
    causes = frozenset({"shift"})
    till = await person(printers=PRINTERS, drawer=DrawerRules(causes=causes))
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.press("f9")
    await till.sees("Count everything in the drawer")

    def asked() -> int:
        with till.shop.store.read() as connection:
            return len(drawer.in_state(connection, "asked"))

    await till.until(lambda: asked() == 2)  # the opening of the shift, and its count
