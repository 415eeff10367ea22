"""The second leg of a sign-in: the code of whoever has a second factor."""

from __future__ import annotations

from pos_app.domain.two_factor import SecondFactorRefused
from pos_app.services import guess, session, two_factor
from pos_app.services.seal import Seal
from pos_app.services.session import SignedIn
from pos_app.services.shop import Shop
from pos_app.store import two_factor as factors
from pos_app.store import user as users


def answer(
    shop: Shop,
    seal: Seal,
    token: str,
    code: str,
    *,
    is_backup: bool,
    address: str = "",
    device: str = "",
) -> SignedIn:
    """Begin the session whose password was right; a wrong code leaves the challenge as it is.

    Raises:
        SecondFactorRefused: the token is unknown or over, or the code is wrong or was used.
        PasswordLocked: too many were wrong; codes count like passwords (contract §2.1).
        SecretLost: the server has another secret than at the set-up.
    """
    shown = session.digest(token)
    with shop.store.read() as connection:
        user_id = factors.challenged(connection, shown, now=shop.clock.now())
        found = users.by_id(connection, user_id) if user_id else None
        if found is not None:
            guess.check(shop, connection, found, found.user.username, address=address)
    if found is None:
        raise SecondFactorRefused
    if not two_factor.spend(shop, seal, found, code, is_backup=is_backup):
        name = found.user.username
        guess.wrong(shop, found, name, address=address, action="two_factor.refuse")
        raise SecondFactorRefused
    with shop.store.write() as connection:
        if not factors.end_challenge(connection, shown):
            raise SecondFactorRefused
        return session.begin(shop, connection, found, address=address, device=device)
