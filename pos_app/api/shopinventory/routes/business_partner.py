"""``/api/BusinessPartner``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.errors import Field as WrongField
from pos_app.api.errors import FieldsInvalid
from pos_app.api.shopinventory import codec
from pos_app.api.shopinventory.schemas.partner import (
    BusinessPartnerDto,
    BusinessPartnerList,
    PaymentTermsDto,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import partner_book

router = APIRouter(
    prefix="/BusinessPartner",
    tags=["BusinessPartner"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

KINDS = {card_type.lower(): kind for kind, card_type in codec.CARD_TYPES.items()}


@router.get("", summary="Every business partner", response_model=BusinessPartnerList)
def read_partners(shop: TheShop) -> Json:
    """Customers, suppliers and leads, by code."""
    return Json(codec.business_partners(partner_book.every(shop)))


@router.get(
    "/type/{cardType}", summary="Business partners of one type", response_model=BusinessPartnerList
)
def read_type(cardType: str, shop: TheShop) -> Json:  # noqa: N803
    """``cCustomer``, ``cSupplier`` or ``cLead``."""
    kind = KINDS.get(cardType.lower())
    if kind is None:
        raise FieldsInvalid([WrongField("cardType", "Use cCustomer, cSupplier or cLead.")])
    return Json(codec.business_partners(partner_book.every(shop, kind=kind)))


@router.get("/search", summary="Search business partners", response_model=BusinessPartnerList)
def search(
    shop: TheShop,
    query: Annotated[str, Query(max_length=200)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Json:
    """By code, name, phone, e-mail or tax number; best first."""
    return Json(codec.business_partners(partner_book.search(shop, query or q)))


@router.get(
    "/paymentterms/{groupNumber}", summary="Terms of payment", response_model=PaymentTermsDto
)
def read_terms(groupNumber: int, shop: TheShop) -> Json:  # noqa: N803
    """404 where there are none of this number."""
    found = partner_book.terms(shop, groupNumber)
    return Json(
        PaymentTermsDto(
            group_number=found.number,
            payment_terms_group_name=found.name,
            number_of_additional_days=found.days,
            number_of_additional_months=found.months,
        )
    )


@router.get("/{cardCode}", summary="One business partner", response_model=BusinessPartnerDto)
def read_partner(cardCode: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where there is none of this code."""
    return Json(codec.business_partner(partner_book.one(shop, cardCode)))
