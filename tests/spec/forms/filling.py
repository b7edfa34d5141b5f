"""A form filled as a browser does: one good answer for each kind of question."""

from collections.abc import Callable, Mapping

from ecluse.domain.forms import Field, Kind, Section

TYPED = {
    Kind.TEXT: "Une réponse.",
    Kind.LONG_TEXT: "Une réponse assez longue pour ce qui est demandé. " * 6,
    Kind.EMAIL: "camille.moreau@univ.example",
    Kind.DATE: "2026-01-31",
    Kind.NUMBER: "12",
    Kind.MONEY: "1 500,50 €",
    Kind.COUNTRY: "FR",
    Kind.CODES: "E10\nE11",
}


def typed(section: Section) -> dict[str, object]:
    """What a browser sends for a section, every question answered; groups hold one item."""
    sent: dict[str, object] = {}
    for field in section.fields:
        if field.kind is Kind.GROUP:
            sent[f"{field.id}_0"] = "1"
            for part in field.fields:
                sent.update(_typed(part, f"{field.id}_1_{part.id}"))
        else:
            sent.update(_typed(field, field.id))
    return sent


def _typed(field: Field, name: str) -> dict[str, object]:
    several = SEVERAL.get(field.kind)
    if several:
        return several(field, name)
    return {name: TYPED[field.kind][: field.maximum_length]}


def _person(_field: Field, name: str) -> dict[str, object]:
    return {
        f"{name}_1_name": "Camille Moreau",
        f"{name}_1_subject": "camille.moreau@univ.example",
        f"{name}_1_leads": "on",
    }


def _tables(_field: Field, name: str) -> dict[str, object]:
    return {f"{name}_ER_PHA_F": ["PHA_PRS_C13"]}


def _period(_field: Field, name: str) -> dict[str, object]:
    return {f"{name}_1": "2021-01-01", f"{name}_2": "2023-12-31"}


def _choice(field: Field, name: str) -> dict[str, object]:
    return {name: field.choices[0].value}


def _choices(field: Field, name: str) -> dict[str, object]:
    return {name: [choice.value for choice in field.choices]}


def _yes_no(field: Field, name: str) -> dict[str, object]:
    return {name: field.must_be or "yes"}


def _nothing(_field: Field, _name: str) -> dict[str, object]:
    return {}


SEVERAL: Mapping[Kind, Callable[[Field, str], dict[str, object]]] = {
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.YES_NO: _yes_no,
    Kind.PERIOD: _period,
    Kind.PERSONS: _person,
    Kind.TABLES: _tables,
    Kind.ATTACHMENT: _nothing,
}
