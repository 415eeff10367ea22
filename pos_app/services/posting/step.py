"""One document in SAP: found by its key, judged, sent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sync.sap import approval, looking
from sync.sap.approval import Draft
from sync.sap.client import ServiceLayer


class Held(Protocol):
    """A document as SAP holds it: `Posted` and `PostedGoods` alike."""

    @property
    def doc_entry(self) -> int:
        """SAP's identity of it."""
        ...

    @property
    def doc_num(self) -> int:
        """The number people see."""
        ...


H = TypeVar("H", bound=Held)

GIVEN_UP = "{} is {}, and SAP holds nothing of it: it need not hear of it any more."
"""With the number and state of the document."""


class Mismatch(Exception):
    """SAP holds a document under our key that is not ours, or not to the cent."""


class CannotPlan(Exception):
    """The books hold nothing of this document, or nothing here knows how to post it."""


class EarlierAway(Exception):
    """A document this one follows is not in SAP yet; that one goes first."""


class GivenUp(Exception):
    """The document was given up before SAP held anything of it, and needs not be sent any more."""


class StockMoved(Exception):
    """SAP's stock moved while a document was made of its figures; it is made again."""


class Step(ABC, Generic[H]):
    """One SAP document that a document of ours becomes; frozen, and computed from stored rows.

    Attributes:
        kind: the field's word for it, such as ``invoice``.
        moves_goods: whether the stock that SAP shows contains it from then on.
        is_valued_there: whether SAP alone knows what it is worth, so that its word is kept.
    """

    kind: ClassVar[str]
    moves_goods: ClassVar[bool] = False
    is_valued_there: ClassVar[bool] = False

    @property
    @abstractmethod
    def key(self) -> str:
        """Unique per kind for ever; what SAP is asked for."""

    @property
    def moved(self) -> tuple[tuple[str, int], ...]:
        """Document and line of the goods it moves; empty for all of the row's own document."""
        return ()

    @property
    def sending(self) -> Mapping[str, Any]:
        """What is to be remembered of it from before it is sent, as it stands in the queue."""
        return {}

    @property
    def set_name(self) -> str:
        """The set of SAP it becomes a document of; empty where it makes none."""
        return ""

    @property
    def given_up(self) -> str:
        """Why it need not be sent any more where SAP holds nothing of it; empty while it must."""
        return ""

    @abstractmethod
    def find(self, sap: ServiceLayer) -> H | None:
        """What SAP holds under the key, None only where SAP proves that there is nothing.

        Raises:
            SyncError: SAP could not be asked, which is not a "no" (production lesson L02).
        """

    def question(self, sap: ServiceLayer) -> str:
        """The path whose empty answer is SAP's "no", to be asked with others; empty where none is.

        Raises nothing and asks nothing.
        """
        return looking.key_path(sap, self.set_name, self.key)

    @abstractmethod
    def check(self, held: H) -> None:
        """Believe only what is the same partner's and the same to the cent (lessons L11, L22).

        Raises:
            Mismatch: it is not.
        """

    @abstractmethod
    def send(self, sap: ServiceLayer) -> H:
        """Post it, once.

        Raises:
            SapRejected: SAP refused; nothing was booked.
            Unavailable: proven not processed.
            OutcomeUnknown: it may have been.
        """

    def find_draft(self, sap: ServiceLayer) -> Draft | None:
        """The draft an approval procedure made of it (lesson L57); some kinds know none.

        Raises:
            SyncError: SAP could not be asked.
        """
        return approval.find_draft(sap, self.set_name, self.key)

    def after(self, entries: Mapping[str, int]) -> Step[H]:
        """This step, now that the steps before it are known by their DocEntry, by kind."""
        del entries
        return self

    def prepared(self, sap: ServiceLayer) -> Step[H]:
        """This step as it is to be sent, by what SAP says of the document it follows."""
        del sap
        return self


AnyStep = Step[Any]
"""A step whatever SAP holds of it."""
