"""What the customer sees while somebody sells."""

from __future__ import annotations

from dataclasses import replace

from printing.display import DisplayText
from tests.tui.grocer import MANAGER_PIN

MAZOE, FLOUR = "6001234567890", "6009801234567"


class Glass:
    """A display that remembers."""

    def __init__(self) -> None:
        self.seen: list[DisplayText | str] = []

    def show(self, text: DisplayText) -> None:
        self.seen.append(text)

    def finish(self, text: DisplayText) -> None:
        self.seen += [text, "end"]

    def greet(self) -> None:
        self.seen.append("greeting")


async def test_lines_total_and_change(person):
    till = await person()
    glass = Glass()
    till.app._interior = replace(till.app._interior, customer=glass)
    await till.scan(MAZOE)
    await till.until(lambda: DisplayText("1x3.20 Mazoe Orange Crush 2 l",
                                         "TOTAL       3.20 USD") in glass.seen)  # fmt: skip
    await till.scan(FLOUR)
    await till.until(lambda: any("Gloria" in str(text) for text in glass.seen))
    await till.type("+")
    await till.at("TenderScreen")
    await till.until(lambda: DisplayText("TOTAL       5.19 USD",
                                         "          140.13 ZIG") in glass.seen)  # fmt: skip
    await till.type("10\r")
    await till.at("SaleScreen")
    end = glass.seen.index("end")
    assert glass.seen[end - 1] == DisplayText("TOTAL       5.19 USD", "Change      4.81 USD")
    assert glass.seen[-1] == "greeting"


async def test_a_cancelled_sale_is_gone_from_the_glass(person):
    till = await person()
    glass = Glass()
    till.app._interior = replace(till.app._interior, customer=glass)
    till.enter("farai", MANAGER_PIN)
    await till.settle()
    await till.scan(MAZOE)
    await till.until(lambda: any("Mazoe" in str(text) for text in glass.seen))
    await till.press("ctrl+x")
    await till.at("Ask")
    await till.type("Gone\r")
    await till.at("SaleScreen")
    await till.until(lambda: glass.seen[-1] == "greeting")
