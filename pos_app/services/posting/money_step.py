"""The steps that move money: a payment in, and money back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pos_app.services.posting.step import CannotPlan, Mismatch, Step
from sync.sap import documents, looking
from sync.sap.client import ServiceLayer
from sync.sap.requests import PaymentRequest, Posted, RefundRequest

PAYMENT, REFUND = "payment", "refund"


@dataclass(frozen=True)
class PaymentStep(Step[Posted]):
    """Money that came in, in one currency.

    Attributes:
        currency: SAP's code as it stands on the document.
        pays: the kind of the step whose document it pays; empty where it names its invoices.
        by_hand: why it is not sent from here; empty where it is.
    """

    request: PaymentRequest
    currency: str
    pays: str = ""
    by_hand: str = ""
    kind = PAYMENT

    @property
    def key(self) -> str:
        """What stands in the payment's remarks."""
        return self.request.reference

    def after(self, entries: Mapping[str, int]) -> PaymentStep:
        """The payment, now that the invoice it pays is known."""
        if not self.pays:
            return self
        paid = replace(self.request, invoice_entry=entries[self.pays])
        return replace(self, request=paid)

    def prepared(self, sap: ServiceLayer) -> PaymentStep:
        """As it is.

        Raises:
            CannotPlan: SAP never gets its invoice from here, so it is entered by hand, too.
        """
        del sap
        if self.by_hand:
            raise CannotPlan(self.by_hand)
        return self

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return "IncomingPayments"

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By customer, day and reference."""
        return documents.find_payment(sap, self.request)

    def question(self, sap: ServiceLayer) -> str:
        """By customer, day and reference."""
        return looking.payment_path(sap, self.set_name, self.request)

    def check(self, held: Posted) -> None:
        """The very amount in the very currency."""
        wanted = (self.request.received, self.currency)
        _check(held, self.key, wanted, what=PAYMENT)

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it."""
        return documents.post_payment(sap, self.request)


@dataclass(frozen=True)
class RefundStep(Step[Posted]):
    """Money that went back, in one currency.

    Attributes:
        currency: SAP's code as it stands on the document.
        pays: the kind of the step whose document it pays out.
    """

    request: RefundRequest
    currency: str
    pays: str
    kind = REFUND

    @property
    def key(self) -> str:
        """What stands in the payment's remarks."""
        return self.request.reference

    def after(self, entries: Mapping[str, int]) -> RefundStep:
        """The refund, now that the credit note it pays out is known."""
        return replace(self, request=replace(self.request, credit_entry=entries[self.pays]))

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return "VendorPayments"

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By customer, day and reference."""
        return documents.find_refund(sap, self.request)

    def question(self, sap: ServiceLayer) -> str:
        """By customer, day and reference."""
        return looking.payment_path(sap, self.set_name, self.request)

    def check(self, held: Posted) -> None:
        """The very amount in the very currency."""
        wanted = (self.request.given, self.currency)
        _check(held, self.key, wanted, what=REFUND)

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it."""
        return documents.post_refund(sap, self.request)


def _check(held: Posted, key: str, wanted: tuple[Decimal, str], *, what: str) -> None:
    amount, currency = wanted
    if (held.doc_total, held.currency or currency) != wanted:
        raise Mismatch(
            f"SAP holds {what} {held.doc_num} as {key} over {held.currency} {held.doc_total} "
            f"instead of {currency} {amount}: compare the two and correct SAP."
        )
