"""Imaging and endoscopy reports: what was seen, and what was looked for and not seen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ecluse.data.synthetic.twins import phrases
from ecluse.data.synthetic.twins.drafts import Chance, Draft, Gender, Label, Term
from ecluse.data.synthetic.twins.letters import Note
from ecluse.data.synthetic.twins.lexicon import CCAM, ICD10, PREFIX, read
from ecluse.data.synthetic.twins.patients import Visit

UNSURE: Final = 0.06
"""Share of the denials left in doubt: then neither stated nor denied, so without annotation."""
REPORTED: Final = 0.8
"""Share of stays with imaging whose report is in the warehouse."""


def write_report(chance: Chance, visit: Visit) -> Note | None:
    """Return the report of the stay's examination; None where it has none."""
    shapes = read("imaging").get(visit.diagnosis.image)
    if shapes is None or not chance.happens(REPORTED):
        return None
    found = shapes["found"].get(visit.code[:PREFIX])
    if found is None:
        return None
    values = {**phrases.visit_values(chance, visit), **_sizes(chance)}
    draft = Draft(chance, visit.patient.is_woman, values)
    _head(draft, visit, shapes)
    _say(draft, "indication")
    draft.plain("\n\nTechnique : ")
    draft.sentence(chance.pick(shapes["technique"]))
    draft.plain("\n\nRésultat :\n")
    draft.sentence(chance.pick(found))
    _deny(draft, shapes["denied"])
    draft.sentence(chance.pick(shapes["normal"]))
    draft.plain("\n\n")
    _say(draft, "conclusion", main=phrases.conclusion_term(chance, visit))
    draft.plain("\n\n")
    carer = chance.pick(read("letters")["names"]["carers"])
    _say(draft, "signed", carer=Term(carer, "m", Label("name", about="carer")))
    return Note(str(shapes["title"]).capitalize(), draft.text, tuple(draft.mentions))


def _head(draft: Draft, visit: Visit, shapes: Mapping[str, Any]) -> None:
    code, words = shapes["act"]
    patient = visit.patient
    act = Label("procedure", CCAM, code)
    draft.term(Term(shapes["title"], "m", act, tail="\n"))
    draft.term(Term(patient.family_name, "m", Label("name"), tail=" "))
    draft.term(Term(patient.first_name, "m", Label("name"), tail="\n"))
    draft.term(phrases.day_term(draft.chance, visit.entered, lead="Examen du "))
    draft.term(Term(words, "f", act, lead=" : ", tail="\n\n"))


def _deny(draft: Draft, denied: Sequence[tuple[str, str, Gender]]) -> None:
    chance = draft.chance
    for code, words, gender in chance.shuffled(denied)[: chance.between(1, 2)]:
        if chance.happens(UNSURE):
            _say(draft, "unsure", x=Term(words, gender))
            continue
        label = Label("condition", ICD10, code, negated=True)
        _say(draft, "denial", x=Term(words, gender, label))


def _say(draft: Draft, shape: str, **values: Term) -> None:
    draft.sentence(draft.chance.pick(read("imaging")["sentences"][shape]), values)


def _sizes(chance: Chance) -> dict[str, str]:
    return {
        "low_fevg": str(chance.between(25, 44)),
        "fevg": str(chance.between(52, 66)),
        "og": str(chance.between(36, 58)),
        "size": str(chance.between(12, 58)),
        "stone": str(chance.between(8, 16)),
        "garden": str(chance.between(3, 4)),
        "score": str(chance.between(6, 9)),
    }
