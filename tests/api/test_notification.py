"""Notifications: who sees them, that each reads for themselves, and that a hub pushes them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from pos_app.api import hub_socket
from pos_app.api.hub import CLIENTS_OF_ONE, WAITING_MOST, Client, Hub
from pos_app.api.hub_socket import REFUSED
from pos_app.domain.notification import AUDIENCES, Reader, Target
from pos_app.services.notification.feed import Feed
from pos_app.store import user as users
from tests.api.house import ROLES, Caller, House, name_of

PATH = "/api/Notification"
HUB = "/hubs/notifications"
SEED = {
    "title": "Low Stock Alert",
    "message": "Widget A is below reorder level in WH01",
    "type": "Warning",
    "category": "LowStock",
    "entityType": "Product",
    "entityId": "PRD001",
    "actionUrl": "/products/PRD001",
    "targetUsername": None,
    "targetRole": "StockController",
}


def tell(house: House, **changes: Any) -> Any:
    answer = house.as_role().post(PATH, SEED | {"targetRole": None} | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


def seen(caller: Caller, **query: Any) -> list[int]:
    answer = caller.get(PATH, **query)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


def unread(caller: Caller) -> int:
    return int(caller.get(f"{PATH}/unread-count").json()["unreadCount"])


def test_the_documented_example_reaches_its_role(house: House) -> None:
    made = house.as_role().post(PATH, SEED)
    assert made.status_code == 201
    told = made.json()
    assert set(told) == {
        "id", "title", "message", "type", "category", "entityType", "entityId", "actionUrl",
        "isRead", "createdAt", "readAt", "createdBy", "data",
    }  # fmt: skip
    assert (told["createdBy"], told["isRead"], told["data"]) == (name_of("Admin"), False, {})
    stock, cashier = house.as_role("StockController"), house.as_role("Cashier")
    page = stock.get(PATH).json()
    assert (page["totalCount"], page["unreadCount"], page["page"]) == (1, 1, 1)
    assert page["notifications"] == page["items"] == [told]
    assert (seen(cashier), unread(cashier)) == ([], 0)


def test_what_one_has_read_stays_unread_for_others(house: House) -> None:
    first, second = tell(house)["id"], tell(house)["id"]
    stock, depot = house.as_role("StockController"), house.as_role("DepotController")
    answer = stock.post(f"{PATH}/mark-read", {"notificationIds": [first]})
    assert answer.json()["message"] == "Marked 1 notification as read."
    assert (unread(stock), unread(depot)) == (1, 2)
    assert seen(stock, unreadOnly="true") == [second]
    assert seen(stock, isRead="true") == [first]
    assert stock.get(PATH).json()["items"][1]["readAt"] == "2026-11-02T06:00:00Z"
    assert stock.post(f"{PATH}/mark-read", {"notificationIds": [first]}).json()["markedCount"] == 0
    for everything in ({"notificationIds": None}, {"notificationIds": []}, {}):
        assert depot.post(f"{PATH}/mark-read", everything).status_code == 200
    assert (unread(depot), unread(stock)) == (0, 1)
    other = tell(house, targetUsername=name_of("Cashier"))["id"]
    assert depot.post(f"{PATH}/mark-read", {"notificationIds": [other]}).json()["markedCount"] == 0
    assert unread(house.as_role("Cashier")) == 1


def test_putting_away_what_concerns_others_leaves_it_to_them(house: House) -> None:
    shared = tell(house)["id"]
    own = tell(house, targetUsername=name_of("Cashier").upper())["id"]
    stock, depot, admin = (
        house.as_role(r) for r in ("StockController", "DepotController", "Admin")
    )
    cashier = house.as_role("Cashier")
    assert stock.delete(f"{PATH}/{shared}").status_code == 204
    assert stock.delete(f"{PATH}/{shared}").status_code == 404, "it is not there for them any more"
    assert (seen(stock), seen(depot)) == ([], [shared])
    assert stock.delete(f"{PATH}/{own}").status_code == 404, "never seen"
    assert cashier.delete(f"{PATH}/{own}").status_code == 204
    assert admin.delete(f"{PATH}/{shared}").status_code == 204
    assert (seen(depot), seen(admin), seen(cashier)) == ([], [], [])
    assert admin.delete(f"{PATH}/999").status_code == 404


def test_sql_and_domain_agree_on_who_sees_what(quick: House) -> None:
    kinds = [(category, Target()) for category in (*AUDIENCES, "Unheard")]
    kinds += [("System", Target(role=role)) for role in ROLES]
    kinds += [
        ("Sales", Target(user_id="U-Cashier")),
        ("Sales", Target(user_id="U-User", role="Manager")),
    ]
    made = []
    for category, target in kinds:
        who = {"targetUserId": target.user_id or None, "targetRole": target.role or None}
        made.append(tell(quick, category=category, **who)["id"])
    for role in ROLES:
        if role in {"ReadOnly", "Customer"}:
            continue  # not let in by the contract's policy
        reader = Reader(f"U-{role}", role)
        expected = {
            number
            for number, (category, target) in zip(made, kinds, strict=True)
            if target.reaches(reader, category)
        }
        assert set(seen(quick.as_role(role), pageSize=100)) == expected, role


def test_it_is_over_after_thirty_days(quick: House) -> None:
    from pos_app.services.notification import view

    tell(quick)
    stock = quick.as_role("StockController")
    assert stock.post(f"{PATH}/mark-read").status_code == 200
    assert view.sweep(quick.shop) == 0
    quick.clock._now += timedelta(days=30)
    assert seen(quick.as_role("StockController")) == []
    assert (view.sweep(quick.shop), view.sweep(quick.shop)) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"message": None}, "message"),
        ({"type": "Loud"}, "type"),
        ({"category": "Low Stock!"}, "category"),
        ({"data": {"a": [1]}}, "data"),
        ({"data": 5}, "data"),
        ({"targetUsername": "nobody"}, "nobody"),
        ({"targetUserId": 77}, "77"),
        ({"targetRole": "Emperor"}, "Emperor"),
        ({"actionUrl": "https://elsewhere.example"}, "elsewhere"),
        ({"actionUrl": "//elsewhere.example"}, "elsewhere"),
        ({"actionUrl": "javascript:alert(1)"}, "javascript"),
    ],
)
def test_what_cannot_be_told_is_refused(quick: House, changes: dict[str, Any], field: str) -> None:
    answer = quick.as_role().post(PATH, SEED | changes)
    assert (answer.status_code, field in answer.text) == (400, True), answer.text


def test_odd_questions_are_answered_or_refused(quick: House) -> None:
    tell(quick, title="=1+1", message="<b>bold</b>", data={"n": 1, "d": 1.5, "t": True, "x": None})
    admin = quick.as_role()
    [row] = admin.get(PATH, page=-1, pageSize=0).json()["items"]
    assert (row["title"], row["message"]) == ("=1+1", "<b>bold</b>"), "plain text, as it was said"
    assert row["data"] == {"n": 1, "d": "1.5", "t": True, "x": None}
    assert admin.get(PATH, page=10**12).json()["items"] == []
    assert seen(admin, type="warning", category="lowstock") == [row["id"]]
    assert seen(admin, type="Nonsense") == []
    for body in (
        {"notificationIds": [0]},
        {"notificationIds": "all"},
        {"notificationIds": [2**70]},
    ):
        assert admin.post(f"{PATH}/mark-read", body).status_code == 400, body
    assert admin.delete(f"{PATH}/{2**70}").status_code in {400, 404}
    assert quick.client.post(PATH, json=SEED).status_code == 401
    assert (
        quick.client.post(PATH, json=SEED, headers={"X-API-Key": quick.key("Admin")}).status_code
        == 401
    )


def test_the_same_request_tells_once(house: House) -> None:
    admin = house.as_role()
    first = admin.post(PATH, SEED, Idempotency_Key="k1")
    again = admin.post(PATH, SEED, Idempotency_Key="k1")
    assert first.json() == again.json()
    assert len(seen(house.as_role("StockController"))) == 1


@contextmanager
def connected(house: House, role: str, **how: Any) -> Iterator[Any]:
    how = how or {"headers": {"Authorization": f"Bearer {house.token(role)}"}}
    path = how.pop("path", HUB)
    with house.client.websocket_connect(path, **how) as socket:
        socket.send_text('{"protocol":"json","version":1}\x1e')
        assert socket.receive_text() == "{}\x1e"
        yield socket


def hub_of(house: House) -> Hub:
    found: Hub = house.app.state.context.settings.hub
    return found


def test_what_another_process_told_is_pushed_to_whom_it_concerns(house: House) -> None:
    feed = Feed(house.shop)
    assert feed.new() == []
    token = house.token("StockController")
    with (
        connected(house, "", path=f"{HUB}?access_token={token}") as stock,
        connected(house, "Admin", headers={"X-API-Key": house.key()}) as program,
        connected(house, "DepotController") as depot,
    ):
        tell(house, targetUsername=name_of("StockController"), title="For one")
        tell(house, title="For goods")
        hub_of(house).push(feed.new())
        hub_of(house).push(feed.new())
        tell(house, category="Security", title="For all")
        hub_of(house).push(feed.new())
        expected = {"stock": ["For one", "For goods", "For all"], "depot": ["For goods", "For all"]}
        for name, socket in (("stock", stock), ("depot", depot)):
            told = [json.loads(socket.receive_text().rstrip("\x1e")) for _ in expected[name]]
            assert [one["arguments"][0]["title"] for one in told] == expected[name]
            assert {one["target"] for one in told} == {"ReceiveNotification"}
        assert "For all" in program.receive_text()
        stock.send_text(
            '{"type":6}\x1e{"type":1,"target":"X","invocationId":"7","arguments":[]}\x1e'
        )
        assert json.loads(stock.receive_text().rstrip("\x1e"))["invocationId"] == "7"
        depot.send_text("[[[\x1e" + '{"type":7}\x1e')
        with pytest.raises(WebSocketDisconnect):
            depot.receive_text()
    assert hub_of(house).count == 0


def test_the_hub_lets_in_who_is_signed_in(quick: House) -> None:
    for how in (
        {},
        {"headers": {"X-API-Key": "nonsense"}},
        {"headers": {"Authorization": "Basic x"}},
    ):
        with quick.client.websocket_connect(HUB, **how) as socket:  # type: ignore[arg-type]
            with pytest.raises(WebSocketDisconnect) as ended:
                socket.receive_text()
            assert ended.value.code == REFUSED
    headers = {"Authorization": f"Bearer {quick.token()}"}
    with quick.client.websocket_connect(HUB, headers=headers) as socket:
        socket.send_text('{"protocol":"messagepack","version":1}\x1e')
        assert "Only protocol json" in socket.receive_text()
    answer = quick.as_role("Cashier").post(f"{HUB}/negotiate?negotiateVersion=1")
    [transport] = answer.json()["availableTransports"]
    assert transport == {"transport": "WebSockets", "transferFormats": ["Text"]}


def test_who_became_another_is_let_go(quick: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key goes on when its user is demoted: its connection tells no more of the old role."""
    monkeypatch.setattr(hub_socket, "LOOK_SECONDS", 0.02)
    headers = {"X-API-Key": quick.key("Manager")}
    with quick.client.websocket_connect(HUB, headers=headers) as socket:
        socket.send_text('{"protocol":"json","version":1}\x1e')
        assert socket.receive_text() == "{}\x1e"
        with quick.shop.store.write() as connection:
            stored = users.by_username(connection, "the-manager")
            assert stored is not None
            users.change(connection, replace(stored, user=replace(stored.user, role="Cashier")))
        assert "The session is over" in socket.receive_text()


