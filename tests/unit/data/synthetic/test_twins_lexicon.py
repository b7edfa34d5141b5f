from itertools import chain

import numpy as np
import pytest

from ecluse.data.synthetic.twins.drafts import SLOT, Chance
from ecluse.data.synthetic.twins.imaging import write_report
from ecluse.data.synthetic.twins.lexicon import Diagnosis, lexicon, read
from ecluse.data.synthetic.twins.phrases import figures, visit_values
from tests.unit.data.synthetic.twin_worlds import crowd, visit_of

DIAGNOSES = {item.codes[0]: item for item in lexicon().diagnoses.values()}


def test_what_an_illness_or_a_stay_names_is_in_the_lexicon() -> None:
    words = lexicon()
    prescribed = {
        *chain.from_iterable(item.treatment for item in words.diagnoses.values()),
        *(atc for item in words.conditions.values() for drug in item.drugs for atc in drug.atc),
    }
    measured = chain.from_iterable(item.laboratory for item in words.diagnoses.values())
    shown = {item.image for item in words.diagnoses.values()}

    assert prescribed <= words.drugs.keys()
    assert set(measured) <= words.laboratory.keys()
    assert shown <= {"", *read("imaging")}


def test_values_rise_for_illnesses_and_reasons_that_the_lexicon_has() -> None:
    words = lexicon()
    factors = set(chain.from_iterable(item.factors for item in words.laboratory.values()))

    assert factors <= {"cancer", *words.conditions, *words.diagnoses}


@pytest.mark.parametrize("is_woman", [False, True])
def test_every_cancer_has_its_chance_once(is_woman: bool) -> None:
    chances = [tumour.chances[is_woman] for tumour in lexicon().tumours]

    assert sum(chances) == pytest.approx(1)
    assert [sum(tumour.stages) for tumour in lexicon().tumours] == pytest.approx(
        [1] * len(lexicon().tumours)
    )


@pytest.mark.parametrize("diagnosis", DIAGNOSES.values(), ids=DIAGNOSES)
def test_sentences_of_a_diagnosis_ask_for_nothing_unknown(diagnosis: Diagnosis) -> None:
    sentences = (*diagnosis.story, *diagnosis.exam, *diagnosis.course, *diagnosis.plan)
    slots = {slot["name"] for text in sentences for slot in SLOT.finditer(text)}
    visit = visit_of(crowd(20), 0)
    chance = Chance(np.random.default_rng(1))

    assert slots <= {"patient", *figures(chance, visit)} <= {*visit_values(chance, visit)}


def test_an_examination_is_reported_when_the_lexicon_can_tell_what_it_shows() -> None:
    block = crowd(40)
    pneumonia = block.stays.main_codes().index("J181")
    chance = Chance(np.random.default_rng(1))
    report = write_report(chance, visit_of(block, pneumonia))

    assert report is not None
    assert report.text.startswith("RADIOGRAPHIE DU THORAX\n")
    assert "Résultat :" in report.text
