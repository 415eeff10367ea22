"""Tell a barcode scanner from a typist, and bring whole scans to the screen in front.

A keyboard scanner is a fast typist: there is no device behind it in a terminal. Keys are therefore
judged at the application, by the moments the input thread stamped on them, before any widget sees
them: a dialog that opens in the middle of a scan cannot tear it in two.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

GS = "\x1d"
"""Separates the fields of a GS1 code (FNC1)."""

TERMINATORS = frozenset({"enter", "tab"})
REPEATABLE = frozenset({"tab", "shift+tab", "plus", "minus", "exclamation_mark"})

DEEDS = REPEATABLE | {"enter", "escape", *(f"f{number}" for number in range(1, 13))}
"""Keys that do something: whatever is typed behind one waits until it is done.

Held down they count once, but for those that may stand in a text.
"""

SCREEN, KEY, SHOP = "screen", "key", "shop"
"""What keys may have to wait for: another screen, what the last key does, the shop to be opened."""

MOST_ROUNDS = 100

REPEAT = 0.1
"""A key held down repeats faster than this, in seconds; a person does not."""

LONGEST = 200
MOST_STALLS = 3

GOODS_DIGITS = 9
"""From so many digits on a burst is a scan wherever it comes; a PIN has at most eight."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key as the input thread saw it; ``time`` in seconds of a monotonic clock."""

    key: str
    character: str | None
    time: float

    @property
    def is_scannable(self) -> bool:
        """Whether a barcode can contain it."""
        return self.character is not None and (self.character.isprintable() or self.character == GS)

    @property
    def is_text(self) -> bool:
        """Whether it merely writes or takes back a letter."""
        return self.key == "backspace" or (self.character or "\n").isprintable()


def never(code: str) -> bool:
    """Whether a burst is typing: not where only scans come."""
    del code
    return False


def _text_of(strokes: Sequence[Stroke]) -> str:
    return "".join(stroke.character or "" for stroke in strokes)


@dataclass(slots=True)
class ScanAssembler:
    """Judge strokes by the gaps between them, or by a prefix the scanner sends first.

    Attributes:
        gap: longest pause inside a scan, in seconds.
        length_min: shortest code taken for a scan without a prefix.
        prefix: name of a key, such as ``ctrl+b`` for STX. With it nothing is ever held back
            without the prefix, and the gaps no longer decide: for scanners behind a network.
    """

    gap: float = 0.040
    length_min: int = 6
    prefix: str = ""
    held: list[Stroke] = field(default_factory=list)
    seen: list[Stroke] = field(default_factory=list)
    is_prefixed: bool = False

    def feed(
        self, stroke: Stroke, *, is_text: Callable[[str], bool] = never
    ) -> tuple[list[Stroke], str | None]:
        """Take one stroke; return those to let through now, and the code of a finished scan.

        Args:
            stroke: the key.
            is_text: whether a burst counts as typing where it goes; not asked with a prefix.
        """
        if self.prefix:
            return self._feed_prefixed(stroke)
        typed = self.release() if self._is_late(stroke) else []
        if stroke.key in TERMINATORS and self.is_scan and not is_text(_text_of(self.held)):
            return typed, self._code()
        self.held.append(stroke)
        if not stroke.is_scannable or stroke.key in TERMINATORS or len(self.held) > LONGEST:
            typed += self.release()
        return typed, None

    def watch(self, stroke: Stroke, *, is_text: Callable[[str], bool] = never) -> str | None:
        """Take a stroke that was let through at once; return the code whose end it is.

        For lists that narrow with every key: what was typed in between is undone by the screen.
        """
        if self.seen and stroke.time - self.seen[-1].time > self.gap:
            self.seen.clear()
        if stroke.key in TERMINATORS and self._is_burst(self.seen):
            code, self.seen = _text_of(self.seen), []
            return None if is_text(code) else code
        if stroke.is_scannable and stroke.key not in TERMINATORS and len(self.seen) < LONGEST:
            self.seen.append(stroke)
        else:
            self.seen.clear()
        return None

    @property
    def is_scan(self) -> bool:
        """Whether what is held is long enough, and not one key held down until it repeats."""
        return self._is_burst(self.held)

    def _is_burst(self, strokes: list[Stroke]) -> bool:
        return len(strokes) >= self.length_min and len({stroke.key for stroke in strokes}) > 1

    @property
    def patience(self) -> float:
        """How long what is held may wait for its next stroke, in seconds."""
        return 1.0 if self.is_prefixed else self.gap

    def release(self) -> list[Stroke]:
        """Give back what is held, as typing."""
        held, self.held, self.is_prefixed = self.held, [], False
        return held

    def _is_late(self, stroke: Stroke) -> bool:
        return bool(self.held) and stroke.time - self.held[-1].time > self.gap

    def _code(self) -> str:
        return _text_of(self.release())

    def _feed_prefixed(self, stroke: Stroke) -> tuple[list[Stroke], str | None]:
        if stroke.key == self.prefix:
            typed = self.release()
            self.is_prefixed = True
            return typed, None
        if not self.is_prefixed:
            return [stroke], None
        if stroke.key in TERMINATORS and self.held:
            return [], self._code()
        self.held.append(stroke)
        if not stroke.is_scannable or stroke.key in TERMINATORS or len(self.held) > LONGEST:
            return self.release(), None
        return [], None


