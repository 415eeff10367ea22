"""Templates, papers, letters and signatures between our words and the contract's."""

from __future__ import annotations

import base64

from pos_app.api.shopinventory.schemas.document import (
    EmailQuestion,
    GenerateAnswer,
    HistoryDto,
    LetterDto,
    LetterQuestion,
    PlaceholderDto,
    Placeholders,
    SignatureDto,
    TemplateDto,
    TemplateQuestion,
)
from pos_app.domain.paperwork import DocumentKind, kind_of
from pos_app.domain.template import PLACEHOLDERS
from pos_app.services.paperwork.generate import Made, Past
from pos_app.services.paperwork.letter import LetterDraft, LetterTemplate, Wanted
from pos_app.services.paperwork.signature import Signature
from pos_app.services.paperwork.template import Draft, Template


def draft(question: TemplateQuestion) -> Draft:
    """A template as it was sent."""
    return Draft(
        kind=kind_of(question.document_type),
        name=question.name,
        html=question.html_content,
        css=question.css_styles or "",
        header=question.header_content or "",
        footer=question.footer_content or "",
        paper_size=question.paper_size,
        orientation=question.orientation,
        is_default=question.is_default,
        is_active=question.is_active,
    )


def template(found: Template) -> TemplateDto:
    """One template."""
    told = found.draft
    return TemplateDto(
        id=found.id,
        name=told.name,
        document_type=told.kind.value,
        html_content=told.html,
        css_styles=told.css or None,
        header_content=told.header or None,
        footer_content=told.footer or None,
        paper_size=told.paper_size,
        orientation=told.orientation,
        is_default=told.is_default,
        is_active=told.is_active,
        created_at=found.created_at,
        updated_at=found.changed_at,
        created_by_user_name=found.created_by,
    )


def placeholders(kind: DocumentKind) -> Placeholders:
    """What templates of a kind may name."""
    rows = [
        PlaceholderDto(
            key=row.key, description=row.description, example=row.example, category=row.category
        )
        for row in PLACEHOLDERS[kind]
    ]
    return Placeholders(document_type=kind.value, placeholders=rows)


def made(paper: Made, message: str) -> GenerateAnswer:
    """A paper with its bytes."""
    return GenerateAnswer(
        success=True,
        message=message,
        file_path=None,
        download_url=None,
        file_content=base64.b64encode(paper.data).decode("ascii"),
        file_name=paper.name,
    )


def wanted(question: EmailQuestion) -> Wanted:
    """A letter as it was asked for."""
    return Wanted(
        recipient=question.recipient_email,
        name=question.recipient_name or "",
        subject=question.subject or "",
        words=question.message_body or "",
        cc=tuple(question.cc_emails or ()),
        template_id=question.template_id,
        letter_id=question.email_template_id,
        has_files=question.include_attachments,
    )


def past(row: Past) -> HistoryDto:
    """What was made once."""
    return HistoryDto(
        id=row.id,
        document_type=row.kind.value,
        entity_id=row.number,
        document_number=row.name,
        template_name=row.template_name,
        action=row.action,
        recipient_email=row.recipient or None,
        email_subject=row.subject or None,
        email_sent=row.is_sent,
        email_error=row.problem or None,
        generated_at=row.made_at,
        generated_by_user_name=row.username,
        download_url=None,
    )


def signature(found: Signature) -> SignatureDto:
    """One signature."""
    return SignatureDto(
        id=found.id,
        document_type=found.kind.value,
        document_id=found.number,
        signer_name=found.signing.name,
        signer_email=found.signing.email or None,
        signer_role=found.signing.role,
        signature_data=found.signing.data,
        signed_at=found.signed_at,
        is_verified=found.verified_at is not None,
        ip_address=found.address or None,
    )


def letter_draft(question: LetterQuestion) -> LetterDraft:
    """A template of letters as it was sent."""
    return LetterDraft(
        code=question.template_code.upper(),
        name=question.name,
        subject=question.subject,
        body=question.body_content,
        cc=_addresses(question.cc_emails),
        bcc=_addresses(question.bcc_emails),
        is_active=question.is_active,
    )


def letter(found: LetterTemplate) -> LetterDto:
    """One template of letters."""
    told = found.draft
    return LetterDto(
        id=found.id,
        name=told.name,
        template_code=told.code,
        subject=told.subject,
        body_content=told.body,
        cc_emails=", ".join(told.cc) or None,
        bcc_emails=", ".join(told.bcc) or None,
        is_active=told.is_active,
        created_at=found.created_at,
        updated_at=found.changed_at,
    )


def _addresses(text: str | None) -> tuple[str, ...]:
    parts = (text or "").replace(";", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())
