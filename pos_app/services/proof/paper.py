"""A proof as a paper."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from pos_app.domain.proof import Proof
from pos_app.services import saved_paper
from pos_app.services.proof import form
from pos_app.services.saved_paper import CannotWriteFile, Form, SavedPaper
from pos_app.services.shop import Shop
from printing.layouts.proof import daily_proof
from printing.proof import DailyProof, ProofDifference, ProofFigure, ProofPart

KIND = "proof"


def paper_of(shop: Shop, proof: Proof) -> DailyProof:
    """The proof in the words of papers."""
    sides = [read.side for read in proof.sides]
    return DailyProof(
        shop=shop.rules.seller.name,
        day=proof.day,
        made_at=shop.local(proof.at),
        verdict=form.verdict(proof),
        sides=tuple(form.head(proof, side) for side in sides),
        unread=tuple(f"{read.word}: {read.problem}" for read in proof.unread),
        differences=tuple(
            ProofDifference(
                document=row.reference,
                sentence=row.sentence,
                age=form.age_words(form.age_of(row, proof.at)),
            )
            for row in proof.differences
        ),
        parts=tuple(
            ProofPart(
                till=till,
                currency=currency,
                figures=tuple(
                    ProofFigure(
                        name=row.name,
                        cells=tuple(form.cell(row, side, proof) for side in sides),
                        differs=row.differs,
                    )
                    for row in rows
                ),
            )
            for (till, currency), rows in groupby(
                proof.sums, key=lambda row: (row.till, row.currency)
            )
        ),
    )


def save(shop: Shop, proof: Proof, made: Form, out: Path | None = None) -> SavedPaper:
    """The proof as a file; it proves nothing to the law, so it is not counted.

    Raises:
        CannotMakePaper, CannotWriteFile: as for other papers.
    """
    name = f"proof-{proof.day.isoformat()}"
    sheet, words = paper_of(shop, proof), shop.rules.paper.words
    data = saved_paper.encoded(
        shop, name, made, lambda width: daily_proof(sheet, width, words), kind=KIND
    )
    return saved_paper.kept(name, data, out)


def save_in_folder(shop: Shop, proof: Proof) -> SavedPaper:
    """The proof as a PDF in the folder of papers; one made before is written over.

    Raises:
        CannotMakePaper, CannotWriteFile: as for other papers.
    """
    folder = shop.rules.paper.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWriteFile(folder, error.strerror or str(error)) from error
    return save(shop, proof, Form.PDF, folder / f"proof-{proof.day.isoformat()}.pdf")
