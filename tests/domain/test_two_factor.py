"""Steps of time, and backup codes as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pos_app.domain.two_factor import read_backup, step_of, steps_around, written

NOW = datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)


def test_steps_are_those_of_the_standard() -> None:
    """RFC 6238 appendix B: 1111111109 seconds after 1970 lie in step 0x23523EC."""
    assert step_of(NOW) == 0x23523EC
    assert list(steps_around(NOW)) == [0x23523EB, 0x23523EC, 0x23523ED]
    assert step_of(NOW + timedelta(seconds=1)) == 0x23523ED


@pytest.mark.parametrize(
    ("typed", "number", "mark"),
    [
        (written(10, "k7qmx2vd9h"), 10, "k7qmx2vd9h"),
        ("3-k7qmx-2vd9h", 3, "k7qmx2vd9h"),
        (" 3 K7QMX 2vd9h ", 3, "k7qmx2vd9h"),
        ("3k7qmx2vd9h", 3, "k7qmx2vd9h"),
        ("11-k7qmx-2vd9h", 0, ""),
        ("0-k7qmx-2vd9h", 0, ""),
        ("3-k7qmx-2vd9l", 0, ""),
        ("123456", 0, ""),
        ("", 0, ""),
    ],
)
def test_a_backup_code_is_read_however_it_is_typed(typed: str, number: int, mark: str) -> None:
    assert read_backup(typed) == (number, mark)
