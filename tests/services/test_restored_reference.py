"""A reference that was used after the backup: refused where it is known, else found in SAP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pos_app.domain.trade import TradeKind
from pos_app.errors import ReferenceForgotten
from pos_app.services import desktop_sale, idempotency, invoice, invoice_queue, invoice_view
from pos_app.services.backup import make, restore
from pos_app.services.idempotency import Claim, Reply
from pos_app.services.invoice_order import Line, Order
from pos_app.services.invoice_queue import Heading
from pos_app.services.reservation import Ask, AskLine
from pos_app.services.shop import Shop
from pos_app.services.trade import make as trade
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.services.transfer import send
from pos_app.store import posting
from pos_app.store.engine import Store, open_store
from tests import shops
from tests.services.test_backup import path_of, target, with_backups
from tests.stockroom import BOSS, Stockroom, stockroom, to_depot

LINE = Line(item="MILK", quantity=Decimal(2), warehouse="SHOP1")
ORDER = Order(partner="C0001", lines=(LINE,), van_order="V-7")
REFERENCES = ("invoice", "desktop_sale", "reservation", "transfer", "quotation")


def invoiced(shop: Shop, order: Order = ORDER) -> str:
    return invoice.create(shop, BOSS, order).id


def sold(shop: Shop) -> str:
    order = replace(ORDER, van_order="")
    handed = (desktop_sale.Handed(method="cash", amount=Decimal(50)),)
    asked = desktop_sale.Asked(reference="D-7", order=order, handed=handed)
    return desktop_sale.make(shop, BOSS, asked).invoice.id


def queued(shop: Shop) -> str:
    line = AskLine(number=1, item="MILK", warehouse="SHOP1", quantity=Decimal(1))
    ask = Ask(reference="R-7", source="API", partner="C0001", lines=(line,))
    return invoice_queue.enqueue(shop, BOSS, ask, Heading()).invoice.id


def moved(shop: Shop) -> str:
    return send.send(shop, BOSS, to_depot(("MILK", "1"), reference="T-7")).id


def quoted(shop: Shop) -> str:
    line = AskedLine(item="MILK", quantity=Decimal(1))
    asked = AskedTrade(
        kind=TradeKind.QUOTATION,
        partner="C0001",
        lines=(line,),
        source="Web",
        client_request="Q-7",
    )
    return trade.create(shop, BOSS, asked).id


DEEDS: dict[str, Callable[[Shop], str]] = dict(
    zip(REFERENCES, (invoiced, sold, queued, moved, quoted), strict=True)
)


def opened(store: Store, folder: Path) -> Stockroom:
    house = stockroom(store)
    house.shop = with_backups(house.shop, folder)
    shops.open_till(house.shop)
    return house


def url_of(store: Store) -> Path | str:
    return store.path or store._writer.url.render_as_string(hide_password=False)


def lose(url: Path | str) -> None:
    if isinstance(url, Path):
        url.unlink()
        return
    with open_store(url) as store, store.write() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def booked(house: Stockroom) -> list[str]:
    rows = house.gate.core.ledger()["documents"]
    return [row.get("U_Van_saleorder") or row["Remarks"] for row in rows]


def test_what_is_sent_again_after_a_restore_is_refused_where_the_old_books_can_be_read(
    store: Store, tmp_path: Path
) -> None:
    shop = opened(store, tmp_path).shop
    key = idempotency.Asked("U1", "POST", "/api/Quotation", "K-7", "hash")
    path = path_of(shop, make.make(shop, BOSS))
    first = [deed(shop) for deed in DEEDS.values()]
    last = invoice_view.get(shop, first[2])
    taken = idempotency.claim(shop, key)
    assert isinstance(taken, Claim)
    idempotency.finish(shop, key, taken, Reply(201, {}, b"the first"))
    url = url_of(store)
    store.close()
    assert restore.restore(path, target(shop, url, tmp_path)).has_references
    with open_store(url) as again:
        shop = replace(shop, store=again)
        for kind, deed in DEEDS.items():
            with pytest.raises(ReferenceForgotten) as refused:
                deed(shop)
            assert refused.value.details["document"].startswith(kind.replace("_", " "))
        made = invoice_view.get(shop, invoiced(shop, replace(ORDER, van_order="V-8")))
        # Three of the forgotten have a receipt; ids and numbers go on behind them.
        assert (made.receipt, made.doc_entry) == ("SRV-000004", last.doc_entry + 1)
        assert idempotency.claim(shop, key) == Reply(201, {}, b"the first")


def test_what_is_sent_again_after_the_books_were_lost_is_found_in_sap_and_not_booked_again(
    store: Store, tmp_path: Path
) -> None:
    house = opened(store, tmp_path)
    shop = house.shop
    path = path_of(shop, make.make(shop, BOSS))
    first = [deed(shop) for deed in DEEDS.values()]
    keys = [*first[:-1], f"{first[-1]}-1"]  # of what is promised, with its version
    other = invoiced(shop, replace(ORDER, van_order="V-9"))
    house.work()
    held = booked(house)
    assert {*keys, other} < {*held}
    url = url_of(store)
    store.close()
    lose(url)
    done = restore.restore(path, target(shop, url, tmp_path))
    assert (done.skipped, done.has_references) == (1000, False)
    with open_store(url) as again:
        shop = house.shop = replace(shop, store=again)
        assert [deed(shop) for deed in DEEDS.values()] == first
        changed = replace(LINE, quantity=Decimal(3))
        invoiced(shop, replace(ORDER, van_order="V-9", lines=(changed,)))
        house.work()
        assert booked(house) == held
        with again.read() as connection:
            rows = {key: posting.by_key(connection, key) for key in [*keys, other]}
        states = [rows[key]["state"] for key in [*keys, other]]  # type: ignore[index]
        # Its payment carries the number of a paper these books never saw: a person looks.
        assert states == ["Completed", "RequiresReview", *3 * ["Completed"], "RequiresReview"]
