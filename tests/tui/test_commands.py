"""Keys as data, the look, the words: what needs no screen to be tested."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pos_app.domain.currency import Currency, CurrencyTable
from pos_app.domain.money import Money
from pos_app.errors import ConfigInvalid, PosError
from pos_app.tui import plain
from pos_app.tui.catalogue import EVERYWHERE, PLACES
from pos_app.tui.commands import bindings, checked, spoken
from pos_app.tui.money_entry import likely_notes, read_money
from pos_app.tui.pace import Pace
from pos_app.tui.theme import READABLE

TUI = Path(plain.__file__).parent
TABLE = CurrencyTable(
    (Currency("USD", "US dollar", "USD", "USD"), Currency("ZIG", "Gold", "ZWG", "ZIG"))
)


def check(keys: dict[str, str]) -> dict[str, str]:
    return checked(keys, PLACES, everywhere=EVERYWHERE)


def test_the_default_keys_are_unique_at_every_place():
    assert check({}) == {}


def test_keys_can_be_swapped():
    assert check({"sale.search": "F8", "sale.receipts": "f2"}) == {
        "sale.search": "f8", "sale.receipts": "f2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"sale.serch": "f2"}, "sale.serch"),
        ({"sale.search": "f3"}, "would both be on F3"),
        ({"sale.search": "f1"}, "would both be on F1"),
        ({"sale.search": "f13"}, "f13"),
        ({"sale.search": "alt+x"}, "alt+x"),
        ({"sale.search": ""}, "f1 to f12"),
        ({"sale.search": "ctrl+c"}, "Ctrl+C"),
        ({"sale.search": "a"}, "f1 to f12"),
        ({"sale.shift": "f10,ctrl+x"}, "Ctrl+X"),
    ],
)
def test_a_wrong_key_map_names_the_setting(keys, said):
    with pytest.raises(ConfigInvalid) as caught:
        check(keys)
    assert said in caught.value.sentence
    assert "keys.map." in caught.value.sentence


def test_every_command_has_a_label_a_sentence_and_its_place():
    for place, commands in PLACES.items():
        for command in commands:
            assert command.place == place
            assert 0 < len(command.label) <= 20, command.id
            assert command.help.endswith("."), command.id
            assert re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", command.id)


def test_function_keys_work_whatever_has_the_focus():
    by_id = {binding.id: binding for binding in bindings(PLACES["sale"])}
    assert by_id["sale.search"].priority
    assert not by_id["sale.correct"].priority
    assert spoken("ctrl+x") == "Ctrl+X"
    assert spoken("f9") == "F9"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("ink", "ground"), sorted(set(READABLE)))
def test_every_text_has_a_contrast_of_seven(ink, ground):
    light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 7


def test_every_style_sheet_is_one_block_of_its_screen():
    for sheet in sorted((TUI / "screens").glob("*.tcss")):
        text = sheet.read_text()
        depth, heads = 0, []
        for text_line in text.splitlines():
            if depth == 0 and text_line.strip():
                heads.append(text_line)
            depth += text_line.count("{") - text_line.count("}")
        name = "".join(part.title() for part in sheet.stem.split("_")) + "Screen"
        assert heads in ([f"{name} {{"], [f"{name} {{", "}"]), sheet.name
        assert len(text.splitlines()) <= 120


@given(st.text(max_size=60), st.integers(0, 40), st.sampled_from(["left", "right"]))
def test_fitted_text_has_exactly_its_width_and_nothing_unprintable(text, width, align):
    fitted = plain.fit(text, width, align=align)
    assert cell_len(fitted) == width
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", fitted)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7200, "2 h"), (86400 * 3, "3 d"),
     (-5, "0 s")],
)  # fmt: skip
def test_ages(seconds, said):
    assert plain.age(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3599.9, "60 min"), (3540.1, "60 min"), (3540, "59 min"), (60.5, "2 min"), (59.1, "1 min"),
     (0, "0 s"), (-5, "0 s"), (7200, "2 h")],
)  # fmt: skip
def test_what_is_left_counts_the_minute_that_has_begun(seconds, said):
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert plain.remaining(now + timedelta(seconds=seconds), now) == said


def test_amounts_quantities_and_prices_in_words():
    assert plain.amount(Money.of("1234567.5", "USD")) == "1,234,567.50"
    assert plain.quantity(Decimal("1.2340")) == "1.234"
    assert plain.quantity(Decimal("100")) == "100"
    assert plain.quantity(Decimal("0")) == "0"
    assert plain.price(Decimal("1.9")) == "1.90"
    assert plain.price(Decimal("0.123456")) == "0.123456"
    assert plain.price(Decimal("1000")) == "1,000.00"
    assert plain.percent(Decimal("12.50")) == "12.5 %"
    assert plain.count_of(1, "line") == "1 line"
    assert plain.count_of(2, "line") == "2 lines"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("20", "20.00 USD"), ("20.5", "20.50 USD"), (".5", "0.50 USD"), ("20 ZIG", "20.00 ZIG"),
     ("zwg 20", "20.00 ZIG"), ("007", "7.00 USD")],
)  # fmt: skip
def test_amounts_as_people_type_them(typed, read):
    assert read_money(typed, "USD", TABLE).label == read


@given(st.text(max_size=20))
def test_whatever_is_typed_is_an_amount_above_zero_or_a_refusal(text):
    with suppress(PosError):
        assert read_money(text, "USD", TABLE).minor > 0


def test_likely_notes_are_above_what_is_due_and_smallest_first():
    def notes(due: str) -> list[str]:
        return [str(money) for money in likely_notes(Money.of(due, "USD"))]

    assert notes("7.30") == ["10.00", "20.00", "50.00"]
    assert notes("20.00") == ["50.00", "100.00"]
    assert notes("123.40") == ["125.00", "130.00", "140.00"]


def test_the_worst_wait_is_of_the_day():
    today, now = [date(2026, 3, 2)], [100.0]
    pace = Pace(lambda: today[0], lambda: now[0])
    for since, worst in ((99.99, 0.01), (99.5, 0.5), (99.9, 0.5), (101.0, 0.5)):
        pace.painted(since)
        assert pace.worst == pytest.approx(worst)
    assert (pace.last, pace.count) == (0.0, 4)
    today[0] += timedelta(days=1)
    pace.painted(99.8)
    assert pace.worst == pytest.approx(0.2)


def test_times_are_told_in_the_zone_of_the_shop():
    moment = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    assert plain.clock_time(moment, "Africa/Harare") == "00:30"
    assert plain.day_and_time(moment, "Africa/Harare") == "02 Mar 00:30"


@pytest.mark.process
def test_the_screens_bring_no_web_framework_with_them():
    code = (
        "import sys; import pos_app.tui.app, pos_app.tui.screens.sale, pos_app.tui.screens.sign_in;"
        "print([name for name in ('fastapi', 'starlette', 'uvicorn', 'serial', 'escpos')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
