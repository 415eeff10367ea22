"""Doors that let a customer in to its own documents, and the staff as ever."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from pos_app.api.auth import API_KEY, BEARER, Needs
from pos_app.domain.permission import Role
from pos_app.domain.portal import own_code
from pos_app.services.session import Account


class OwnPath(Needs):
    """As `Needs`; a customer passes where the path names its own ``cardCode``, and nowhere else."""

    def admit(self, request: Request) -> Account:
        """The account, if it may read what the path names.

        Raises:
            Unauthorized, RoleMissing, PermissionMissing: as `Needs`.
            NotYourDocuments: a customer asks for what is not its own.
        """
        account = self.shown(request)
        if "cardCode" in request.path_params and account.actor.role == Role.CUSTOMER:
            own_code(account.partner, request.path_params["cardCode"])
        else:
            self.check(account.actor)
        return account


class OwnList:
    """As `Needs`, for a list by ``cardCode``; yields whose documents the list may show.

    None is everybody's, which is for the staff; a customer's list is always its own.
    """

    def __init__(self, *permissions: str) -> None:
        self._needs = Needs(*permissions)

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
        key: Annotated[str | None, Security(API_KEY)] = None,
        partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
    ) -> str | None:
        """The code of a customer, or None.

        Raises:
            Unauthorized, RoleMissing, PermissionMissing: as `Needs`.
            NotYourDocuments: a customer asks for what is not its own.
        """
        del bearer, key
        account = self._needs.shown(request)
        if account.actor.role == Role.CUSTOMER:
            return own_code(account.partner, partner)
        self._needs.check(account.actor)
        return partner
