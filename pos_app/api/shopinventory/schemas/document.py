"""Bodies of ``/api/Document``: templates, papers, letters, signatures."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from pos_app.api.shopinventory.schemas.fields import ShortText, Text
from pos_app.api.wire import Answer, Question
from pos_app.domain.template import LONGEST_TEMPLATE

Whole = Annotated[str, StringConstraints(max_length=LONGEST_TEMPLATE)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Drawn = Annotated[str, StringConstraints(min_length=1, max_length=500_000)]
Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


def _entity(value: object) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


Entity = Annotated[
    str,
    BeforeValidator(_entity, json_schema_input_type=int | str),
    StringConstraints(min_length=1, max_length=50),
]
"""A document's number; of a statement the customer's code."""


class TemplateQuestion(Question):
    """A template of papers, whole."""

    name: Name
    document_type: Name
    html_content: Whole
    css_styles: Whole | None = None
    header_content: Whole | None = None
    footer_content: Whole | None = None
    paper_size: ShortText = "A4"
    orientation: ShortText = "Portrait"
    is_default: bool = False
    is_active: bool = True


class TemplateDto(Answer):
    """A template of papers."""

    id: int
    name: str
    document_type: str
    html_content: str
    css_styles: str | None
    header_content: str | None
    footer_content: str | None
    paper_size: str
    orientation: str
    is_default: bool
    is_active: bool
    created_at: dt.datetime
    updated_at: dt.datetime | None
    created_by_user_name: str | None


class TemplatePage(Answer):
    """Templates by kind and name."""

    templates: list[TemplateDto]
    items: list[TemplateDto]
    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool


class PlaceholderDto(Answer):
    """Something a template may name; ``Lines.X`` inside the loop over lines."""

    key: str
    description: str
    example: str
    category: str


class Placeholders(Answer):
    """What templates of a kind may name."""

    document_type: str
    placeholders: list[PlaceholderDto]


class GenerateQuestion(Question):
    """Which paper; without a template the default, or the shop's own page."""

    document_type: Name
    entity_id: Entity
    template_id: Id | None = None
    save_to_history: bool = True
    format: Literal["pdf", "html"] = "pdf"


class EmailQuestion(Question):
    """Which paper goes to whom."""

    document_type: Name
    entity_id: Entity
    template_id: Id | None = None
    recipient_email: Annotated[str, StringConstraints(min_length=1, max_length=254)]
    recipient_name: ShortText | None = None
    subject: Annotated[str, StringConstraints(max_length=250)] | None = None
    message_body: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    cc_emails: list[Annotated[str, StringConstraints(max_length=254)]] | None = None
    include_attachments: bool = True
    email_template_id: Id | None = None


class GenerateAnswer(Answer):
    """The paper; ``fileContent`` is Base64."""

    success: bool
    message: str | None
    file_path: str | None
    download_url: str | None
    file_content: str | None
    file_name: str | None


class HistoryDto(Answer):
    """What was made; ``emailSent`` is null while nobody knows."""

    id: int
    document_type: str
    entity_id: int
    document_number: str | None
    template_name: str | None
    action: str
    recipient_email: str | None
    email_subject: str | None
    email_sent: bool | None
    email_error: str | None
    generated_at: dt.datetime
    generated_by_user_name: str | None
    download_url: str | None


class HistoryPage(Answer):
    """What was made, newest first."""

    history: list[HistoryDto]
    items: list[HistoryDto]
    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool


class SignatureQuestion(Question):
    """Who signs, with what was drawn."""

    document_type: Name
    document_id: Entity
    signer_name: Name
    signer_email: Annotated[str, StringConstraints(max_length=254)] | None = None
    signer_role: ShortText
    signature_data: Drawn


class SignatureDto(Answer):
    """A signature; ``isVerified`` once somebody has computed it anew."""

    id: int
    document_type: str
    document_id: int
    signer_name: str
    signer_email: str | None
    signer_role: str
    signature_data: str
    signed_at: dt.datetime
    is_verified: bool
    ip_address: str | None


class SignatureList(Answer):
    """The signatures of a document, oldest first."""

    signatures: list[SignatureDto]
    total_count: int


class LetterQuestion(Question):
    """A template of letters, whole; copies as addresses with commas between."""

    name: Name
    template_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,50}$")]
    subject: Annotated[str, StringConstraints(min_length=1, max_length=250)]
    body_content: Whole
    cc_emails: Text | None = None
    bcc_emails: Text | None = None
    is_active: bool = True


class LetterDto(Answer):
    """A template of letters."""

    id: int
    name: str
    template_code: str
    subject: str
    body_content: str
    cc_emails: str | None
    bcc_emails: str | None
    is_active: bool
    created_at: dt.datetime
    updated_at: dt.datetime | None


class LetterList(Answer):
    """Templates of letters by code."""

    templates: list[LetterDto]
    total_count: int
