"""Commands of the queue to SAP, with their default keys."""

from __future__ import annotations

from pos_app.domain.permission import Permission
from pos_app.tui.commands import Command

QUEUE = (
    Command(
        id="queue.incidents", keys="f5", label="Stands still", weight=6,
        help="What stands still on its way to SAP, one line for each cause.",
    ),
    Command(
        id="queue.review", keys="f6", label="For a person", weight=6,
        help="Documents that are not tried again by themselves.",
    ),
    Command(
        id="queue.all", keys="f7", label="All", weight=5,
        help="Every document that is not in SAP yet, in its order.",
    ),
    Command(
        id="queue.retry", keys="f8", label="Try again", weight=8,
        permission=Permission.POSTING_RETRY,
        help="Try the marked document again now; SAP is asked for it first.", when="has_document",
    ),
    Command(
        id="queue.requeue", keys="f9", label="All of it again", weight=8,
        permission=Permission.POSTING_RETRY,
        help="Try everything again that failed for the cause of the marked line.",
        when="has_incident",
    ),
    Command(
        id="queue.cancel", keys="ctrl+x", label="Take out", weight=7,
        permission=Permission.POSTING_CANCEL,
        help="Take the marked document out for good: SAP is never to hold it.",
        when="has_document",
    ),
    Command(
        id="queue.posted", keys="ctrl+s", label="SAP holds it", weight=7,
        permission=Permission.POSTING_CANCEL,
        help="Say that somebody entered the marked document in SAP by hand; SAP is asked for it.",
        when="has_document",
    ),
    Command(id="queue.renew", keys="f4", label="Renew", weight=3, help="Ask the server again."),
    Command(id="queue.back", keys="escape", label="Back", help="Back to the shift."),
)  # fmt: skip
