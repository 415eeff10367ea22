"""Pages that say which test shows what name tests that exist."""

from __future__ import annotations

import pytest

from tests.test_lessons import NAME, ROOT, names, plain

PAGES = ("docs/sap.md", "docs/sap-sandbox.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_test_a_page_names_exists(page: str) -> None:
    named = NAME.findall((ROOT / page).read_text(encoding="utf-8"))
    known = {plain(name) for name in names()}
    assert named
    assert [name for name in named if plain(name) not in known] == []
