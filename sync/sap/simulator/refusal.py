"""How the simulator says no: SAP's codes and words, raised where the rule is."""

from __future__ import annotations

NO_MATCH = "No matching records found (ODBC -2028)"


class Refusal(Exception):
    """A request SAP refuses; nothing of it was booked.

    Attributes:
        code: SAP's code.
        text: SAP's words.
        status: HTTP status.
    """

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


def no_match() -> Refusal:
    """A record named by the request does not exist."""
    return Refusal(-2028, NO_MATCH, 404)
