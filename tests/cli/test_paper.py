"""`pos paper`: the file a person asks for, and what is refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pypdf import PdfReader

from tests import shops
from tests.cli.till import Ran, Till
from tests.fiscal.samples import make_box, served

INPUT, RULE, UNAVAILABLE = 2, 3, 5


@pytest.fixture
def filed(till: Till) -> Iterator[Till]:
    """A till with one filed sale; its printer is a folder."""
    box = make_box(till.clock)
    with served(box, till.folder, ways=("serial",)) as addresses:
        till.configure(device=f'"{addresses.serial}"')
        assert till.sell().code == 0
        yield till


def paper(till: Till, *arguments: str, pin: str = shops.PIN) -> Ran:
    return till.here("paper", *arguments, "--user", "manager", "--pin", pin)


def test_the_three_forms_follow_each_other_as_copies(filed: Till) -> None:
    out = filed.folder / "paper.pdf"
    made = paper(filed, "T01-000001", "--out", str(out))
    assert (made.code, made.err) == (0, "")
    assert "T01-000001" in made.out
    (page,) = PdfReader(out).pages
    assert "T01-000001" in page.extract_text()
    text = paper(filed, "T01-000001", "--as", "text")
    assert text.code == 0
    assert "*** COPY" in text.out
    assert "Thank you for shopping with us." in text.out
    raw = filed.folder / "paper.bin"
    assert paper(filed, "T01-000001", "--as", "escpos", "--out", str(raw)).code == 0
    assert raw.read_bytes().startswith(b"\x1b@")
    assert filed.here("check", "--json").code == 0


def test_what_cannot_be_made_is_told_in_one_sentence(filed: Till) -> None:
    for code, ran in (
        (INPUT, paper(filed, "T01-000009", "--as", "text")),
        (UNAVAILABLE, paper(filed, "T01-000001", "--out", str(filed.folder / "no" / "a.pdf"))),
        (INPUT, paper(filed, "T01-000001", "--as", "html")),
    ):
        assert ran.code == code, ran.err
        assert ran.out == ""
        assert "Traceback" not in ran.err
    assert paper(filed, "T01-000001", "--as", "text", pin="0000").code != 0


def test_nothing_comes_before_the_device_has_answered(till: Till) -> None:
    assert till.sell().code == 0
    ran = paper(till, "T01-000001", "--as", "text")
    assert ran.code == RULE
    assert "no fiscal record yet" in ran.err


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ({"texts": '{ totall = "x" }'}, "paper.texts"),
        ({"texts": '{ total = " " }'}, "paper.texts"),
        ({"language": '"xx"'}, "paper.language"),
        ({"layout": '"huge"'}, "paper.layout"),
        ({"logo": "256"}, "paper.logo"),
        ({"form": '"scroll"'}, "paper.kinds.delivery_note.form"),
        ({"leave_out": '["qr"]'}, "paper.kinds.delivery_note.leave_out"),
    ],
)
def test_wrong_settings_are_named(till: Till, lines: dict[str, str], named: str) -> None:
    till.configure(**lines)
    ran = paper(till, "T01-000001", "--as", "text")
    assert ran.code != 0
    assert named in ran.err


def test_settings_change_texts_layout_and_form(filed: Till) -> None:
    config = filed.config.read_text()
    config = config.replace('layout = "full"', 'layout = "compact"')
    config = config.replace("texts = { }", 'texts = { total = "ZVESE" }')
    head = "[paper.kinds.invoice]\n"
    own = 'form = "roll"\nleave_out = ["cashier"]\nfooter = ["Mazvita"]\n'
    config = config.replace(head, head + own)
    filed.config.write_text(config)
    out = filed.folder / "roll.pdf"
    assert paper(filed, "T01-000001", "--out", str(out)).code == 0
    (page,) = PdfReader(out).pages
    assert "ZVESE USD" in page.extract_text()
    assert "Description" not in page.extract_text()
    assert "Cashier" not in page.extract_text()
    assert "Mazvita" in page.extract_text()
    assert "Thank you for shopping" not in page.extract_text()


def test_kinds_of_paper_that_do_not_exist_are_named(till: Till) -> None:
    till.config.write_text(till.config.read_text() + "\n[paper.kinds.poster]\nheader = []\n")
    ran = paper(till, "T01-000001", "--as", "text")
    assert ran.code == INPUT
    assert "paper.kinds.poster" in ran.err
    assert "delivery_note" in ran.err


def test_a_sheet_to_count_a_warehouse_with(till: Till) -> None:
    told = paper(till, "--count", "SHOP1", "--as", "text")
    assert told.code == 0, told.err
    assert "COUNT SHEET" in told.out
    stock = {row[0]: row[2] for row in till.rows()["stock"]}
    (milk,) = [line for line in told.out.splitlines() if line.startswith("MILK ")]
    assert milk.split()[-2:] == [f"{stock['MILK'].normalize():f}", "________"]
    assert told.out.count("________\n") >= len(stock)
    out = till.folder / "count.pdf"
    assert paper(till, "--count", "SHOP1", "--blind", "--out", str(out)).code == 0
    shown = "".join(page.extract_text() for page in PdfReader(out).pages)
    assert "In books" not in shown
    assert "YOGHURT" in shown
    assert paper(till, "--count", "NOWHERE", "--as", "text").code == INPUT


def test_the_z_report_and_the_close_of_a_shift(filed: Till) -> None:
    who = ("--user", "manager", "--pin", shops.PIN)
    assert filed.here("fiscal", "close", *who).code == 0
    out = filed.folder / "z.pdf"
    made = paper(filed, "--day", "1", "--out", str(out))
    assert (made.code, made.err) == (0, "")
    (page,) = PdfReader(out).pages
    for wanted in ("Z REPORT", "DAILY TOTALS USD", "Total gross amount", "Invoices"):
        assert wanted in page.extract_text()
    assert "*** COPY 1 ***" in paper(filed, "--day", "1", "--as", "text").out
    assert paper(filed, "--day", "9", "--as", "text").code == INPUT
    assert filed.here("shift", "close", *who, "--count", "USD:20=1").code == 0
    close = paper(filed, "--shift", "1", "--as", "text")
    assert close.code == 0, close.err
    assert "SHIFT CLOSE" in close.out
    for wrong in ((), ("T01-000001", "--day", "1")):
        assert paper(filed, *wrong, "--as", "text").code == INPUT


def test_papers_of_deals_are_made_where_the_deals_are(till: Till) -> None:
    for asked in (["quotation"], ["order", "SO-1"], ["statement", "C0001"], ["T01-000001", "2"]):
        ran = paper(till, *asked, "--as", "text")
        assert ran.code == INPUT, ran.err
        assert ran.out == ""
    assert "for a server" in paper(till, "order", "SO-1", "--as", "text").err


def test_a_page_goes_to_the_office_as_a_copy(filed: Till) -> None:
    text = filed.config.read_text().replace('folder = ""', 'folder = "office"')
    filed.config.write_text(text)
    ran = paper(filed, "T01-000001", "--office")
    assert (ran.code, ran.err) == (0, "")
    assert "The office printer has" in ran.out
    (page,) = (filed.folder / "office").glob("T01-000001-*.pdf")
    assert page.read_bytes().startswith(b"%PDF")
    assert paper(filed, "--count", "SHOP1", "--office").code == 0
    assert len(list((filed.folder / "office").iterdir())) == 2
    assert paper(filed, "T01-000001", "--office", "--as", "text").code == INPUT


def test_a_page_nobody_takes_waits_and_is_told_of(filed: Till) -> None:
    command = 'command = ["/nowhere/lp", "{file}"]'
    filed.config.write_text(filed.config.read_text().replace("command = []", command))
    ran = paper(filed, "T01-000001", "--office")
    assert ran.code == 5
    assert "/nowhere/lp" in ran.err


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ({"command": '["lp", "-d", "Office"]'}, "office.command"),
        ({"command": '["lp", "{file}"]', "folder": '"office"'}, "office."),
        ({"goes_to": '["office"]'}, "paper.kinds.invoice.goes_to"),
    ],
)
def test_a_wrong_office_is_named(till: Till, lines: dict[str, str], named: str) -> None:
    till.configure(**lines)
    ran = paper(till, "T01-000001", "--as", "text")
    assert ran.code == INPUT
    assert named in ran.err
