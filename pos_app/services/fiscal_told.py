"""What other programs hear of a receipt at the fiscal device: filed, or left to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.services.webhook import event

ENDS: Mapping[FiscalState, WebhookEvent] = {
    FiscalState.FISCALISED: WebhookEvent.FISCAL_FILED,
    FiscalState.REFUSED: WebhookEvent.FISCAL_FAILED,
    FiscalState.DISPUTED: WebhookEvent.FISCAL_FAILED,
}


def tell(
    shop: Shop,
    connection: Connection,
    number: str,
    state: str,
    known: Mapping[str, Any],
) -> None:
    """Tell how a receipt has ended, if this is an end.

    Args:
        shop: the server; a till tells its server, and that the others.
        connection: of the transaction that writes it down.
        number: of the receipt.
        state: where it stands now.
        known: the columns of a journal that are written with it.
    """
    kind = ENDS.get(FiscalState(state))
    if kind is None:
        return
    data = {
        "number": number,
        "status": FiscalState(state).value,
        "deviceId": known.get("device_id"),
        "fiscalDay": known.get("fiscal_day"),
        "receiptGlobalNo": known.get("receipt_global_no"),
        "receiptCounter": known.get("receipt_counter"),
        "verificationCode": known.get("verification_code"),
        "qrCode": known.get("qr"),
        "reason": known.get("reason") or None,
    }
    event.tell(shop, connection, kind, subject=number, data=data)
