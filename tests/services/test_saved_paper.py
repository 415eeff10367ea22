"""Papers as files: counted and marked like any other, whole or not there."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from pos_app.domain.permission import PermissionMissing
from pos_app.domain.shift import parse_counts
from pos_app.errors import RecordNotFound
from pos_app.services import receipt, saved_paper, shift, spool
from pos_app.services.sale import Posted
from pos_app.services.saved_paper import CannotMakePaper, CannotWriteFile, Form
from pos_app.services.shop import KindRules
from pos_app.services.spool import NotYetFiscalised
from pos_app.store import audit, print_job
from pos_app.store.engine import Store
from tests import shops
from tests.counter import Counter, counter


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


@pytest.fixture
def any_till(store: Store) -> Counter:
    return counter(store)


def sold(till: Counter) -> Posted:
    posted = till.sell("MILK", "BREAD")
    till.file()
    return posted


def shown(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(data), strict=True).pages)


def with_paper(till: Counter, **changes: object) -> None:
    rules = till.shop.rules
    changed = replace(rules.paper, **changes)  # type: ignore[arg-type]
    till.shop = replace(till.shop, rules=replace(rules, paper=changed))


def numbers(till: Counter, posted: Posted) -> list[int]:
    return [job["copy_number"] for job in till.jobs(posted)]


def test_a_saved_paper_is_a_copy_that_counts_and_is_audited(any_till: Counter) -> None:
    till, actor = any_till, shops.actor()
    posted = sold(till)
    till.print()
    made = [saved_paper.save(till.shop, actor, posted.receipt, form) for form in Form]
    assert [paper.copy_number for paper in made] == [1, 2, 3]
    assert "*** COPY 1 ***" in shown(made[0].data)
    assert "*** COPY 2 ***" in made[1].data.decode()
    assert b"COPY 3" in made[2].data
    assert numbers(till, posted) == [0, 1, 2, 3]
    spool.reprint(till.shop, actor, posted.receipt)
    assert numbers(till, posted)[-1] == 4
    with till.shop.store.read() as connection:
        rows = [
            row for row in audit.about(connection, posted.receipt) if row["action"] == "paper.save"
        ]
    assert {row["details"]["form"] for row in rows} == {"pdf", "text", "escpos"}
    assert {row["actor"] for row in rows} == {actor.username}
    assert receipt.show(till.shop, posted.receipt).copies >= 3


def test_the_page_says_what_the_device_filed(till: Counter) -> None:
    posted = sold(till)
    till.print()
    page = shown(saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.PDF).data)
    row = till.row(posted)
    for wanted in (
        "FISCAL TAX INVOICE", row["verification_code"], row["device_id"], posted.receipt,
        f"{row['receipt_counter']}/{row['receipt_global_no']}", "MILK", "BREAD", str(posted.total),
        "Thank you for shopping with us.", "Page 1 of 1",
    ):  # fmt: skip
        assert wanted in page


def test_only_the_first_paper_is_the_original(till: Counter) -> None:
    """Nothing was printed, so the file is the one original, and what is printed later a copy."""
    till.jams("offline")
    posted = sold(till)
    with till.shop.store.write() as connection:
        for job in print_job.of_document(connection, posted.sale_id):
            print_job.move(connection, job["id"], was="queued", state="failed", values={})
    made = saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.PDF)
    assert made.copy_number == 0
    assert "COPY" not in shown(made.data)
    again = saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.PDF)
    assert "*** COPY 1 ***" in shown(again.data)


def test_an_original_that_waits_for_the_printer_stays_the_original(till: Counter) -> None:
    till.jams("offline")
    posted = sold(till)
    made = saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.TEXT)
    assert made.copy_number == 1


def test_nothing_is_made_before_the_device_has_answered(till: Counter) -> None:
    posted = till.sell("MILK")
    with pytest.raises(NotYetFiscalised):
        saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.PDF)
    with pytest.raises(RecordNotFound):
        saved_paper.save(till.shop, shops.actor(), "T01-999999", Form.PDF)
    assert till.jobs(posted) == []


def test_who_may_not_reprint_may_not_save(till: Counter) -> None:
    posted = sold(till)
    nobody = replace(shops.actor(), permissions=frozenset())
    with pytest.raises(PermissionMissing):
        saved_paper.save(till.shop, nobody, posted.receipt, Form.PDF)


def test_a_file_is_whole_or_not_there_and_then_nothing_is_counted(
    till: Counter, tmp_path: Path
) -> None:
    posted = sold(till)
    before = numbers(till, posted)
    with pytest.raises(CannotWriteFile, match="nowhere"):
        saved_paper.save(
            till.shop, shops.actor(), posted.receipt, Form.PDF, out=tmp_path / "nowhere" / "a.pdf"
        )
    assert numbers(till, posted) == before
    out = tmp_path / "saved" / "a.pdf"
    out.parent.mkdir()
    made = saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.PDF, out=out)
    assert out.read_bytes() == made.data
    assert [path.name for path in out.parent.iterdir()] == ["a.pdf"]


def test_a_file_that_cannot_get_its_name_is_kept_and_told(till: Counter, tmp_path: Path) -> None:
    posted = sold(till)
    out = tmp_path / "taken"
    out.mkdir()
    with pytest.raises(CannotWriteFile, match="the paper is in"):
        saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.TEXT, out=out)
    assert posted.receipt in (tmp_path / ".taken.part").read_text()
    assert len(numbers(till, posted)) == 2


def test_a_logo_that_is_gone_is_named_and_nothing_is_counted(till: Counter, tmp_path: Path) -> None:
    posted = sold(till)
    before = numbers(till, posted)
    with_paper(till, logo_file=tmp_path / "gone.png")
    with pytest.raises(CannotMakePaper, match=r"gone\.png"):
        saved_paper.save(till.shop, shops.actor(), posted.receipt, Form.PDF)
    assert numbers(till, posted) == before


def test_texts_layout_and_form_come_from_the_settings(till: Counter) -> None:
    posted = sold(till)
    actor = shops.actor()
    words = replace(till.shop.rules.paper.words, total="TO PAY")
    lines = KindRules(footer=("Zikomo! <b>50%</b> off",), header=("Open 7-19",))
    with_paper(till, words=words, kinds={"invoice": lines})
    plain = saved_paper.save(till.shop, actor, posted.receipt, Form.TEXT).data.decode()
    assert "TO PAY USD" in plain
    assert "Zikomo! <b>50%</b> off" in plain
    assert "Open 7-19" in plain
    with_paper(till, is_compact=True, kinds={"invoice": KindRules(is_page=False)})
    compact = saved_paper.save(till.shop, actor, posted.receipt, Form.TEXT).data.decode()
    assert len(compact.splitlines()) < len(plain.splitlines())
    roll = shown(saved_paper.save(till.shop, actor, posted.receipt, Form.PDF).data)
    assert "Description" not in roll


def test_two_at_once_never_get_the_same_number(till: Counter) -> None:
    """Another paper comes between laying out and counting; the page is laid out again."""
    posted, actor = sold(till), shops.actor()
    till.print()
    real, raced = saved_paper._made, []

    def made(*asked: object) -> object:
        result = real(*asked)  # type: ignore[arg-type]
        if not raced:
            raced.append(spool.reprint(till.shop, actor, posted.receipt))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_paper, "_made", made)
        paper = saved_paper.save(till.shop, actor, posted.receipt, Form.TEXT)
    assert paper.copy_number == 2
    assert "*** COPY 2 ***" in paper.data.decode()
    assert numbers(till, posted) == [0, 1, 2]


def test_a_saved_pdf_gets_a_name_of_its_own(till: Counter, tmp_path: Path) -> None:
    posted = sold(till)
    with_paper(till, folder=tmp_path / "papers")
    made = saved_paper.save_in_folder(till.shop, shops.actor(), posted.receipt)
    assert made.path is not None
    assert made.path.parent == tmp_path / "papers"
    assert made.path.name.startswith(posted.receipt)
    assert shown(made.path.read_bytes()).count(posted.receipt) >= 1


def test_a_closed_shift_is_saved_with_what_was_counted(till: Counter) -> None:
    shop, actor = till.shop, shops.actor()
    sold(till)
    with pytest.raises(RecordNotFound):
        saved_paper.save_shift(shop, actor, 1, Form.PDF)
    shift.close_shift(shop, actor, parse_counts("USD:20=3"))
    first = saved_paper.save_shift(shop, actor, 1, Form.PDF)
    page = shown(first.data)
    assert "SHIFT CLOSE" in page
    assert "20 x 3" in page
    assert "COPY" not in page
    again = saved_paper.save_shift(shop, actor, 1, Form.TEXT).data.decode()
    assert "*** COPY 1 ***" in again
