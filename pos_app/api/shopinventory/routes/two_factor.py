"""``/api/TwoFactor``: the own second factor."""

from __future__ import annotations

from fastapi import APIRouter

from pos_app.api.auth import ApiAccess, SignedIn
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory.schemas.two_factor import (
    BackupCodes,
    DisableTwoFactor,
    EnterCode,
    TwoFactorSetup,
    TwoFactorState,
    VerifyCode,
)
from pos_app.api.shopinventory.schemas.user import Message
from pos_app.api.wire import Json, WireRoute
from pos_app.services import two_factor

router = APIRouter(prefix="/TwoFactor", tags=["TwoFactor"], route_class=WireRoute)

ON = "Two-factor sign-in is on: keep the backup codes in a safe place."


@router.get("/status", summary="Whether it is on", response_model=TwoFactorState)
def status(account: SignedIn, shop: TheShop) -> Json:
    """And how many backup codes are left."""
    state = two_factor.state(shop, account.actor.user_id)
    return Json(
        TwoFactorState(
            is_enabled=state.is_enabled,
            backup_codes_remaining=state.codes_left,
            enabled_at=state.enabled_at,
        )
    )


@router.post("/setup", summary="Begin to set it up", response_model=TwoFactorSetup)
def setup(account: SignedIn, server: Server) -> Json:
    """Show `qrCodeUri` as a QR code; nothing is in force before a code was verified."""
    made = two_factor.set_up(server.shop, server.seal, account.actor)
    groups = [made.secret[at : at + 4] for at in range(0, len(made.secret), 4)]
    return Json(
        TwoFactorSetup(
            secret_key=made.secret,
            qr_code_uri=made.uri,
            manual_entry_key=" ".join(groups),
            backup_codes=list(made.codes),
        )
    )


@router.post("/enable", summary="Confirm a set-up", response_model=BackupCodes)
def enable(body: EnterCode, account: ApiAccess, server: Server) -> Json:
    """Every other session ends; the backup codes are told for the last time."""
    with server.hashing:
        codes = two_factor.enable(
            server.shop,
            server.seal,
            account.actor,
            body.code,
            session_id=account.session_id,
        )
    return Json(BackupCodes(message=ON, backup_codes=list(codes)))


@router.post("/verify", summary="Check a code", response_model=BackupCodes)
def verify(body: VerifyCode, account: SignedIn, server: Server) -> Json:
    """The first code after a set-up puts it in force; each code is good once."""
    with server.hashing:
        codes = two_factor.verify(
            server.shop,
            server.seal,
            account.actor,
            body.code,
            is_backup=body.is_backup_code,
            session_id=account.session_id,
        )
    told = ON if codes else "The code is right."
    return Json(BackupCodes(message=told, backup_codes=list(codes)))


@router.post("/disable", summary="Switch it off", response_model=Message)
def disable(body: DisableTwoFactor, account: SignedIn, server: Server) -> Json:
    """By password and code; every other session ends."""
    with server.hashing:
        two_factor.disable(
            server.shop,
            server.seal,
            account.actor,
            body.password,
            code=body.code,
            session_id=account.session_id,
        )
    return Json(Message(message="Two-factor sign-in is off."))


@router.post("/backup-codes/regenerate", summary="New backup codes", response_model=BackupCodes)
def regenerate(body: EnterCode, account: ApiAccess, server: Server) -> Json:
    """All older ones are void."""
    with server.hashing:
        codes = two_factor.regenerate(server.shop, server.seal, account.actor, body.code)
    return Json(
        BackupCodes(message="These take the place of all others.", backup_codes=list(codes))
    )
