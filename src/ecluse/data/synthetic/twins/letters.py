"""Discharge letters: French text that states what is true of the person, and where it says so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ecluse.data.synthetic.twins import phrases
from ecluse.data.synthetic.twins.drafts import Chance, Draft, Label, Mention, Term, Values
from ecluse.data.synthetic.twins.lexicon import ATC, CCAM, ICD10, Condition, lexicon, read
from ecluse.data.synthetic.twins.measurements import VITALS, Measured
from ecluse.data.synthetic.twins.patients import Prescription, Visit
from ecluse.data.synthetic.twins.traits import FORMER_SMOKER, SMOKER

GROWN_UP, YOUNG, RETIRED = 18, 25, 64
RELATIVES: Final = (("père", "son père"), ("mère", "sa mère"), ("sœur", "une sœur"))
FREQUENT: Final = 0.5
Section = Callable[["Letter"], None]


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its title, and the facts that it states."""

    title: str
    text: str
    mentions: tuple[Mention, ...]


def write_letter(chance: Chance, visit: Visit) -> Note:
    """Return the discharge letter of a stay."""
    letter = Letter(chance, visit)
    letter.head()
    letter.introduce()
    for section in SECTIONS.get(visit.diagnosis.style, EVERY_SECTION):
        section(letter)
    letter.conclude()
    draft = letter.draft
    return Note("Compte rendu d'hospitalisation", draft.text, tuple(draft.mentions))


