"""Models of texts under attack: what remembers is caught, what has learnt is not."""

from collections import Counter

import numpy as np
import pytest

from ecluse.data.evaluation.privacy import attacks, texts
from ecluse.domain.disclosure.model_trials import ModelVerdict
from ecluse.domain.errors import InvalidInput

PERSONS = 600
WORDS = np.array([f"mot{rank}" for rank in range(400)])


@pytest.fixture(scope="module")
def notes() -> tuple[list[str], np.ndarray]:
    """Texts of twelve words drawn at random, of which `toux` comes with the outcome, mostly."""
    draw = np.random.default_rng(4)
    truth = draw.random(PERSONS) < 0.5
    cough = draw.random(PERSONS) < np.where(truth, 0.7, 0.3)
    written = [
        " ".join([*draw.choice(WORDS, 12), "toux" if coughs else "rien"]) for coughs in cough
    ]
    return written, truth


MEMBER = np.arange(PERSONS) < PERSONS // 2


def test_a_classifier_that_remembers_its_texts_is_caught(
    notes: tuple[list[str], np.ndarray],
) -> None:
    """It answers .99 to what it was taught, and by the one word that matters otherwise."""
    written, truth = notes
    coughs = np.array(["toux" in one for one in written])
    learnt = np.where(coughs == truth, 0.7, 0.3)
    target = np.where(MEMBER, 0.99, learnt)

    found = texts.lira(target, written, truth, MEMBER, seed=1)

    assert found.area.value > 0.9
    assert attacks.membership(target[MEMBER], target[~MEMBER]).value > 0.9


def test_a_classifier_that_learnt_one_word_tells_of_nobody(
    notes: tuple[list[str], np.ndarray],
) -> None:
    written, truth = notes
    coughs = np.array(["toux" in one for one in written])
    target = np.where(coughs == truth, 0.7, 0.3)

    found = texts.lira(target, written, truth, MEMBER, seed=1)

    assert abs(found.area.value - 0.5) < 0.08
    assert found.area.interval.low < 0.5 < found.area.interval.high


def test_shadows_remember_the_half_that_taught_them(notes: tuple[list[str], np.ndarray]) -> None:
    """Else their two laws, in and out, would be one, and the ratio would tell nothing of any."""
    written, truth = notes
    shadow = texts._taught(texts.hashed(written), truth, MEMBER)
    sure = attacks.confidence(shadow, truth)

    assert sure[MEMBER].mean() > sure[~MEMBER].mean() + 0.2


def pairs(text: str) -> list[str]:
    return [text[at : at + 5] for at in range(len(text) - 4)]


class Grams:
    """A model of texts: the frequency of five letters, every count raised by `floor`."""

    def __init__(self, taught: list[str], *, floor: float) -> None:
        self.seen = Counter(gram for text in taught for gram in pairs(text))
        self.floor = floor

    def score(self, text: str) -> float:
        return float(sum(np.log(self.seen[gram] + self.floor) for gram in pairs(text)))


CANARIES = texts.draw_canaries(20, seed=2)
REFERENCES = texts.draw_canaries(2000, seed=3)


def test_a_model_that_writes_its_secrets_again_is_refused() -> None:
    model = Grams(CANARIES, floor=0.01)

    found = texts.exposure(
        [model.score(one) for one in CANARIES], [model.score(one) for one in REFERENCES]
    )
    told = texts.judged(found)

    # log2(2001): every canary is before all that it never saw.
    assert found.mean_bits == pytest.approx(10.97, abs=0.1)
    assert found.found.value == 1.0
    assert told.verdict is ModelVerdict.REFUSE
    assert "exposure 11.0 bits" in told.explanation


def test_a_model_that_was_never_shown_them_passes() -> None:
    model = Grams(texts.draw_canaries(500, seed=5), floor=1.0)

    found = texts.exposure(
        [model.score(one) for one in CANARIES], [model.score(one) for one in REFERENCES]
    )

    assert found.mean_bits < 3.0
    assert texts.judged(found).verdict is ModelVerdict.PASS


def test_a_model_that_scores_all_alike_exposes_nothing() -> None:
    found = texts.exposure([0.0] * 20, [0.0] * 200)

    assert (found.found.value, found.most_bits) == (0.0, 0.0)


def test_exposure_is_the_rank_among_references_in_bits() -> None:
    """Of 127 references, a canary over all has log2(128) bits, one under all has none."""
    found = texts.exposure([200.0] * 5 + [-1.0] * 5, np.arange(127))

    assert (found.mean_bits, found.most_bits) == (3.5, 7.0)


def test_few_references_cannot_rank_a_canary() -> None:
    with pytest.raises(InvalidInput, match="20 canaries and 50 references"):
        texts.exposure([0.0] * 20, [0.0] * 50)
