"""What programs filed by themselves, what this server filed, and the report of both."""

from __future__ import annotations

from typing import Any

from tests.api.house import House
from tests.api.test_fiscal_log import body, filed
from tests.conformance.step import Act, Look, Step

LOG = "/api/DesktopIntegration/fiscal-transactions"


def _file(house: House, known: dict[str, Any]) -> None:
    """The device signs an invoice of this server."""
    known["filed"] = str(filed(house, 1)["docNum"])


STEPS = (
    Step(
        route=f"POST {LOG}",
        body=body(fiscalDay="28", vatSum=155),
        says={"docNum": 5001, "status": "Fiscalised", "currency": "ZIG"},
        then=(
            Look(
                route=f"GET {LOG}",
                query={"search": "5001"},
                says={"totalCount": 1, "transactions.0.verificationCode": "4C8B"},
            ),
        ),
    ),
    Step(
        route=f"GET {LOG}",
        query={"status": "Fiscalised", "documentType": "Invoice"},
        says={"totalCount": 1, "summary.fiscalisedCount": 1, "hasMore": False},
    ),
    Act(_file),
    Step(
        route=f"POST {LOG}/backfill",
        body={"fromUtc": "2026-11-01T00:00:00Z", "toUtc": "2026-11-03T00:00:00Z"},
        says={"scannedInvoiceCount": 1, "transactionsSyncedCount": 1},
        then=(
            Look(
                route=f"GET {LOG}",
                query={"search": "$filed"},
                says={"totalCount": 1, "transactions.0.receiptGlobalNo": 1},
            ),
        ),
    ),
    Step(
        route="GET /api/DesktopIntegration/reports/fiscalized-sales",
        query={"period": "Daily", "date": "2026-11-02"},
        says={"totalCount": 1, "summary.totalSalesAmount": 19.9, "sales.0.currency": "USD"},
    ),
)
