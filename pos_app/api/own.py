"""Doors that let a customer in to its own documents, and the staff as ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from pos_app.api.auth import API_KEY, BEARER, Needs
from pos_app.domain.permission import Role
from pos_app.domain.portal import PasswordGiven, own_code
from pos_app.errors import RecordNotFound
from pos_app.services.session import Account


class OwnPath(Needs):
    """As `Needs`; a customer passes where the path names its own ``cardCode``, and nowhere else."""

    def admit(self, request: Request) -> Account:
        """The account, if it may read what the path names.

        Raises:
            Unauthorized, RoleMissing, PermissionMissing: as `Needs`.
            NotYourDocuments, PasswordGiven: a customer asks for what is not its own, or has to
                choose a password first.
        """
        account = self.shown(request)
        if "cardCode" in request.path_params and account.actor.role == Role.CUSTOMER:
            _own(account, request.path_params["cardCode"])
        else:
            self.check(account.actor)
        return account


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose documents may be shown.

    Attributes:
        partner: of this customer alone; None of everybody, which is for the staff.
        is_customers: whether the customer itself asks, who sees what it was told.
    """

    partner: str | None
    is_customers: bool = False

    def check(self, kind: str, name: object, *, partner: str, is_said: bool) -> None:
        """Let one document be shown; a customer hears of others' as of what does not exist.

        Args:
            kind: what it is called.
            name: how it was asked for.
            partner: whose it is.
            is_said: whether the house has told the customer of it.

        Raises:
            RecordNotFound: it is not this customer's, or not said yet.
        """
        if self.is_customers and not (is_said and partner == self.partner):
            raise RecordNotFound(kind, name)


class OwnOne:
    """As `Needs`, for one document; a customer comes in, and the route asks `Scope.check`."""

    def __init__(self, *permissions: str) -> None:
        self._needs = Needs(*permissions)

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
        key: Annotated[str | None, Security(API_KEY)] = None,
    ) -> Scope:
        """Whose document it may be.

        Raises:
            Unauthorized, RoleMissing, PermissionMissing: as `Needs`.
            NotYourDocuments, PasswordGiven: the account is of no customer, or has to choose a
                password first.
        """
        del bearer, key
        return _scope(self._needs, request, None)


class OwnList:
    """As `Needs`, for a list by ``cardCode``; a customer's list is always its own."""

    def __init__(self, *permissions: str) -> None:
        self._needs = Needs(*permissions)

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
        key: Annotated[str | None, Security(API_KEY)] = None,
        partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
    ) -> Scope:
        """What the list may show.

        Raises:
            Unauthorized, RoleMissing, PermissionMissing: as `Needs`.
            NotYourDocuments, PasswordGiven: a customer asks for what is not its own, or has to
                choose a password first.
        """
        del bearer, key
        return _scope(self._needs, request, partner)


def _scope(needs: Needs, request: Request, wanted: str | None) -> Scope:
    account = needs.shown(request)
    if account.actor.role == Role.CUSTOMER:
        return Scope(_own(account, wanted), is_customers=True)
    needs.check(account.actor)
    return Scope(wanted)


def _own(account: Account, wanted: str | None) -> str:
    if account.is_given:
        raise PasswordGiven
    return own_code(account.partner, wanted)
