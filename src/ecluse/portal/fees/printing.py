"""An invoice as people read it: PDF/A-3 with its XML inside, the same bytes each time it is made.

Factur-X 1.0.07: the file is named `factur-x.xml`, is an alternative of the page, and the metadata
of the PDF name the standard, its version and its profile.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

from django.template.loader import render_to_string
from django.utils import translation
from weasyprint import CSS, HTML, Attachment

from ecluse.portal.fees.invoices import InvoiceText
from ecluse.trust import canonical

FILE_NAME: Final = "factur-x.xml"
LEVEL: Final = "EN 16931"
VARIANT: Final = "pdf/a-3a"
STYLE: Final = Path(__file__).parent / "jinja2" / "fees" / "invoice.css"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FX: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_SCHEMA: Final = "http://www.aiim.org/pdfa/ns/extension/"
_DESCRIBED: Final = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY: Final = "http://www.aiim.org/pdfa/ns/property#"
_PREFIXES: Final[Mapping[str, str]] = {
    "rdf": _RDF,
    "fx": _FX,
    "pdfaExtension": _SCHEMA,
    "pdfaSchema": _DESCRIBED,
    "pdfaProperty": _PROPERTY,
}
_VALUES: Final[Mapping[str, tuple[str, str]]] = {
    "DocumentFileName": (FILE_NAME, "name of the embedded XML invoice file"),
    "DocumentType": ("INVOICE", "INVOICE"),
    "Version": ("1.0", "version of the Factur-X XML schema"),
    "ConformanceLevel": (LEVEL, "conformance level of the embedded Factur-X data"),
}


def to_pdf(text: InvoiceText, xml: bytes, *, holders: Mapping[str, str]) -> bytes:
    """The invoice printed, with `xml` inside; `holders` gives the name of each holder."""
    with translation.override("fr"):
        page = render_to_string("fees/invoice_document.html", {"text": text, "holders": holders})
    issued_at = datetime.combine(text.issued_on, time(), tzinfo=UTC)
    attached = Attachment(
        string=xml,
        name=FILE_NAME,
        description="Factur-X",
        created=issued_at,
        modified=issued_at,
        relationship="Alternative",
    )
    document = HTML(string=page, url_fetcher=_nothing_else).render(
        stylesheets=[CSS(string=STYLE.read_text(encoding="utf-8"))], pdf_variant=VARIANT
    )
    document.metadata.attachments.append(attached)
    _say_factur_x(document.metadata)
    identifier = canonical.digest(xml).encode()
    return bytes(document.write_pdf(finisher=_once, pdf_variant=VARIANT, pdf_identifier=identifier))


def _nothing_else(url: str, *_args: object, **_options: object) -> dict[str, Any]:
    raise ValueError(f"An invoice is whole in itself: {url[:40]} is not fetched.")


def _once(_document: object, pdf: Any) -> None:
    """Name the file once among those associated with the document."""
    files = pdf.catalog.get("AF")
    if files is not None:
        pdf.catalog["AF"][:] = list(dict.fromkeys(files))


def _say_factur_x(metadata: Any) -> None:
    """Add to the one description of the PDF what Factur-X asks, with the schema of its terms."""
    common = metadata.generate_rdf_metadata

    def generate(variant: str, version: int, conformance: str) -> bytes:
        for prefix, space in _PREFIXES.items():
            register_namespace(prefix, space)
        rdf = fromstring(common(variant, version, conformance))  # noqa: S314 - written just above
        _add_values(rdf)
        _add_schema(rdf)
        written: bytes = tostring(rdf, encoding="utf-8")
        return written

    metadata.generate_rdf_metadata = generate


def _add_values(rdf: Element) -> None:
    described = SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    for name, (value, _) in _VALUES.items():
        SubElement(described, f"{{{_FX}}}{name}").text = value


def _add_schema(rdf: Element) -> None:
    described = SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    schemas = SubElement(described, f"{{{_SCHEMA}}}schemas")
    schema = _resource(SubElement(schemas, f"{{{_RDF}}}Bag"))
    SubElement(schema, f"{{{_DESCRIBED}}}schema").text = "Factur-X PDFA Extension Schema"
    SubElement(schema, f"{{{_DESCRIBED}}}namespaceURI").text = _FX
    SubElement(schema, f"{{{_DESCRIBED}}}prefix").text = "fx"
    properties = SubElement(SubElement(schema, f"{{{_DESCRIBED}}}property"), f"{{{_RDF}}}Seq")
    for name, (_, meaning) in _VALUES.items():
        one = _resource(properties)
        values = (("name", name), ("valueType", "Text"), ("category", "external"))
        for term, value in (*values, ("description", meaning)):
            SubElement(one, f"{{{_PROPERTY}}}{term}").text = value


def _resource(parent: Element) -> Element:
    return SubElement(parent, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
