"""The sample shop as one program: sold from outside, with lost replies, killed parts and restarts.

``POS_TEST_SALES`` raises the number of sales per part; 50 is what a release is held to.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.demo import RUN, Demo, get, is_running, processes_of

SALES = int(os.environ.get("POS_TEST_SALES", "4"))
KILLED = int(os.environ.get("POS_TEST_KILLED", "8"))

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(900),
]

DROPPED = {"do": "commit_then_drop", "times": 1}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One shop for all of these tests; each goes on where the one before ended."""
    folder = tmp_path_factory.mktemp("shop") / "demo"
    with Demo(folder) as opened:
        yield opened
    assert processes_of(folder) == []
    assert [path for path in folder.rglob("*") if path.is_symlink()] == []


def test_line_of_json_has_the_keys_scripts_rely_on(demo: Demo) -> None:
    line = demo.line
    assert set(line) >= {"ready", "dir", "api", "till_config", "server_config", "mail", "users"}
    assert set(line["sap"]) == {"url", "sandbox", "company_db", "user", "password"}
    assert set(line["revmax"]) == {"http", "serial", "sandbox"}
    assert set(line["printer"]) == {"serial", "rfc2217", "paper", "sandbox"}
    assert set(line["gateway"]) == {"url", "sandbox"}
    assert set(line["pids"]) == {"server", "sap", "revmax", "printer", "gateway", "agent"}
    assert all(is_running(pid) for pid in line["pids"].values())
    assert (line["ready"], line["dir"]) == (True, str(demo.folder))
    for path in (line["mail"], line["printer"]["paper"]):
        assert Path(path).is_dir()
    for link in (line["revmax"]["serial"], line["printer"]["serial"]):
        assert Path(link).is_symlink()
    assert line["sap"]["url"].endswith("/b1s/v1")


def test_there_is_somebody_of_every_role(demo: Demo) -> None:
    roles = {row["role"] for row in demo.line["users"]}
    assert roles >= {
        "Admin", "Manager", "User", "Cashier", "StockController", "DepotController",
        "PodOperator", "ApiUser",
    }  # fmt: skip
    for row in demo.line["users"]:
        assert set(row) == {"username", "password", "pin", "role", "api_key"}
        assert bool(row["api_key"]) == (row["role"] == "ApiUser")
    manager = demo.person("Manager")
    body = {"username": manager["username"], "password": manager["password"]}
    assert get(f"{demo.line['api']}/api/Auth/login", body)["accessToken"]


def test_shop_has_what_a_day_needs(demo: Demo) -> None:
    shop = json.loads((demo.folder / "shop.json").read_text())
    plenty = [row for row in shop["items"] if most(row) >= 40]
    assert len(plenty) >= 3
    assert any(len(dated(row)) >= 2 for row in plenty)
    assert len(shop["warehouses"]) >= 2
    assert sum(row["kind"] == "customer" for row in shop["partners"]) >= 2
    assert any(row["kind"] == "supplier" for row in shop["partners"])
    assert shop["accounts"]
    assert shop["cost_centres"]
    status = demo.run("status", "--config", demo.till, "--json").json
    assert status["rate"]["quote"] == "ZIG"
    assert status["shift"]["user"] == "cashier"


def most(item: dict[str, Any]) -> Decimal:
    """The most a warehouse has of an item; where there are batches, the stock is theirs."""
    held: Counter[str] = Counter()
    for share in (item.get("stock", {}), *(row["quantities"] for row in item.get("batches", ()))):
        for warehouse, quantity in share.items():
            held[warehouse] += Decimal(quantity)
    return max(held.values(), default=Decimal(0))


