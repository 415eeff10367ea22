"""Bodies of ``/api/BusinessPartner``."""

from __future__ import annotations

from decimal import Decimal

from pos_app.api.wire import Answer


class BusinessPartnerDto(Answer):
    """A customer, supplier or lead."""

    card_code: str
    card_name: str
    card_type: str
    group_code: int | None = None
    phone1: str | None
    phone2: str | None = None
    email: str | None
    address: str | None
    city: str | None = None
    country: str | None = None
    currency: str
    balance: Decimal | None
    is_active: bool
    price_list_num: int | None
    price_list_name: str | None
    vat_reg_no: str | None
    tin_number: str | None


class BusinessPartnerList(Answer):
    """Business partners found."""

    total_count: int
    business_partners: list[BusinessPartnerDto]


class PaymentTermsDto(Answer):
    """Terms of payment: due so many months and days after the document's day."""

    group_number: int
    payment_terms_group_name: str
    number_of_additional_days: int
    number_of_additional_months: int
