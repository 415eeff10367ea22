"""Where SAP is: shown, tried, and changed only when the new place answers."""

from __future__ import annotations

from typing import Any

from tests.api.house import House
from tests.conformance.neighbours import server_apart
from tests.conformance.step import Act, Look, Step
from tests.sap_line import URL, line_of

SETTINGS = "/api/sap-settings"
BODY: dict[str, Any] = {
    "serviceLayerUrl": URL,
    "companyDB": "T",
    "userName": "u",
    "password": "p",
    "invoiceSeries": 7,
    "invoiceSeriesName": "Tills",
    "testConnection": True,
}
server = server_apart


def _open_line(house: House, known: dict[str, Any]) -> None:
    _, line = line_of(house.shop, known["folder"])
    object.__setattr__(house.app.state.context.settings, "sap_line", line)


def _shown(**says: Any) -> Look:
    return Look(route=f"GET {SETTINGS}", says=says)


STEPS = (
    Act(_open_line),
    Step(
        route=f"GET {SETTINGS}",
        says={"serviceLayerUrl": URL, "isConfigured": True, "invoiceSeries": None},
    ),
    Step(
        route=f"POST {SETTINGS}/test-connection",
        body={"userName": "u", "password": "p"},
        says={"success": True, "testedAt": "2026-11-02T06:00:00Z"},
    ),
    Step(
        route=f"POST {SETTINGS}/test-connection",
        body={"userName": "u", "password": "wrong"},
        says={"success": False},
        then=(_shown(userName="u"),),
    ),
    Step(
        route=f"PUT {SETTINGS}",
        body=BODY | {"password": "wrong"},
        says={"connectionTestPassed": False},
        then=(_shown(invoiceSeries=None),),
    ),
    Step(
        route=f"PUT {SETTINGS}",
        body=BODY,
        says={"connectionTestPassed": True},
        then=(_shown(invoiceSeries=7, invoiceSeriesName="Tills"),),
    ),
    Step(route=f"POST {SETTINGS}/test-connection", says={"success": True}),
)
