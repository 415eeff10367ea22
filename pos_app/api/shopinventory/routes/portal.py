"""``/api/CustomerPortal``: accounts of customers, as Admins make them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from pos_app.api.auth import Needs
from pos_app.api.context import Server
from pos_app.api.shopinventory.schemas.portal import (
    BulkDto,
    BulkRegistration,
    CustomerRegistration,
    CustomerRow,
    GenerateHash,
    HashDto,
    RegistrationDto,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Role
from pos_app.domain.portal import Applicant, DemoOnly
from pos_app.services import credential, portal
from pos_app.services.portal import Registered
from pos_app.services.session import Account

IsAdmin = Annotated[Account, Depends(Needs(roles=(Role.ADMIN,)))]

router = APIRouter(prefix="/CustomerPortal", tags=["CustomerPortal"], route_class=WireRoute)


@router.post(
    "/register", summary="Give a customer a portal account", response_model=RegistrationDto
)
def register(body: CustomerRegistration, account: IsAdmin, server: Server) -> Json:
    """It signs in by its e-mail address and reads what is the customer's own, nothing else.

    404 where there is no such customer; 409 where somebody signs in by this address already.
    """
    applicant = _applicant(body)
    with server.hashing:
        made = portal.register(server.shop, account.actor, applicant, password=body.password)
    return Json(_told(Registered(applicant=applicant, account=made)))


@router.post(
    "/bulk-register", summary="Give many customers portal accounts", response_model=BulkDto
)
def register_many(body: BulkRegistration, account: IsAdmin, server: Server) -> Json:
    """Each by itself, with an answer of its own: a wrong one spoils no other.

    Without ``defaultPassword`` each sets its first password by the mail of
    ``/api/Password/reset/request``.
    """
    told = portal.register_all(
        server.shop,
        account.actor,
        [_applicant(row) for row in body.customers],
        password=body.default_password or "",
        turn=server.hashing,
    )
    made = sum(row.account is not None for row in told)
    return Json(
        BulkDto(
            success=made == len(told),
            count=made,
            message=f"{made} of {len(told)} customers were registered.",
            customers=[_told(row) for row in told],
        )
    )


@router.post("/generate-hash", summary="Hash a password in a demo", response_model=HashDto)
def generate_hash(body: GenerateHash, account: IsAdmin, server: Server) -> Json:
    """In a demo only; a shop's server answers 403, as no password but one's own is typed there."""
    del account
    if not server.settings.is_demo:
        raise DemoOnly
    with server.hashing:
        told = credential.digest(body.password)
    return Json(HashDto(password_hash=told, message="The password was hashed."))


def _applicant(row: CustomerRegistration | CustomerRow) -> Applicant:
    return Applicant(partner=row.card_code, name=row.card_name, email=row.email)


def _told(row: Registered) -> RegistrationDto:
    made, asked = row.account, row.applicant
    return RegistrationDto(
        success=made is not None,
        card_code=made.partner if made else asked.partner,
        email=made.email if made else asked.email,
        message=f"{made.email} sees the documents of {made.partner}." if made else row.problem,
    )
