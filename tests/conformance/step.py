"""One step of a story told to the API: a request, what it has to answer, what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reading afterwards, by another route, that shows the effect.

    Attributes:
        route: such as ``GET /api/SalesOrder/{id}``.
        at: the parameters of its path; ``$name`` stands for what an earlier step kept.
        query: its query.
        says: what the answer says, by a path such as ``lines.0.itemCode``; ``$name`` as above.
        role: who asks; empty for nobody.
    """

    route: str
    at: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    says: Mapping[str, Any] = field(default_factory=dict)
    role: str = "Admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Look):
    """A request of the catalogue, its happy case.

    Attributes:
        body: JSON with ``$name`` for what an earlier step kept; None sends none.
        form: sent as a form instead, or with `files`.
        content: sent as it is, for what is signed to the byte; ``$name`` as above.
        files: uploads, by field: name and bytes.
        headers: beside the credentials, or instead of them where `role` is empty.
        status: None for the catalogue's.
        keep: names for later steps, each by a path into the answer.
        then: readings that show the effect; a step that changes something has at least one.
        missing: parameters of a path that names nothing; None takes names nobody has given.
        missing_status: what that answers; None where nothing can be missing.
        bad: a body that is refused; None where the route takes none.
        bad_status: what that answers.
    """

    body: Any = None
    form: Mapping[str, str] | None = None
    content: str | None = None
    files: Mapping[str, tuple[str, bytes]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    keep: Mapping[str, str] = field(default_factory=dict)
    then: tuple[Look, ...] = ()
    missing: Mapping[str, Any] | None = None
    missing_status: int | None = 404
    bad: Any = field(default_factory=lambda: ["no", "object"])
    bad_status: int = 400

    @property
    def sends_body(self) -> bool:
        """Whether there is anything beside its path, its query and its headers."""
        return any(one is not None for one in (self.body, self.form, self.content, self.files))


@dataclass(frozen=True, slots=True)
class Act:
    """What happens between two requests outside of the API, such as SAP taking what is queued.

    Attributes:
        deed: gets the server and what is known so far, to add to it.
    """

    deed: Callable[[House, dict[str, Any]], None]