class Letter:
    """One discharge letter being written."""

    def __init__(self, chance: Chance, visit: Visit) -> None:
        self.visit = visit
        self.chance = chance
        self._shapes = read("letters")
        self.draft = Draft(chance, visit.patient.is_woman, phrases.visit_values(chance, visit))

    def head(self) -> None:
        """Write hospital, service, person and date."""
        patient, draft = self.visit.patient, self.draft
        hospital = self._shapes["names"]["hospitals"][self.visit.site]
        draft.term(Term(hospital, "m", Label("place"), tail="\n"))
        draft.line("Service {de:service}\n")
        draft.line("COMPTE RENDU D'HOSPITALISATION")
        ending = "e" * patient.is_woman
        draft.term(Term(patient.family_name, "m", Label("name"), f"Patient{ending} : ", " "))
        draft.term(Term(patient.first_name, "m", Label("name")))
        draft.term(phrases.day_term(self.chance, patient.born, lead=f", né{ending} le "))
        draft.term(Term(f"{patient.number:010d}", "m", Label("identifier"), " - IPP ", "\n\n"))
        draft.line(self.chance.pick(self._shapes["greeting"]))

    def introduce(self) -> None:
        """Say who came, when and why."""
        style = self.visit.diagnosis.style
        fits = {
            "day": self.visit.nights == 0,
            "newborn": True,
            "session": self.visit.has_cancer,
            "tumour": self.visit.has_cancer,
        }
        self._say(f"intro_{style}" if fits.get(style) else "intro")

    def history(self) -> None:
        """Write what the person has, has not, and what relatives had."""
        self._heading("history")
        for condition in self.chance.shuffled(self.visit.illnesses):
            self._illness(condition)
        tells_cancer = self.visit.has_cancer and self.visit.diagnosis.style != "tumour"
        if tells_cancer:
            self._cancer()
        if not self.visit.illnesses and not tells_cancer:
            self._say("history_none")
        self._denials()
        if self.chance.happens(FREQUENT):
            self._always("surgery")
        if self.chance.happens(FREQUENT):
            self._relatives()
        self._always("allergy")

    def life(self) -> None:
        """Write tobacco, alcohol and home."""
        self._heading("life")
        age = self.visit.age
        if age >= GROWN_UP:
            smoking = {SMOKER: "smoker", FORMER_SMOKER: "former"}.get(self.visit.smoking, "never")
            self._say(smoking)
            self._always("alcohol")
        homes = ((phrases.CHILD, "home_child"), (YOUNG, "home_young"), (RETIRED, "home"))
        self._always(next((shape for limit, shape in homes if age < limit), "home_old"))

    def drugs(self) -> None:
        """Write the drugs taken before the stay."""
        self._heading("drugs")
        if not self.visit.habitual:
            self._say("no_drug")
        self._list(self.visit.habitual)
        if self.chance.happens(FREQUENT):
            taken = {item.drug.atc for item in (*self.visit.habitual, *self.visit.given)}
            others = [drug for atc, drug in lexicon().drugs.items() if atc not in taken]
            drug = self.chance.pick(others)
            label = Label("drug", ATC, drug.atc, negated=True)
            self._say("drug_no", {"drug": Term(self.chance.pick(drug.names), "m", label)})

    def story(self) -> None:
        """Write how the illness came."""
        self._heading("story")
        self.draft.sentence(self.chance.pick(self.visit.diagnosis.story))

    def exam(self) -> None:
        """Write the examination at admission."""
        self._heading("exam")
        vitals = {
            item.test.name: phrases.number_term(item)
            for item in self.visit.measured
            if item.day == 0
        }
        if vitals:
            short = dict(zip(("tas", "tad", "fc", "temp", "sat"), VITALS, strict=True))
            self._say("vitals", {slot: vitals[name] for slot, name in short.items()})
            self._say("build", self._build())
        self.draft.sentence(self.chance.pick(self.visit.diagnosis.exam))
        self._say("negative_exam")

    def tests(self) -> None:
        """Write laboratory values, and what was done."""
        acts = self.visit.diagnosis.acts
        if self.visit.diagnosis.style == "day" and not acts:
            return
        self._heading("tests")
        first = [item for item in self.visit.measured if item.day == 0]
        self._values_of("tests_lead", [item for item in first if item.test.name not in VITALS], {})
        last = [item for item in self.visit.measured if item.day > 0]
        if last and not self.visit.is_death:
            self._values_of("tests_exit", last, {"day": str(last[0].day)})
        for code, words, gender in acts:
            act = Term(words, gender, Label("procedure", CCAM, code))
            done = phrases.day_term(self.chance, self.visit.entered)
            self._say("act_done", {"x": act, "day_done": done})

    def course(self) -> None:
        """Write how the stay went, and the drugs given."""
        self._heading("course")
        if not self.visit.is_death:
            self.draft.sentence(self.chance.pick(self.visit.diagnosis.course))
        for item in self.visit.given:
            drug = phrases.drug_term(self.chance, item, with_dose=True)
            self._say("treated", {"drug": drug})
        if self.visit.is_death:
            self._say("death")

    def treat(self) -> None:
        """Write the drugs of discharge."""
        if self.visit.is_death:
            return
        self._heading("exit")
        self._say("unchanged" if self.visit.habitual else "exit_none")
        self._list(self.visit.habitual if self.chance.happens(FREQUENT) else ())

    def conclude(self) -> None:
        """Write the conclusion, what comes next, and who signs."""
        self._heading("end")
        is_death = self.visit.is_death
        self._say(
            "total_death" if is_death else "total",
            {"main": phrases.conclusion_term(self.chance, self.visit)},
        )
        if not is_death:
            plan = self.chance.shuffled(self.visit.diagnosis.plan)[: self.chance.between(1, 2)]
            for sentence in plan:
                self.draft.sentence(sentence)
            if not any(sentence.startswith("Transfert") for sentence in plan):
                self._say("exit_child" if self.visit.age < phrases.CHILD else "exit")
        self.draft.plain("\n\n")
        self.draft.line(self.chance.pick(self._shapes["closing"]))
        carer = self.chance.pick(self._shapes["names"]["carers"])
        self.draft.term(Term(carer, "m", Label("name", about="carer"), "Dr ", "\n"))

    def _illness(self, condition: Condition) -> None:
        term = self.chance.pick(condition.terms).stating(Label("condition", ICD10, condition.code))
        drugs = [item for item in self.visit.habitual if item.condition == condition.name]
        if drugs and self.chance.happens(FREQUENT):
            values: Values = {
                "x": term,
                "drug": phrases.drug_term(self.chance, drugs[0], with_dose=False),
            }
            self._say("history_with", values)
        elif self.chance.happens(FREQUENT):
            since = phrases.year_term(self.visit.patient.onsets[condition.name])
            self._say("history_since", {"x": term, "since": since})
        else:
            self._say("history_plain", {"x": term})

    def _cancer(self) -> None:
        tumour = self.visit.patient.tumour
        if tumour is not None:
            self._say(
                "history_plain", {"x": phrases.tumour_term(self.chance, tumour, tumour.icd10)}
            )

    def _denials(self) -> None:
        absent = self.chance.shuffled(self.visit.absent)
        for x, y in zip(absent[:-1:2], absent[1::2], strict=False):
            if self.chance.happens(FREQUENT / 2):
                self._deny(x, y)

    def _deny(self, x: Condition, y: Condition) -> None:
        shape = self.chance.pick(self._shapes["history_no"])
        terms = {
            slot: self.chance.pick(item.terms).stating(
                Label("condition", ICD10, item.code, negated=True)
            )
            for slot, item in (("x", x), ("y", y))
        }
        self.draft.sentence(shape, terms)

    def _relatives(self) -> None:
        is_negated = self.chance.happens(FREQUENT / 2)
        condition = self.chance.pick(tuple(lexicon().conditions.values()))
        label = Label("condition", ICD10, condition.code, negated=is_negated, about="family")
        name, full = self.chance.pick(RELATIVES)
        values: Values = {
            "x": self.chance.pick(condition.terms).stating(label),
            "Parent": name.capitalize(),
            "parent": full,
            "parent_has": self.chance.pick(("a présenté", "a eu")),
            "parent_age": str(self.chance.between(45, 80)),
        }
        self._say("family_no" if is_negated else "family", values)

    def _list(self, prescriptions: Sequence[Prescription]) -> None:
        for item in prescriptions:
            self.draft.new_line()
            self.draft.plain("- ")
            self.draft.term(phrases.drug_term(self.chance, item, with_dose=True))
        if prescriptions:
            self.draft.new_line()

    def _values_of(self, shape: str, measured: Sequence[Measured], values: Values) -> None:
        """Tell every abnormal value, and some of the others."""
        told = [item for item in measured if item.is_abnormal or self.chance.happens(FREQUENT)]
        if not told:
            if self.visit.diagnosis.style != "day":
                self._say("tests_normal")
            return
        before, _, after = self.chance.pick(self._shapes[shape]).partition("{values}")
        self.draft.sentence(before, values)
        for index, item in enumerate(told):
            self.draft.plain(", " if index else "")
            form = self.chance.pick(self._shapes["value_forms"])
            self.draft.term(phrases.value_term(form, self.chance.pick(item.test.names), item))
        self.draft.phrase(after, values)

    def _build(self) -> Values:
        index = self.visit.weight / (self.visit.height / 100) ** 2
        return {
            "kg": str(self.visit.weight),
            "cm": str(self.visit.height),
            "bmi": f"{index:.1f}".replace(".", ","),
        }

    def _heading(self, name: str) -> None:
        self.draft.new_line(after_blank=True)
        self.draft.line(self.chance.pick(self._shapes["headings"][name]))

    def _always(self, shape: str) -> None:
        """Say what every letter about this person says alike."""
        shapes = self._shapes[shape]
        self.draft.sentence(shapes[self.visit.patient.habits % len(shapes)])

    def _say(self, shape: str, values: Values | None = None) -> None:
        self.draft.sentence(self.chance.pick(self._shapes[shape]), values)


EVERY_SECTION: Final[Sequence[Section]] = (
    *(Letter.history, Letter.life, Letter.drugs, Letter.story),
    *(Letter.exam, Letter.tests, Letter.course, Letter.treat),
)
SECTIONS: Final[Mapping[str, Sequence[Section]]] = {
    "day": (Letter.story, Letter.tests, Letter.course),
    "newborn": (Letter.story, Letter.exam, Letter.course),
    "session": (Letter.story, Letter.tests, Letter.course),
}
"""Sections of the short letters, by style; the others have every section."""
