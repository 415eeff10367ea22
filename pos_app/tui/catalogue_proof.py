"""Commands of the place of the daily proof."""

from __future__ import annotations

from pos_app.tui.commands import Command

PROOF = (
    Command(id="proof.renew", keys="f4", label="Renew", weight=3, help="Read every side again."),
    Command(
        id="proof.before", keys="f5", label="Day before", weight=7,
        help="Prove the business day before.",
    ),
    Command(
        id="proof.after", keys="f6", label="Day after", weight=7, when="has_after",
        help="Prove the business day after.",
    ),
    Command(
        id="proof.save", keys="f7", label="Save PDF", weight=8, when="has_proof",
        help="Save the proof as an A4 page in the folder of papers.",
    ),
    Command(
        id="proof.look", keys="f8", label="Document", weight=8, when="has_document",
        help="Open the receipt of the marked difference; Enter does the same.",
    ),
    Command(id="proof.back", keys="escape", label="Back", help="Back to the shift."),
)  # fmt: skip
