"""What follows a posted document, and how it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pos_app.cli import answer

if TYPE_CHECKING:
    from pos_app.bootstrap import Installation
    from pos_app.services.receipt import FiscalFacts, ReceiptDetail
    from pos_app.services.sale import Posted


def bring_on(installation: Installation, posted: Posted) -> ReceiptDetail | None:
    """Let the devices work on the new document; it exists, whatever becomes of that.

    Returns:
        How far it came, or None when that cannot be read now.
    """
    from pos_app.services import receipt

    try:
        installation.devices.settle(posted.sale_id)
        return receipt.show(installation.shop, posted.receipt)
    except Exception:  # noqa: BLE001 - logged; the sale exists and must not look failed
        import structlog

        from pos_app.log import to_file

        to_file(installation.folder / "log" / "sell.log")
        structlog.get_logger().exception("after the sale", receipt=posted.receipt)
        return None


def told(posted: Posted, detail: ReceiptDetail | None) -> dict[str, Any]:
    """The answer, key by key."""
    from pos_app.domain.lamp import Lamps

    fiscal = detail.fiscal if detail else None
    lamps = detail.row.lamps if detail else Lamps()
    return {
        "receipt": posted.receipt,
        "sale_id": posted.sale_id,
        "currency": posted.currency,
        "total": str(posted.total),
        "vat": str(posted.vat),
        "paid": str(posted.paid),
        "change": [answer.money(money) for money in posted.change],
        "replayed": posted.replayed,
        "lamps": lamps.as_words(),
        "fiscal": None if fiscal is None else _fiscal(fiscal),
    }


def _fiscal(facts: FiscalFacts) -> dict[str, Any]:
    return {
        "qr": facts.qr,
        "verification_code": facts.verification_code,
        "receipt_global_no": facts.receipt_global_no,
        "receipt_counter": facts.receipt_counter,
        "fiscal_day": facts.fiscal_day,
        "device_id": facts.device_id,
    }
