"""What one company decided when it set SAP up, and what it may change while running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from sync.sap.simulator.object_number import NUMBERS

CREDIT_RULES = frozenset({"off", "refuse", "draft"})
ANY = "Default"
MARKETING_FIELDS = ("U_Van_saleorder", "U_OrderNumber")


KINDS: Mapping[str, type] = {
    "name": str,
    "local_currency": str,
    "direct_rate": bool,
    "group_vat": bool,
    "block_negative_stock": bool,
    "refuse": Mapping,
    "session_minutes": int,
    "first_doc_num": int,
    "max_invoices_in_payment": int,
    "credit_limit": str,
    "allow_over_receipt": bool,
}


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
        periods: posting periods as ``{"from", "to", "open", "sales", "indicator"}``; none means
            every day is open. ``"sales": false`` keeps it open except for sales.
        series: numbering series as ``{"number", "document", "name", "first", "locked",
            "indicator"}``, where ``document`` is SAP's object number; a kind of document without
            one has a series of its own.
        user_fields: user-defined fields by table; OINV stands for all documents with goods.
        approval: entity sets whose documents become drafts.
        refuse: entity set to text: a company rule that refuses every such document (-1116).
        session_minutes: idle limit of a session.
        first_doc_num: where numbering of documents starts.
        max_invoices_in_payment: most invoices one payment may settle.
        credit_limit: ``off``, ``refuse``, or ``draft``: what becomes of an invoice or order
            beyond its customer's limit.
        allow_over_receipt: take more from a supplier than was ordered.
    """

    name: str = "Sandbox Trading"
    local_currency: str = "USD"
    direct_rate: bool = False
    group_vat: bool = True
    block_negative_stock: bool = True
    periods: tuple[Mapping[str, Any], ...] = ()
    series: tuple[Mapping[str, Any], ...] = ()
    user_fields: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"OINV": MARKETING_FIELDS}
    )
    approval: tuple[str, ...] = ()
    refuse: Mapping[str, str] = field(default_factory=dict)
    session_minutes: int = 30
    first_doc_num: int = 100001
    max_invoices_in_payment: int = 100
    credit_limit: str = "off"
    allow_over_receipt: bool = False

    def with_changes(self, changes: Mapping[str, Any]) -> Company:
        """The company with some settings replaced; raises CompanyInvalid."""
        unknown = set(changes) - {known.name for known in fields(self)}
        if unknown:
            raise CompanyInvalid(f"A company has no setting {', '.join(sorted(unknown))}.")
        plain = dict(changes)
        try:
            for name in ("periods", "series", "approval"):
                if name in plain:
                    plain[name] = tuple(plain[name])
            if "user_fields" in plain:
                named = plain["user_fields"].items()
                plain["user_fields"] = {table: tuple(names) for table, names in named}
            company = replace(self, **plain)
            company.check()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CompanyInvalid(f"A company setting cannot be read: {error}.") from error
        return company

    def check(self) -> None:
        """Read every setting once; raises as Python does for a wrong one."""
        for name, kind in KINDS.items():
            value = getattr(self, name)
            if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                raise TypeError(f"{name} is {value!r}")
        for name in ("session_minutes", "max_invoices_in_payment", "first_doc_num"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}")
        for names in (self.approval, self.refuse.values(), *self.user_fields.values()):
            if not all(isinstance(text, str) for text in names):
                raise TypeError(f"{names!r} are not texts")
        self.is_open(date(2000, 1, 1))
        if self.credit_limit not in CREDIT_RULES:
            raise ValueError(f"credit_limit is {self.credit_limit!r}")
        unknown = {*self.approval, *self.refuse} - NUMBERS.keys()
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} is no set of documents")
        for one in self.series:
            int(one["number"]), int(one["document"]), int(one.get("first", 1))

    def is_open(self, day: date, *, is_sale: bool = True) -> bool:
        """Whether documents may be posted on a day."""
        if not self.periods:
            return True
        return any(
            period.get("open", True) and (not is_sale or period.get("sales", True))
            for period in self._periods_on(day)
        )

    @property
    def all_periods(self) -> tuple[Mapping[str, Any], ...]:
        """The posting periods; a company without any has one that never ends."""
        return self.periods or ({"from": "2000-01-01", "to": "2099-12-31"},)

    def indicator_on(self, day: date) -> str:
        """The indicator of a day's period, which its numbering series share."""
        return next((str(one.get("indicator", ANY)) for one in self._periods_on(day)), ANY)

    def _periods_on(self, day: date) -> list[Mapping[str, Any]]:
        return [
            period
            for period in self.periods
            if date.fromisoformat(period["from"]) <= day <= date.fromisoformat(period["to"])
        ]
