"""One holder per device: other processes wait, and the dead let go."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pos_app.holder import Holder

HOLDS = """
import sys
from pathlib import Path
from pos_app.holder import Holder
holder = Holder(Path(sys.argv[1]))
print(holder.take(float(sys.argv[2])), flush=True)
sys.stdin.read()
"""


@contextmanager
def other_process(
    path: Path, *, wait_seconds: float = 0
) -> Iterator[tuple[subprocess.Popen[str], bool]]:
    """A process that tries to become the holder and then stays; with what it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path), str(wait_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        yield child, child.stdout.readline().strip() == "True"
    finally:
        child.kill()
        child.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fiscal.lock"


@pytest.mark.process
def test_a_second_process_cannot_take_a_held_device(path: Path) -> None:
    mine = Holder(path)
    assert mine.take()
    with other_process(path) as (_, has_it):
        assert not has_it
    mine.release()
    with other_process(path) as (_, has_it):
        assert has_it
        assert not mine.take()
        assert not mine.is_held


@pytest.mark.process
def test_what_a_killed_process_held_is_free_at_once(path: Path) -> None:
    mine = Holder(path)
    with other_process(path) as (child, has_it):
        assert has_it
        assert not mine.take()
        child.kill()
        child.wait()
        assert mine.take()


@pytest.mark.process
def test_waiting_is_answered_when_the_holder_lets_go(path: Path) -> None:
    mine = Holder(path)
    assert mine.take()
    timer = threading.Timer(0.3, mine.release)
    timer.start()
    with other_process(path, wait_seconds=30) as (_, has_it):
        assert has_it
    timer.join()


@pytest.mark.process
def test_a_device_taken_on_one_thread_is_let_go_from_another(path: Path) -> None:
    """A lane takes it on its own thread; whoever stops the lane gives it back."""
    mine = Holder(path)
    lane = threading.Thread(target=mine.take)
    lane.start()
    lane.join()
    assert mine.is_held
    with other_process(path) as (_, has_it):
        assert not has_it
    mine.release()
    assert not mine.is_held
    with other_process(path) as (_, has_it):
        assert has_it


def test_taking_again_changes_nothing(path: Path) -> None:
    mine, second = Holder(path), Holder(path)
    assert mine.take()
    assert mine.take()
    assert not second.take()
    mine.release()
    assert second.take()
    mine.release()
    assert second.is_held


def test_holding_for_a_while(path: Path) -> None:
    mine, second = Holder(path), Holder(path)
    with mine.held() as is_mine:
        assert is_mine
        with second.held() as is_second:
            assert not is_second
        assert mine.is_held
    assert not mine.is_held
    with pytest.raises(RuntimeError), second.held():
        raise RuntimeError
    assert mine.take()
