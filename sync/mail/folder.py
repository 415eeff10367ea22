"""Letters into a folder, one file each, for demos, tests, and programs that send them on."""

from __future__ import annotations

import os
from pathlib import Path

from sync.mail.letter import Delivery, Fate, Letter, MayHand


class FolderCarrier:
    """Writes ``<id>.eml``; a letter that comes twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, letter: Letter, may_hand: MayHand) -> Delivery:
        """Write it whole or not at all."""
        if not may_hand():
            return Delivery(fate=Fate.LEFT)
        target = self._folder / f"{letter.id}.eml"
        aside = target.with_name(f".{target.name}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as file:
                file.write(_envelope(letter) + letter.message)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
        except OSError as error:
            reason = f"{target} cannot be written: {error.strerror or error}."
            return Delivery(fate=Fate.LATER, reason=reason, is_server_away=True)
        return Delivery(fate=Fate.SENT)


def _envelope(letter: Letter) -> bytes:
    """Who gets it, blind copies too, in the header that delivery programs use for it."""
    lines = [f"Return-Path: <{letter.sender}>"]
    lines += [f"X-Envelope-To: {recipient}" for recipient in letter.recipients]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
