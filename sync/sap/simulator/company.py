"""What one company decided when it set SAP up, and what it may change while running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

MARKETING_FIELDS = ("U_Van_saleorder", "U_OrderNumber")


class CompanyInvalid(ValueError):
    """A company setting that cannot be obeyed; the sentence names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Settings of the simulated company.

    Attributes:
        name: the company's name.
        local_currency: SAP's own code.
        direct_rate: True when one foreign unit is worth `rate` local ones; False when one local
            unit is worth `rate` foreign ones.
        group_vat: VAT is taken once per VAT group of a document, otherwise line by line.
        block_negative_stock: refuse what a warehouse does not have.
        periods: posting periods as ``{"from", "to", "open"}``; none means every day is open.
        user_fields: user-defined fields by table; OINV stands for all documents with goods.
        approval: entity sets whose documents become drafts.
        refuse: entity set to text: a company rule that refuses every such document (-1116).
        session_minutes: idle limit of a session.
        first_doc_num: where numbering of documents starts.
        max_invoices_in_payment: most invoices one payment may settle.
    """

    name: str = "Sandbox Trading"
    local_currency: str = "USD"
    direct_rate: bool = False
    group_vat: bool = True
    block_negative_stock: bool = True
    periods: tuple[Mapping[str, Any], ...] = ()
    user_fields: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"OINV": MARKETING_FIELDS}
    )
    approval: tuple[str, ...] = ()
    refuse: Mapping[str, str] = field(default_factory=dict)
    session_minutes: int = 30
    first_doc_num: int = 100001
    max_invoices_in_payment: int = 100

    def with_changes(self, changes: Mapping[str, Any]) -> Company:
        """The company with some settings replaced; raises CompanyInvalid."""
        unknown = set(changes) - {known.name for known in fields(self)}
        if unknown:
            raise CompanyInvalid(f"A company has no setting {', '.join(sorted(unknown))}.")
        plain = dict(changes)
        for name in ("periods", "approval"):
            if name in plain:
                plain[name] = tuple(plain[name])
        if "user_fields" in plain:
            named = plain["user_fields"].items()
            plain["user_fields"] = {table: tuple(names) for table, names in named}
        try:
            company = replace(self, **plain)
            company.is_open(date(2000, 1, 1))
        except (KeyError, TypeError, ValueError) as error:
            raise CompanyInvalid(f"A company setting cannot be read: {error}.") from error
        return company

    def is_open(self, day: date) -> bool:
        """Whether documents may be posted on a day."""
        if not self.periods:
            return True
        return any(
            date.fromisoformat(period["from"]) <= day <= date.fromisoformat(period["to"])
            and period.get("open", True)
            for period in self.periods
        )
