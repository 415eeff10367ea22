"""Files that come in as forms."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, File, Form, UploadFile

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.domain.attachment import KINDS, LARGEST, Attached, check_file

Upload = Annotated[UploadFile, File(description="The file; 25 MB at most.")]
Description = Annotated[str, Form(description="What it is, in up to 500 letters.")]


def text(value: str, name: str) -> str:
    """A field of a form as any database can keep it.

    Raises:
        FieldsInvalid: it holds the character NUL, or half a character.
    """
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FieldsInvalid([Field(name, "The text contains half a character.")]) from None
    if "\x00" in value:
        raise FieldsInvalid([Field(name, "The text contains the character NUL.")])
    return value


def _description(description: Description = "") -> str:
    return text(description, "description")


Words = Annotated[str, Depends(_description)]


def checked(
    file: UploadFile, *, endings: frozenset[str] = frozenset(KINDS), largest: int = LARGEST
) -> Attached:
    """The file that came, if it is one that is taken.

    Raises:
        FileTooLarge, FileRefused: it is not.
    """
    data = file.file.read(largest + 1)
    return check_file(file.filename or "", data, endings=endings, largest=largest)
