"""The PDF of a letter: the same bytes each time, read aloud in order, nothing fetched."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from weasyprint.urls import FatalURLFetchingError

from ecluse.domain.errors import SetupIncomplete
from ecluse.portal.cases.letters import Block, BlockKind, LetterText
from ecluse.portal.letters import paper
from ecluse.portal.letters.paper import Sheet, html_of, pdf_of
from ecluse.portal.letters.sealing import Seal, is_sealed_by, seal_pdf
from tests.unit.portal.letters.sealed import SealFiles
from tests.unit.portal.letters.structure import read

AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
TEXT = LetterText(
    "Refus motivé",
    "EHDS art. 68(9)",
    date(2026, 1, 5),
    (
        Block(BlockKind.PARAGRAPH, ("Votre demande est refusée.",)),
        Block(BlockKind.HEADING, ("Motifs",)),
        Block(BlockKind.POINTS, ("Trop de colonnes.", "Aucun avis.")),
        Block(BlockKind.TERMS, ("Organisme", "Durée"), ("Université", "Deux ans")),
        Block(BlockKind.NUMBERED, ("Publier.", "Ne pas réidentifier."), is_french=True),
    ),
)
SHEET = Sheet(
    language="fr",
    number="2026-00001-L2",
    case_number="2026-00001",
    authority="Guichet d’essai",
    address=("1, place de l’Exemple", "75000 Paris"),
    contact="guichet@hub.example",
    city="Paris",
    addressee=("Camille Moreau", "Université d’Exemple"),
    author="Paul Lefèvre",
    office="agent habilité à décider",
    text=TEXT,
    dated_on=date(2026, 1, 5),
    decided_at=AT,
    code="ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    check_address="https://hub.example/check/ABCDEFGHIJKLMNOPQRSTUVWXYZ/",
)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return pdf_of(SHEET)


def test_the_same_sheet_gives_the_same_bytes(pdf: bytes) -> None:
    assert pdf_of(SHEET) == pdf


def test_another_word_gives_other_bytes(pdf: bytes) -> None:
    assert pdf_of(replace(SHEET, author="Anne Petit")) != pdf


def test_the_same_seal_at_the_same_instant_gives_the_same_bytes(
    pdf: bytes, seal_files: SealFiles
) -> None:
    seal: Seal = seal_files.seal

    assert seal_pdf(pdf, seal, at=AT) == seal_pdf(pdf, seal, at=AT)


def test_the_file_says_its_language_its_title_and_that_it_is_tagged(pdf: bytes) -> None:
    found = read(pdf)

    assert (found.language, found.is_marked, found.shows_title) == ("fr", True, True)
    assert found.title == "Refus motivé — 2026-00001-L2"
    assert 'pdfuaid:part="1"' in found.metadata


def test_headings_come_in_order_without_a_gap(pdf: bytes) -> None:
    assert read(pdf).headings() == [1, 2, 2]


def test_lists_terms_and_links_are_what_they_are(pdf: bytes) -> None:
    tags = read(pdf).tags()

    assert (tags.count("/L"), tags.count("/LI")) == (2, 4)
    assert (tags.count("/Table"), tags.count("/TH"), tags.count("/TD")) == (1, 2, 2)
    assert tags.count("/Link") == 1


def test_every_image_says_what_it_is(pdf: bytes) -> None:
    images = [element for element in read(pdf).elements if element.tag == "/Figure"]

    assert [image.alternative for image in images] == [
        "Code QR de l’adresse https://hub.example/check/ABCDEFGHIJKLMNOPQRSTUVWXYZ/"
    ]


def test_every_font_is_in_the_file_and_is_ours(pdf: bytes) -> None:
    fonts = read(pdf).fonts

    assert all(is_embedded for _name, is_embedded in fonts)
    assert {name.partition("+")[2] for name, _ in fonts} == {"Letter", "Letter-Bold"}


def test_the_seal_adds_nothing_that_a_screen_reader_would_stumble_on(
    pdf: bytes, seal_files: SealFiles
) -> None:
    sealed = read(seal_pdf(pdf, seal_files.seal, at=AT))

    (widget,) = [note for note in sealed.annotations if note["/Subtype"] == "/Widget"]
    assert int(widget["/F"]) & 0b10  # hidden
    assert str(widget["/TU"]) == "Cachet électronique"
    assert read(pdf).elements == sealed.elements
    assert 'pdfuaid:part="1"' in sealed.metadata
    assert sealed.title == "Refus motivé — 2026-00001-L2"


def test_the_address_to_check_is_in_the_picture(pdf: bytes) -> None:
    drawn = html_of(SHEET)

    assert 'src="data:image/svg+xml' in drawn
    assert drawn != html_of(replace(SHEET, check_address="https://hub.example/check/OTHER/"))


def test_words_that_look_like_marks_stay_words() -> None:
    text = replace(
        TEXT, blocks=(Block(BlockKind.PARAGRAPH, ("<img src='http://evil.example/x'>",)),)
    )

    page = html_of(replace(SHEET, text=text))

    assert "&lt;img src=&#39;http://evil.example/x&#39;&gt;" in page


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x", "file:///etc/passwd", "https://evil.example/font.ttf"]
)
def test_a_letter_fetches_nothing_but_its_fonts(address: str) -> None:
    fetcher = paper._OnlyOurs(paper._font_addresses())

    with pytest.raises(FatalURLFetchingError):
        fetcher.fetch(address)


def test_a_missing_font_says_which_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "FONT_FOLDER", Path("/nowhere"))

    with pytest.raises(SetupIncomplete, match="apt-get install fonts-liberation"):
        pdf_of(SHEET)


def test_the_seal_holds_for_the_whole_file(pdf: bytes, seal_files: SealFiles) -> None:
    seal: Seal = seal_files.seal
    sealed = seal_pdf(pdf, seal, at=AT)

    assert is_sealed_by(sealed, seal.chain, at=AT)
    assert not is_sealed_by(pdf, seal.chain, at=AT)
    assert not is_sealed_by(sealed + b"\n", seal.chain, at=AT)
