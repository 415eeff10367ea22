"""Every failure of a serial line and of the box behind it, for any till or driver on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from fiscal.link.frame import FrameType
from fiscal.simulator.virtual_port import VirtualLine
from tests.fiscal import link_damage as damage

R, A, D = FrameType.REPLY, FrameType.ACK, FrameType.REQUEST


class Struck(Protocol):
    """What can be struck: a line with a box at its end.

    Attributes:
        seed: chooses the damage.
        line: the cable.
    """

    seed: int
    line: VirtualLine

    def arm(self, do: str, seconds: float) -> None:
        """Let the box do something wrong with the call under test."""
        ...

    def take_port(self) -> None:
        """Let another program hold the port."""
        ...


Failure = Callable[[Struck], None]


def on_line(
    deed: damage.Damage, *, most: int | None = None, types: tuple[FrameType, ...] = ()
) -> dict[str, Failure]:
    """The same damage in either direction."""

    def up(world: Struck) -> None:
        world.line.to_device = damage.tamper(deed, world.seed, most=most, types=types)

    def down(world: Struck) -> None:
        world.line.to_host = damage.tamper(deed, world.seed, most=most, types=types)

    return {"to the device": up, "to the host": down}


def power(do: str) -> Failure:
    return lambda world: world.arm(do, 2)


def signs_of_life(seconds: float) -> Failure:
    def arm(world: Struck) -> None:
        world.arm("busy", 10)
        world.line.to_host = damage.SynEvery(seconds, world.line.monotonic)

    return arm


def wrong_baud(baud: int) -> Failure:
    def change(world: Struck) -> None:
        world.line.baud = baud

    return change


def pulled(*, after: int, deed: Callable[[VirtualLine], None]) -> Failure:
    """Something done to the line after so many writings of the host."""

    def arm(world: Struck) -> None:
        left = [after]

        def count(data: bytes) -> damage.Pieces:
            left[0] -= 1
            if left[0] == 0:
                deed(world.line)
                return ()
            return (data,)

        world.line.to_device = count

    return arm


def taken(world: Struck) -> None:
    world.take_port()


def both(name: str, deed: damage.Damage, **more: Any) -> dict[str, Failure]:
    once = on_line(deed, most=1, **more)
    often = on_line(deed, **more)
    return {f"{name}, once {way}": fail for way, fail in once.items()} | {
        f"{name}, always {way}": fail for way, fail in often.items()
    }


FAILURES: dict[str, Failure] = {
    **both("a byte dropped", damage.drop_byte),
    **both("bytes doubled", damage.double_bytes),
    **both("a bit flipped", damage.flip_bit),
    **both("noise before", damage.noise_before),
    **both("noise inside", damage.noise_inside),
    **both("noise after", damage.noise_after),
    **both("bytes one by one", damage.one_by_one),
    **both("two frames in one read", damage.twice_in_one_read),
    **both("half a frame, then silence", damage.half_then_silence),
    **both("a pause inside a frame", damage.pause_inside),
    **both("escapes split", damage.split_escapes),
    **both("a stream without end", damage.endless),
    **both("another version", damage.wrong_version),
    **both("a payload above the limit", damage.oversized),
    **both("parts out of order", damage.out_of_order),
    **both("frames lost", damage.gone),
    **both("acknowledgements lost", damage.gone, types=(A,)),
    **both("acknowledgements late", damage.late, types=(A,)),
    **both("a storm of refusals", damage.nak_storm, types=(A, R, D)),
    **both("frames of an older number", damage.of_older_seq),
    **both("frames of another session", damage.of_another_session),
    **both("other content under the same number", damage.of_other_content),
    **both("enquiries with nothing to repeat", damage.with_enquiry),
    "the reply lost once": on_line(damage.gone, most=1, types=(R,))["to the host"],
    "the reply always lost": on_line(damage.gone, types=(R,))["to the host"],
    "signs of life and nothing else": on_line(damage.only_busy, types=(R,))["to the host"],
    "a sign of life every 2.9 s": signs_of_life(2.9),
    "a sign of life every 3.1 s": signs_of_life(3.1),
    "no sign of life": signs_of_life(1000),
    "a speed that is tried second": wrong_baud(9600),
    "a speed that is not tried": wrong_baud(4800),
    "the power cut before the commit": power("power_cut_before_commit"),
    "the power cut after the commit": power("power_cut_after_commit"),
    "the power cut in the reply": power("power_cut_mid_reply"),
    "silence after the commit": power("commit_then_silence"),
    "silence before the commit": power("drop_before"),
    **{
        f"unplugged at writing {after}": pulled(after=after, deed=lambda line: line.unplug(2))
        for after in (1, 2, 3, 4)
    },
    **{
        f"rebooted at writing {after}": pulled(after=after, deed=VirtualLine.reboot)
        for after in (1, 2, 3, 4)
    },
    "another program has the port": taken,
}
