"""The printed invoice: PDF/A-3 that names Factur-X, holds its data, and can be read aloud."""

from io import BytesIO

import pytest
from lxml import etree
from pypdf import PdfReader

from ecluse.portal.fees.facturx import to_xml
from ecluse.portal.fees.invoices import Buyer
from ecluse.portal.fees.printing import to_pdf
from tests.unit.portal.fees.billing import prints
from tests.unit.portal.fees.test_facturx import invoice

pytestmark = prints
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@pytest.fixture
def read() -> PdfReader:
    """The invoice of the example, printed and read again."""
    text = invoice()
    return PdfReader(BytesIO(to_pdf(text, to_xml(text), holders={"chu-dexemple": "CHU"})))


def test_the_data_travel_inside_as_an_alternative_of_the_page(read: PdfReader) -> None:
    root = read.trailer["/Root"]
    [named] = [one.get_object() for one in root["/AF"]]

    assert (named["/UF"], named["/AFRelationship"]) == ("factur-x.xml", "/Alternative")
    assert read.attachments["factur-x.xml"] == [to_xml(invoice())]


def test_the_metadata_name_pdf_a_3_and_the_profile_of_factur_x_in_one_description(
    read: PdfReader,
) -> None:
    packet = read.trailer["/Root"]["/Metadata"].get_object().get_data()
    tree = etree.fromstring(packet[packet.index(b"<x:xmpmeta") : packet.rindex(b"<?xpacket")])

    names = ("DocumentFileName", "DocumentType", "Version", "ConformanceLevel")
    assert [tree.findtext(f".//{FX}{name}") for name in names] == [
        "factur-x.xml",
        "INVOICE",
        "1.0",
        "EN 16931",
    ]
    described = [one.attrib for one in tree.iter(f"{RDF}Description")]
    assert {f"{RDF}about": "", f"{PDFA}part": "3", f"{PDFA}conformance": "A"} in described
    assert len(tree.findall(f"{RDF}RDF")) == 1


def test_the_page_is_tagged_titled_and_in_french(read: PdfReader) -> None:
    root = read.trailer["/Root"]

    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert read.metadata is not None
    assert read.metadata.title == "Facture F-2026-00001"


def test_every_font_is_embedded(read: PdfReader) -> None:
    fonts = read.pages[0]["/Resources"]["/Font"].values()
    described = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for font in fonts
    ]

    assert described
    assert all({"/FontFile2", "/FontFile3"} & set(one) for one in described)


def test_the_page_says_the_parties_the_lines_the_sums_and_the_example(read: PdfReader) -> None:
    text = " ".join(page.extract_text() for page in read.pages)
    flat = " ".join(text.split()).replace("\N{NARROW NO-BREAK SPACE}", " ")

    assert "Exemple : ce document n’oblige personne à payer." in flat
    assert "Université d’Exemple" in flat
    assert "Contrôle des séjours – CHU" in flat
    assert "À payer au plus tard le : 3 juin 2026" in flat.replace("\N{NO-BREAK SPACE}", " ")
    assert "FR7630006000011234567890189" in flat


def test_what_a_person_typed_is_printed_and_never_read_as_a_page() -> None:
    text = invoice(buyer=Buyer("<h1>Nom</h1>", "<img src=x>", "1", "Lyon", "FR"))
    read = PdfReader(BytesIO(to_pdf(text, to_xml(text), holders={})))

    assert "<h1>Nom</h1>" in read.pages[0].extract_text()
    assert "<img src=x>" in read.pages[0].extract_text()