def dated(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The batches of an item that expire."""
    return [batch for batch in item.get("batches", ()) if batch.get("expiry")]


def test_sales_light_every_lamp_and_are_everywhere_once(demo: Demo) -> None:
    answers = demo.sell_many(SALES)
    assert {answer["lamps"]["paid"] for answer in answers} == {"done"}
    rows = demo.until_lit(SALES)
    assert {row.receipt for row in rows} == {answer["receipt"] for answer in answers}
    demo.check_ledgers()
    assert demo.problems() == ""


def test_fiscal_facts_of_the_answer_are_those_of_the_device(demo: Demo) -> None:
    demo.until_lit(len(demo.receipts()))
    again = demo.sell(reference="with facts")
    demo.until_lit(SALES + 1)
    answer = demo.sell(reference="with facts").json
    filed = {row["number"]: row for row in demo.ledger("revmax")["receipts"]}[answer["receipt"]]
    assert again.json["receipt"] == answer["receipt"]
    assert answer["replayed"] is True
    assert set(answer["lamps"].values()) == {"done"}
    assert answer["fiscal"] == {
        "qr": filed["qr"],
        "verification_code": filed["verification_code"],
        "receipt_global_no": filed["receipt_global_no"],
        "receipt_counter": filed["receipt_counter"],
        "fiscal_day": filed["fiscal_day"],
        "device_id": "99001",
    }


def test_lost_replies_of_sap_and_of_the_device_double_nothing(demo: Demo) -> None:
    before = len(demo.receipts())
    demo.arm(
        "sap",
        DROPPED | {"on": "POST Invoices", "times": 2},
        DROPPED | {"on": "POST IncomingPayments", "times": 2},
    )
    demo.arm("revmax", {"on": "POST TransactM", "do": "commit_then_silence", "times": 2})
    demo.sell_many(SALES)
    demo.until_lit(before + SALES)
    outcomes = [row["outcome"] for row in demo.requests("sap")]
    assert outcomes.count("dropped after 201") == 4
    demo.arm("sap")
    demo.arm("revmax")
    demo.check_ledgers()
    assert demo.problems() == ""


def test_same_reference_from_many_sellers_is_one_sale(demo: Demo) -> None:
    before = len(demo.receipts())
    sellers = [demo.begin_sale(reference="same") for _ in range(4)]
    answers = [json.loads(seller.communicate(timeout=120)[0]) for seller in sellers]
    assert len({answer["receipt"] for answer in answers}) == 1
    assert sorted(answer["replayed"] for answer in answers) == [False, True, True, True]
    demo.until_lit(before + 1)


def test_the_plug_of_any_neighbour_may_be_pulled(demo: Demo) -> None:
    """The till sells on without each of them, and lamps catch up when it is back."""
    for name in ("sap", "printer", "revmax", "server"):
        before = len(demo.receipts())
        demo.kill(name)
        ran = demo.sell()
        assert ran.code == 0, (name, ran)
        assert set(ran.json["lamps"].values()) != {"done"}, name
        demo.start_by_hand(name)
        demo.until_lit(before + 1)
    demo.check_ledgers()
    assert demo.problems() == ""


def test_killed_agent_leaves_nothing_undone(demo: Demo) -> None:
    before = len(demo.receipts())
    demo.kill("agent")
    assert demo.sell().code == 0
    ran = demo.run("sync", "--config", demo.till, "--once", "--json")
    assert (ran.code, ran.json["queues"]["fiscal"]["waiting"]) == (0, 0)
    assert ran.json["queues"]["outbox"]["waiting"] == 0
    demo.start_by_hand("agent")
    demo.until_lit(before + 1)


def test_killed_sellers_leave_whole_sales_or_none(demo: Demo) -> None:
    before = [row.receipt for row in demo.receipts()]
    rng = random.Random(KILLED)
    answered, running = [], []
    for number in range(KILLED):
        running.append(demo.begin_sale(reference=f"killed {number}"))
        if len(running) == 2:
            time.sleep(rng.uniform(0.3, 1.6))
            answered += [kill_unless_done(running.pop(0)), kill_unless_done(running.pop(0))]
    sold = {answer["receipt"]: answer for answer in answered if answer}
    rows = demo.until_lit(len(demo.receipts()), but=("printed",))
    assert [row.receipt for row in rows[: len(before)]] == before
    by_receipt = {row.receipt: row for row in rows}
    for number, answer in sold.items():
        row = by_receipt[number]
        assert (row.sale_id, str(row.total)) == (answer["sale_id"], answer["total"])
    demo.check_ledgers(has_paper=False)
    assert demo.problems() == ""


def kill_unless_done(seller: subprocess.Popen[str]) -> dict[str, Any] | None:
    """kill -9; what it had answered by then, if anything."""
    seller.kill()
    said = seller.communicate(timeout=60)[0]
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError:
        return None
    return found


def test_killed_server_and_agent_take_up_where_they_were(demo: Demo) -> None:
    before = len(demo.receipts())
    sellers = [demo.begin_sale() for _ in range(2)]
    for name in ("agent", "server"):
        demo.kill(name)
        demo.start_by_hand(name)
    for seller in sellers:
        assert json.loads(seller.communicate(timeout=120)[0])["lamps"]["paid"] == "done"
    demo.until_lit(before + 2, but=("printed",))
    demo.check_ledgers(has_paper=False)
    assert demo.problems() == ""


def test_same_folder_resumes_the_shop(demo: Demo) -> None:
    rows, line = demo.receipts(), demo.line
    shift = demo.run("status", "--config", demo.till, "--json").json["shift"]
    second = demo.run("demo", "--headless", "--dir", str(demo.folder))
    assert (second.code, second.err.count("\n")) == (3, 1)
    assert "open already" in second.err
    assert demo.stop() == 0
    assert processes_of(demo.folder) == []
    assert [path for path in demo.folder.rglob("*") if path.is_symlink()] == []
    demo.start()
    assert demo.line["api"] == line["api"]
    assert demo.line["users"] == line["users"]
    assert demo.run("status", "--config", demo.till, "--json").json["shift"] == shift
    assert [row.receipt for row in demo.receipts()] == [row.receipt for row in rows]
    assert demo.sell().code == 0
    demo.until_lit(len(rows) + 1, but=("printed",))
    demo.check_ledgers(has_paper=False)


def test_power_cut_of_the_whole_shop_is_survived(demo: Demo) -> None:
    before = len(demo.receipts())
    assert demo.sell().code == 0
    demo.stop(signal.SIGKILL)
    until_gone(demo.folder)
    demo.start()
    demo.until_lit(before + 1, but=("printed",))
    demo.check_ledgers(has_paper=False)
    assert demo.problems() == ""


def test_programs_use_the_device_the_till_signs_on_and_both_go_on(demo: Demo) -> None:
    """The last on this shop, since what a program files is no sale of the till."""
    key, base = demo.person("ApiUser")["api_key"], f"{demo.line['api']}/api/revmax"
    items = [{"ITEMNAME1": "Milk", "QTY": 1, "PRICE": "2.00", "TAX": "2"}]
    body = {"invoiceNumber": "PROGRAM-1", "invoiceAmount": 2, "invoiceTaxAmount": 0}
    answer = get(f"{base}/transact", body | {"itemsXml": items}, key=key)
    assert answer["code"] == 0
    sold = demo.sell()
    assert sold.json["lamps"]["fiscalised"] == "done"
    numbers = [row["number"] for row in demo.ledger("revmax")["receipts"]]
    assert numbers[-2:] == ["PROGRAM-1", sold.json["receipt"]]
    closed = get(f"{base}/z-report", key=key)
    assert get(f"{base}/z-report", key=key) == closed
    assert demo.sell().json["lamps"]["fiscalised"] == "done"


def until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(folder) == []


def test_interrupted_start_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [*RUN, "demo", "--headless", "--dir", str(folder), "--items", "50"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(processes_of(folder)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, ("", ""))
    assert processes_of(folder) == []


@pytest.mark.postgres
def test_server_on_postgresql(empty_postgres_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with Demo(folder, "--items", "100", "--database-url", empty_postgres_url) as shop:
        assert not (folder / "server" / "server.db").exists()
        shop.sell_many(2)
        shop.until_lit(2)
        shop.check_ledgers()
        assert shop.problems() == ""
        shop.stop()
        shop.start()
        shop.sell_many(1)
        shop.until_lit(3)
        shop.check_ledgers()
    assert processes_of(folder) == []
