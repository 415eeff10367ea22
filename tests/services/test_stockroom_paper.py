"""The sheets of transfers and counts, with room to write and with what was written."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from pos_app.domain.permission import PermissionMissing
from pos_app.domain.transfer import Count
from pos_app.errors import RecordNotFound
from pos_app.services import count, stockroom_paper
from pos_app.services.count import Entered
from pos_app.services.saved_paper import Form
from pos_app.services.transfer import receive, send
from pos_app.store.engine import Store
from tests.stockroom import BOSS, SHOP, Stockroom, stockroom, to_depot


@pytest.fixture
def room(sqlite_store: Store) -> Stockroom:
    return stockroom(sqlite_store)


def text_of(data: bytes) -> str:
    return " ".join(data.decode().split())


def test_a_transfer_travels_with_room_to_write_and_comes_back_written(room: Stockroom) -> None:
    asked = to_depot(("MILK", "20"), ("YOGHURT", "7"), in_transit=True)
    made = send.send(room.shop, BOSS, asked)
    told = text_of(stockroom_paper.save_transfer(room.shop, BOSS, made.number, Form.TEXT))
    assert all(word in told for word in ("TRF-000001", "SHOP1", "DEPOT", "Y-SOON", "________"))
    short = [Count(line=0, quantity=Decimal(18), lots={}, reason="damaged")]
    receive.arrive(room.shop, BOSS, made.id, short)
    sheet = stockroom_paper.transfer_of(room.shop, made.number)
    assert [(line.quantity, line.answer, line.note) for line in sheet.lines] == [
        (20, 18, "damaged"),
        (5, 5, ""),
        (2, 2, ""),
    ]
    page = stockroom_paper.save_transfer(room.shop, BOSS, made.number, Form.PDF)
    assert "TRF-000001" in PdfReader(BytesIO(page)).pages[0].extract_text()
    roll = stockroom_paper.save_transfer(room.shop, BOSS, made.number, Form.ESCPOS)
    assert roll.startswith(b"\x1b@")


def test_a_count_shows_the_books_once_they_may_be_known(room: Stockroom) -> None:
    made = count.start(room.shop, BOSS, SHOP)
    count.enter(room.shop, BOSS, made.entry, [Entered(item="MILK", counted=Decimal(98))])
    [line] = stockroom_paper.count_of(room.shop, made.number).lines
    assert (line.quantity, line.answer) == (None, 98)
    count.lock(room.shop, BOSS, made.entry)
    [line] = stockroom_paper.count_of(room.shop, made.number).lines
    assert (line.quantity, line.answer) == (100, 98)
    told = text_of(stockroom_paper.save_count(room.shop, BOSS, made.number, Form.TEXT))
    assert "100 98" in told


def test_who_may_not_look_and_what_is_not_there(room: Stockroom) -> None:
    nobody = replace(BOSS, permissions=frozenset())
    for save in (stockroom_paper.save_transfer, stockroom_paper.save_count):
        with pytest.raises(PermissionMissing):
            save(room.shop, nobody, "TRF-000001", Form.TEXT)
        with pytest.raises(RecordNotFound):
            save(room.shop, BOSS, "NOTHING", Form.TEXT)
