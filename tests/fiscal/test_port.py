"""What the status of a reply means, whichever way it came."""

from __future__ import annotations

import pytest

from fiscal.errors import OutcomeUnknown, Unavailable
from fiscal.port import check_status


def test_200_is_an_answer() -> None:
    check_status(200)


@pytest.mark.parametrize("status", [0, 301, 307, 400, 401, 403, 404, 405, 413, 415, 422])
def test_statuses_with_which_nobody_took_the_request(status: int) -> None:
    with pytest.raises(Unavailable):
        check_status(status)


@pytest.mark.parametrize("status", [201, 204, 408, 409, 429, 500, 502, 503, None, "200", -1, 1.5])
def test_anything_else_says_nothing_about_what_was_done(status: object) -> None:
    with pytest.raises(OutcomeUnknown):
        check_status(status)