def test_a_number_committed_late_is_told_too(quick: House) -> None:
    feed = Feed(quick.shop)
    feed.new()
    numbers = [tell(quick)["id"] for _ in range(3)]
    assert [one.id for one in feed.new()] == numbers
    feed._rows._told.pop(numbers[1])  # as if it had been committed only now
    assert [one.id for one in feed.new()] == [numbers[1]]
    quick.clock.sleep(61)
    assert feed.new() == []
    assert feed._rows._floor == numbers[2]
    assert feed._rows._told == {}


def test_who_lags_too_far_behind_is_let_go_and_one_user_does_not_take_every_place() -> None:
    async def lag() -> Client:
        client = Client(Reader("U-1", "Cashier"), asyncio.get_running_loop())
        for _ in range(WAITING_MOST + 1):
            client.put("x")
        return client

    client = asyncio.run(lag())
    assert client.too_slow.is_set()
    assert client.waiting.qsize() == WAITING_MOST
    hub = Hub()
    more = [Client(client.reader, client.loop) for _ in range(CLIENTS_OF_ONE + 1)]
    assert [hub.join(one) for one in more] == [True] * CLIENTS_OF_ONE + [False]
    hub.leave(more[0])
    assert hub.join(more[-1])
    assert hub.join(Client(Reader("U-2", "Cashier"), client.loop))
