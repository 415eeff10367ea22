"""The proofs: every set of books recomputed, and all of them against each other, to the cent."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from fiscal.simulator.proof import violations as device_violations
from pos_app.domain.money import Money
from pos_app.services import fiscal_day, fiscal_standing, receipt
from pos_app.services.check.invariants import check
from pos_app.services.check.violation import Violation
from pos_app.simulation.house import House
from pos_app.simulation.people import manager
from pos_app.simulation.rules import WAREHOUSE
from pos_app.simulation.sap import KEY
from pos_app.simulation.till import Till
from pos_app.store import fiscal, outbox, posting_claim, print_job
from pos_app.store.engine import Store
from pos_app.store.sale import sales
from pos_app.store.shift import shift_movements as moved
from pos_app.store.stock import stock

_REFERENCE = re.compile(r"reference No: (\S+)")

Headers = dict[str, Mapping[str, Any]]


def books(house: House) -> Iterator[Violation]:
    """Every invariant of every database; may be asked at any time."""
    for till in house.tills:
        yield from _named(till.code, check(till.shop))
        yield from _delivered(till)
    yield from _named("server", check(house.server.shop, is_server=True))


def _named(who: str, found: list[Violation]) -> Iterator[Violation]:
    for row in found:
        yield Violation(row.code, f"{who}: {row.subject}", row.sentence)


def everything(house: House) -> Iterator[Violation]:
    """Once everything has drained: one fiscal receipt and one SAP invoice per sale, and no more."""
    yield from books(house)
    ledger = house.sap.ledger()
    yield from _shown(house)
    known: Headers = {}
    for till in house.tills:
        mine = _headers(till.shop.store)
        known |= mine
        yield from _device(till, mine)
        yield from _days(till)
        yield from _lamps(till, mine)
        yield from _papers(till, mine)
    yield from _server(house, known)
    yield from _invoices(ledger, known)
    yield from _notes(ledger, known)
    yield from _cash(house, ledger)
    yield from _stock(house)


def is_drained(house: House) -> bool:
    """Whether nothing waits anywhere."""
    for till in house.tills:
        with till.shop.store.read() as connection:
            queues = (
                fiscal.unsettled(connection)[0],
                print_job.waiting(connection)[0],
                outbox.waiting(connection)[0],
            )
        if any(queues):
            return False
    with house.server.shop.store.read() as connection:
        return posting_claim.waiting(connection)[0] == 0


def sale_count(house: House) -> int:
    """Receipts of all tills."""
    return sum(len(_headers(till.shop.store)) for till in house.tills)


def _headers(store: Store) -> Headers:
    with store.read() as connection:
        rows = connection.execute(select(sales).order_by(sales.c.id)).mappings()
        return {row["id"]: dict(row) for row in rows}


def _amount(header: Mapping[str, Any]) -> Decimal:
    return Money(header["total"], header["currency"]).amount


def _shown(house: House) -> Iterator[Violation]:
    """What a customer was told is paid is on disk, as it was told."""
    stored: Headers = {}
    for till in house.tills:
        stored |= _headers(till.shop.store)
    for sale_id, paid in sorted(house.world.paid.items()):
        header = stored.get(sale_id)
        if header is None:
            words = f"{paid.receipt} was shown as paid and is not on disk."
            yield Violation("paid_lost", paid.receipt, words)
        elif (header["receipt"], _amount(header)) != (paid.receipt, paid.total):
            words = (
                f"{paid.receipt} was shown as {paid.total} {paid.currency} "
                f"and is stored as {header['receipt']} over {_amount(header)}."
            )
            yield Violation("paid_changed", paid.receipt, words)


def _device(till: Till, mine: Headers) -> Iterator[Violation]:
    ledger = till.fiscal_desk.box.ledger()
    for words in device_violations(ledger):
        yield Violation("device_books", till.code, f"The device of {till.code}: {words}.")
    filed = {row["number"]: row for row in ledger["receipts"]}
    for header in mine.values():
        row = filed.pop(header["receipt"], None)
        if row is None:
            words = f"{header['receipt']} was never filed on the device."
            yield Violation("not_filed", header["receipt"], words)
        elif Decimal(row["total"]) != _amount(header):
            words = f"{header['receipt']} is {_amount(header)} and was filed as {row['total']}."
            yield Violation("filed_total", header["receipt"], words)
    for number in filed:
        yield Violation("filed_unknown", number, f"The device filed {number}, which nobody sold.")


def _delivered(till: Till) -> Iterator[Violation]:
    """A day that is booked as closed was closed by device and authority, and all of it was sent."""
    ledger = till.fiscal_desk.box.ledger()
    device_id = ledger["device"]["device_id"]
    there = {day["number"]: day for day in ledger["authority"]["devices"][device_id]["days"]}
    kept = {row["fiscal_day"] for row in ledger["receipts"] if row["delivery"] is None}
    booked = {day.fiscal_day: day for day in fiscal_day.history(till.shop, manager())}
    for own in ledger["days"]:
        number = own["number"]
        day, status = booked.get(number), (own["status"], there.get(number, own)["status"])
        if day is None or day.closed_at is None:
            continue
        if number in kept or number not in there or set(status) != {"FiscalDayClosed"}:
            words = (
                f"Fiscal day {number} of {till.code} is booked as closed and was {status[0]} on "
                f"the device and {status[1]} at the authority, or some of it was not delivered."
            )
            yield Violation("day_undelivered", f"{till.code}: day {number}", words)


def _days(till: Till) -> Iterator[Violation]:
    """Every fiscal day was opened and closed by its till, and its Z is the sum of its receipts."""
    known = {day.fiscal_day: day for day in fiscal_day.history(till.shop, manager())}
    for row in till.fiscal_desk.box.ledger()["days"]:
        number = row["number"]
        name, day = f"{till.code}: day {number}", known.pop(number, None)
        is_closed = row["status"] == "FiscalDayClosed"
        if day is None:
            words = f"Fiscal day {number} of {till.code} is on the device and not in its books."
            yield Violation("day_unknown", name, words)
            continue
        if is_closed != (day.closed_at is not None):
            words = (
                f"Fiscal day {number} of {till.code} is {row['status']} and is booked otherwise."
            )
            yield Violation("day_state", name, words)
        if day.is_foreign or day.found:
            words = f"Fiscal day {number} of {till.code} is said to have been moved by others."
            yield Violation("day_foreign", name, words)
        for parted in day.differences:
            yield Violation("day_differs", name, f"Day {number} of {till.code}, {parted.sentence}")
    standing = fiscal_standing.standing(till.shop)
    if standing.stop:
        yield Violation("device_stopped", till.code, standing.stop)


def _lamps(till: Till, mine: Headers) -> Iterator[Violation]:
    """In the end all five lamps of every receipt are lit."""
    for sale_id, header in mine.items():
        lit = receipt.lamps(till.shop, sale_id)
        if not lit.are_all_done:
            words = f"{header['receipt']} still shows {lit.as_words()}."
            yield Violation("lamp_dark", header["receipt"], words)


def _papers(till: Till, mine: Headers) -> Iterator[Violation]:
    """At most one paper of a receipt does not say COPY."""
    papers = till.printer_desk.machine.ledger()["receipts"]
    texts = [row["text"] for row in papers if row["cut"] and "COPY" not in row["text"]]
    originals = Counter(_number_on(text) for text in texts)
    for number in sorted(header["receipt"] for header in mine.values()):
        count = originals[number]
        if count > 1:
            words = f"{number} came out {count} times without the word COPY."
            yield Violation("printed_twice", number, words)


def _number_on(text: str) -> str:
    """Whose paper it is; the number of the receipt it corrects stands below its own."""
    found = _REFERENCE.search(text)
    return found.group(1) if found else ""


def _server(house: House, known: Headers) -> Iterator[Violation]:
    there = {
        key: row
        for key, row in _headers(house.server.shop.store).items()
        if row["origin"] == "till"
    }
    for key, header in known.items():
        row = there.pop(key, None)
        if row is None:
            words = f"{header['receipt']} is not on the server."
            yield Violation("not_on_server", header["receipt"], words)
        elif (row["receipt"], row["total"]) != (header["receipt"], header["total"]):
            words = f"{header['receipt']} is {row['receipt']} over {_amount(row)} on the server."
            yield Violation("server_differs", header["receipt"], words)
    for row in there.values():
        words = f"{row['receipt']} is on the server and on no till."
        yield Violation("only_on_server", row["receipt"], words)


def _invoices(ledger: Mapping[str, Any], known: Headers) -> Iterator[Violation]:
    """One invoice per sale, of its total, and paid in full by one payment per currency."""
    invoices: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in ledger["invoices"]:
        invoices[row[KEY]].append(row)
    for key, header in known.items():
        if header["kind"] != "invoice":
            continue
        number, mine = header["receipt"], invoices.pop(key, [])
        if len(mine) != 1:
            words = f"SAP has {len(mine)} invoices of {number} instead of one."
            yield Violation("sap_count", number, words)
            continue
        is_local = header["currency"] == "USD"
        total, paid = (
            Decimal(mine[0][name if is_local else foreign] or 0)
            for name, foreign in (("DocTotal", "DocTotalFc"), ("PaidToDate", "PaidToDateFC"))
        )
        if total != _amount(header):
            words = f"{number} is {_amount(header)} {header['currency']} and {total} in SAP."
            yield Violation("sap_total", number, words)
        elif paid != total:
            words = f"{number} is {total} {header['currency']} in SAP and {paid} of it is paid."
            yield Violation("sap_unpaid", number, words)
    for key, rows in invoices.items():
        words = f"SAP has invoice {rows[0]['DocNum']} of {key}, which nobody sold."
        yield Violation("sap_unknown", str(key), words)
    references = Counter(row["Remarks"] for row in ledger["payments"])
    for reference, count in references.items():
        if count > 1:
            words = f"SAP has {count} payments {reference}."
            yield Violation("sap_payments", reference, words)


def _notes(ledger: Mapping[str, Any], known: Headers) -> Iterator[Violation]:
    """One credit note per note, of its total, and no refund twice."""
    booked: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in _documents(ledger, "CreditNotes"):
        booked[row[KEY]].append(row)
    for key, header in known.items():
        if header["kind"] == "invoice":
            continue
        number, mine = header["receipt"], booked.pop(key, [])
        if len(mine) != 1:
            words = f"SAP has {len(mine)} credit notes of {number} instead of one."
            yield Violation("sap_count", number, words)
            continue
        name = "DocTotal" if header["currency"] == "USD" else "DocTotalFc"
        total = -Decimal(mine[0][name] or 0)
        if total != _amount(header):
            words = f"{number} is {_amount(header)} {header['currency']} and {total} in SAP."
            yield Violation("sap_total", number, words)
    for key in booked:
        yield Violation("sap_unknown", str(key), f"SAP has credit note {key}, which nobody made.")
    references = Counter(row["Remarks"] for row in _documents(ledger, "VendorPayments"))
    for reference, count in references.items():
        if count > 1:
            yield Violation("sap_payments", reference, f"SAP has {count} refunds {reference}.")


def _documents(ledger: Mapping[str, Any], set_name: str) -> list[Mapping[str, Any]]:
    return [row for row in ledger["documents"] if row["set"] == set_name]


def _cash(house: House, ledger: Mapping[str, Any]) -> Iterator[Violation]:
    """What the drawers kept, less what was paid back, is what SAP booked into its accounts."""
    booked: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in ledger["payments"]:
        booked[row.get("CashAccount") or ""] += Decimal(row.get("CashSum") or 0)
    for row in _documents(ledger, "VendorPayments"):
        booked[row.get("CashAccount") or ""] -= Decimal(row.get("CashSum") or 0)
    kept: defaultdict[str, Decimal] = defaultdict(Decimal)
    for till in house.tills:
        for currency, amount in _drawer(till):
            account = house.server.rules.sap.accounts["cash", currency]
            kept[account] += amount
    for account in sorted({*kept, *booked} - {""}):
        if kept[account] != booked[account]:
            words = (
                f"The drawers kept {kept[account]} of what was sold and SAP booked "
                f"{booked[account]} to account {account}."
            )
            yield Violation("cash_account", account, words)


def _drawer(till: Till) -> Iterator[tuple[str, Decimal]]:
    kinds = moved.c.kind.in_(("sale", "change", "refund")) & (moved.c.tender_type == "cash")
    with till.shop.store.read() as connection:
        for row in connection.execute(select(moved).where(kinds)):
            yield row.currency, Money(row.amount, row.currency).amount


def _stock(house: House) -> Iterator[Violation]:
    """SAP, the server and every till show the same stock."""
    truth = {
        item: amount for (item, place), amount in house.sap.on_hand().items() if place == WAREHOUSE
    }
    shops = [("server", house.server.shop.store)]
    shops += [(till.code, till.shop.store) for till in house.tills]
    for who, store in shops:
        with store.read() as connection:
            here = stock.c.warehouse == WAREHOUSE
            rows = connection.execute(select(stock).where(here).order_by(stock.c.item))
            shown = {row.item: row.on_hand for row in rows}
        for item in sorted({*truth, *shown}):
            one, other = shown.get(item, Decimal(0)), truth.get(item, Decimal(0))
            if one != other:
                words = f"Item {item} is at {one:f} on {who} and at {other:f} in SAP."
                yield Violation("stock_apart", f"{who}: {item}", words)
