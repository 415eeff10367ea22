"""Where SAP is: shown without its password, tried before it is changed, followed at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pos_app.services.posting import line
from pos_app.store import audit
from sandbox.fault import Fault
from sync.sap.client import ServiceLayer
from tests.api.house import House, build
from tests.sap_line import URL, line_of

BASE = "/api/sap-settings"
SECRET = "of-the-company-7"


class Rig:
    """A server whose SAP is simulated in this process; passwords but ``p`` are wrong."""

    def __init__(self, house: House, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.house = house
        self.gate, self.line = line_of(house.shop, folder)
        self.folder = folder
        context = house.app.state.context
        told = replace(context, settings=replace(context.settings, sap_line=self.line))
        patch.setitem(house.app.state._state, "context", told)

    def change(self, role: str = "Admin", **changes: Any) -> Any:
        body = {
            "serviceLayerUrl": URL,
            "companyDB": "T",
            "userName": "u",
            "password": "p",
            "testConnection": True,
        }
        return self.house.as_role(role).put(BASE, body | changes)


@pytest.fixture
def rig(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(house, tmp_path, monkeypatch)


def test_the_settings_are_told_without_the_password(rig: Rig) -> None:
    told = rig.house.as_role().get(BASE)
    assert told.status_code == 200
    assert told.json() == {
        "serviceLayerUrl": URL,
        "companyDB": "T",
        "userName": "u",
        "invoiceSeries": None,
        "invoiceSeriesName": None,
        "isConfigured": True,
        "isConnected": False,
        "lastConnectionTime": None,
        "lastError": None,
    }
    line.note(rig.house.shop, is_up=True)
    line.note(rig.house.shop, is_up=False, problem="No route to SAP.")
    told = rig.house.as_role().get(BASE).json()
    assert (told["isConnected"], told["lastError"]) == (False, "No route to SAP.")
    assert told["lastConnectionTime"] == "2026-11-02T06:00:00Z"


def test_the_connection_is_tried_as_it_is_and_with_others(rig: Rig) -> None:
    caller = rig.house.as_role()
    good = caller.post(f"{BASE}/test-connection").json()
    assert good["success"], good
    assert good["testedAt"] == "2026-11-02T06:00:00Z"
    bad = caller.post(f"{BASE}/test-connection", {"password": "wrong"}).json()
    assert (bad["success"], "refused the login" in bad["message"]) == (False, True)
    rig.gate.faults.replace([Fault(on="", do="refuse", times=1000)])
    away = caller.post(f"{BASE}/test-connection", {"userName": "u"})
    assert (away.status_code, away.json()["success"]) == (200, False)
    odd = caller.post(f"{BASE}/test-connection", {"serviceLayerUrl": "http://elsewhere/b1s/v1"})
    assert odd.status_code == 400
    assert "serviceLayerUrl" in odd.json()["errors"]


def test_a_change_is_tried_first_and_one_that_fails_changes_nothing(rig: Rig) -> None:
    answer = rig.change(password="wrong")
    assert (answer.status_code, answer.json()["connectionTestPassed"]) == (200, False)
    assert answer.json()["message"].startswith("Nothing was changed:")
    assert rig.house.as_role().get(BASE).json()["userName"] == "u"
    assert not (rig.folder / "secrets" / "sap_password_changed").exists()


def test_a_change_is_kept_followed_audited_and_its_password_told_to_nobody(rig: Rig) -> None:
    before = rig.line.current()
    answer = rig.change(
        userName="pos", password=SECRET, testConnection=False, invoiceSeries=7,
        invoiceSeriesName="Tills",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["connectionTestPassed"]) == (200, None)
    assert SECRET not in answer.text
    told = rig.house.as_role().get(BASE)
    assert (told.json()["userName"], told.json()["invoiceSeries"]) == ("pos", 7)
    assert SECRET not in told.text
    after = rig.line.current()
    assert isinstance(after, ServiceLayer)
    assert after is not before
    assert (after.settings.user, after.settings.password) == ("pos", SECRET)
    assert rig.line.current() is after, "opened once"
    with rig.house.shop.store.read() as connection:
        rows = [dict(row) for row in audit.walk(connection)]
    (noted,) = [row for row in rows if row["action"] == "sap.change_access"]
    assert noted["details"]["user"] == "pos"
    assert SECRET not in json.dumps(rows, default=str)
    rig.change(userName="pos", password="", testConnection=False)
    kept = rig.line.current()
    assert kept is not None
    assert kept.settings.password == SECRET, "no password keeps the one there is"


def test_what_cannot_be_an_address_is_refused_by_its_name(rig: Rig) -> None:
    for url in ("https://sap.invalid/other", "http://sap.invalid/b1s/v1", "nonsense"):
        answer = rig.change(serviceLayerUrl=url)
        assert (answer.status_code, "serviceLayerUrl" in answer.json()["errors"]) == (400, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/b1s/v1",
        "https://sap.invalid@elsewhere.example/b1s/v1",
        URL.replace("/b1s", ":8443/b1s"),
    ],
)
def test_the_password_that_is_kept_goes_to_no_other_host(rig: Rig, url: str) -> None:
    """ASVS 5.0 13.2.4, 15.3.2: whoever may set an address does not learn a password by it."""
    caller, before = rig.house.as_role(), rig.line.current()
    for password in (None, ""):
        told = (
            rig.change(serviceLayerUrl=url, password=password, testConnection=False),
            rig.change(serviceLayerUrl=url, password=password),
            caller.post(f"{BASE}/test-connection", {"serviceLayerUrl": url, "password": password}),
        )
        assert [(one.status_code, *one.json()["errors"]) for one in told] == [(400, "password")] * 3
    assert rig.line.current() is before
    moved = rig.change(serviceLayerUrl=url, password=SECRET, testConnection=False)
    assert moved.status_code == 200, "with a password of its own"


def test_a_server_without_sap_has_nothing_to_change(store: Any) -> None:
    house = build(store, has_sap=False)
    for answer in (
        house.as_role().get(BASE),
        house.as_role().put(BASE, {"serviceLayerUrl": URL, "companyDB": "T", "userName": "u"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "no_sap")