class Scanned(Message, bubble=False):
    """A scanner sent a whole code.

    Attributes:
        at: when its last key arrived, on the input thread's clock.
    """

    def __init__(self, code: str, at: float) -> None:
        super().__init__()
        self.code = code
        self.at = at


def pasted_code(text: str) -> str | None:
    """Return the code in a bracketed paste of one line, None when it is not one."""
    line = text.strip("\r\n\t ")
    printable = all(char.isprintable() or char == GS for char in line)
    return line if line and len(line) <= LONGEST and printable and " " not in line else None


def takes_scans(screen: Screen[object]) -> bool:
    """Whether a screen says that it does something with a scan (``SCANS = True``)."""
    return bool(getattr(screen, "SCANS", False))


def is_goods(code: str) -> bool:
    """Whether a burst can be nothing but the code of goods: many digits, or fields of GS1."""
    return GS in code or (code.isdecimal() and len(code) >= GOODS_DIGITS)


class ScanningApp(App[None]):
    """An application that assembles scans before anything else sees the keys.

    Attributes:
        refused_scans: codes a screen in front could do nothing with, to be named later.
        late_scans: codes that came while a sale was being posted: they belong to the next one.
    """

    def __init__(self, *, scan_prefix: str = "", scan_gap_ms: int = 40) -> None:
        super().__init__()
        self.assembler = ScanAssembler(gap=scan_gap_ms / 1000, prefix=scan_prefix)
        self.refused_scans: list[str] = []
        self.late_scans: list[tuple[str, float]] = []
        self._armed_at = 0.0
        self._stalls = 0
        self._holds: set[str] = set()
        self._waiting: list[Stroke] = []
        self._last_deed = ("", 0.0)

    def hold_keys(self) -> None:
        """Keep keys back while another screen is on its way: they are meant for that one."""
        self._holds.add(SCREEN)

    def hold_keys_until_open(self) -> None:
        """Keep keys back from the first that does something: the shop it needs is not open yet."""
        self._holds.add(SHOP)

    def release_keys_now_open(self) -> None:
        """Let the keys that waited for the shop go to the screen in front."""
        self.call_later(self._let_go, SHOP)

    def is_urgent(self, key: str) -> bool:
        """Whether a key does not wait for the shop."""
        del key
        return False

    def _must_wait(self, stroke: Stroke) -> bool:
        if self._holds == {SHOP}:
            is_free = stroke.is_text and not self._waiting
            return not (is_free or self.is_urgent(stroke.key))
        return bool(self._holds)

    def release_keys(self) -> None:
        """Let the keys that were kept back go to the screen in front."""
        if SCREEN in self._holds:
            self.call_later(self._let_go, SCREEN)

    async def _let_go(self, why: str) -> None:
        self._holds.discard(why)
        waiting, self._waiting = self._waiting, []
        for stroke in waiting:
            await self._on_stroke(stroke)

    async def _let_go_when_done(self, rounds: int = 0) -> None:
        """Let go once whoever got the last key, and everybody around, has dealt with it."""
        await asyncio.sleep(0)
        around = (self.focused or self.screen).ancestors_with_self
        if rounds < MOST_ROUNDS and any(node.message_queue_size for node in around):
            self.call_later(self._let_go_when_done, rounds + 1)
        else:
            await self._let_go(KEY)

    def key_seen(self, at: float) -> None:
        """Hear of a key on its way to a widget; ``at`` is its moment on the input thread."""

    async def on_event(self, event: events.Event) -> None:
        """Hold back keys that may belong to a scan; everything else goes its way."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._on_stroke(Stroke(event.key, event.character, event.time))
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            await self._on_pasted(event)
        else:
            await super().on_event(event)

    async def _on_stroke(self, stroke: Stroke) -> None:
        if self._must_wait(stroke):
            self._waiting += [*self.assembler.release(), stroke]
            return
        if not self._may_hold():
            await self._watched(stroke)
            return
        typed, code = self.assembler.feed(stroke, is_text=self._is_text)
        await self._replay(typed)
        if code is not None:
            self._deliver(code, stroke.time)
        elif self.assembler.held:
            self._stalls = 0
            self._arm()

    async def _watched(self, stroke: Stroke) -> None:
        code = self.assembler.watch(stroke, is_text=self._is_text)
        before = self.assembler.release()
        if code is None:
            await self._replay([*before, stroke])
        else:  # only once the keys of the scan have arrived, so that they can be undone
            (self.focused or self.screen).call_later(self._deliver, code, stroke.time)

    async def _on_pasted(self, event: events.Paste) -> None:
        code = pasted_code(event.text) if takes_scans(self.screen) else None
        if code is None:
            await super().on_event(event)
        else:
            self._deliver(code, event.time)

    def _is_text(self, code: str) -> bool:
        """Whether a burst is typing: where a screen takes no scans, a fast typist fills lines."""
        is_line = hasattr(self.focused, "is_shortcut")
        return is_line and not takes_scans(self.screen) and not is_goods(code)

    def _may_hold(self) -> bool:
        return bool(self.assembler.prefix) or getattr(self.screen, "HOLDS_KEYS", True)

    def _deliver(self, code: str, at: float) -> None:
        self.screen.post_message(Scanned(code, at))

    def _arm(self) -> None:
        self._armed_at = time.monotonic()
        self.set_timer(self.assembler.patience, self._expire)

    async def _expire(self) -> None:
        """Let held keys through as typing once no further stroke came."""
        waited, patience = time.monotonic() - self._armed_at, self.assembler.patience
        if not self.assembler.held or waited < patience - 0.001:
            return  # a later key armed it again; a timer that woke cannot be called back
        if waited > patience * 1.5 and self._stalls < MOST_STALLS:
            self._stalls += 1
            self._arm()  # the loop stood still: more of the scan may be waiting behind this timer
            return
        await self._replay(self.assembler.release())

    async def _replay(self, strokes: list[Stroke]) -> None:
        for stroke in strokes:
            if self._must_wait(stroke):
                self._waiting.append(stroke)
                continue
            if self._is_repeat(stroke):
                continue
            is_deed = stroke.key in DEEDS or not self._is_typed(stroke.key)
            key = events.Key(stroke.key, stroke.character)
            key.time = stroke.time
            self.key_seen(stroke.time)
            await super().on_event(key)
            if is_deed:
                self._holds.add(KEY)
                self.call_later(self._let_go_when_done)

    def _is_typed(self, key: str) -> bool:
        """Whether a key is merely a letter in a line of text."""
        ask = getattr(self.focused, "is_shortcut", None)
        return ask is not None and not ask(key)

    def _is_repeat(self, stroke: Stroke) -> bool:
        """Whether a key that does something is merely held down (production lesson L25)."""
        last, self._last_deed = self._last_deed, (stroke.key, stroke.time)
        is_deed = stroke.key in DEEDS or stroke.key.startswith("ctrl+")
        return (
            is_deed
            and stroke.key not in REPEATABLE
            and last[0] == stroke.key
            and stroke.time - last[1] < REPEAT
        )
