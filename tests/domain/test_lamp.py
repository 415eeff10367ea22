from __future__ import annotations

import pytest

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.lamp import (
    Lamp,
    Lamps,
    OutboxState,
    fiscal_lamp,
    sap_lamp,
    synced_lamp,
)
from pos_app.domain.posting import PostingState

WORDS = {
    "paid": {"done"},
    "fiscalised": {"done", "pending", "unknown", "refused", "disputed"},
    "printed": {"done", "pending", "failed"},
    "synced": {"done", "pending", "quarantined"},
    "in_sap": {"done", "pending", "review", "unknown"},
}


def test_the_words_are_the_contracts() -> None:
    assert {fiscal_lamp(state) for state in FiscalState} == WORDS["fiscalised"]
    assert {synced_lamp(state) for state in (None, *OutboxState)} == WORDS["synced"]
    assert {
        sap_lamp(state, is_unclear=unclear)
        for state in (None, *PostingState)
        for unclear in (False, True)
    } == WORDS["in_sap"]
    assert set().union(*WORDS.values()) == set(Lamp)


def test_a_new_sale_is_paid_and_waits_for_the_rest() -> None:
    lamps = Lamps()
    assert lamps.as_words() == {
        "paid": "done",
        "fiscalised": "pending",
        "printed": "pending",
        "synced": "pending",
        "in_sap": "pending",
    }
    assert not lamps.are_all_done
    done = Lamp.DONE
    assert Lamps(done, done, done, done, done).are_all_done


@pytest.mark.parametrize(
    ("state", "is_unclear", "word"),
    [
        (None, False, "pending"),
        (None, True, "pending"),
        (PostingState.FAILED, False, "pending"),
        (PostingState.PROCESSING, True, "unknown"),
        (PostingState.COMPLETED, True, "done"),
        (PostingState.REQUIRES_REVIEW, True, "review"),
        (PostingState.CANCELLED, False, "review"),
    ],
)
def test_in_sap(state: PostingState | None, is_unclear: bool, word: str) -> None:
    assert sap_lamp(state, is_unclear=is_unclear) == word
