"""A cohort in words, so that who orders it and who decides on it read the same thing."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from ecluse.domain.cohorts.phrases import said
from ecluse.domain.cohorts.studies import Cohort, Matching
from ecluse.domain.cohorts.words import Reader, reader_of


class TitledSource(Protocol):
    """An event source with its titles."""

    @property
    def name(self) -> str:
        """Its name in a cohort."""

    @property
    def title_fr(self) -> str:
        """Its title in French."""

    @property
    def title_en(self) -> str:
        """Its title in English."""


def explain(cohort: Cohort, sources: Iterable[TitledSource] = (), language: str = "fr") -> str:
    """Say who is in the cohort and what is told of them, in French, or in English for "en".

    One sentence for a cohort of one step; a line for each step, then the index day, the controls
    and each variable. A source that is not described is called by its name.
    """
    is_english = language.startswith("en")
    titles = {source.name: source.title_en if is_english else source.title_fr for source in sources}
    return "\n".join(_lines(cohort, reader_of(language, titles)))


def _lines(cohort: Cohort, reader: Reader) -> Iterator[str]:
    if len(cohort.steps) == 1:
        yield reader.say("persons", text=said(cohort.steps[0].keep, reader))
    else:
        yield reader.say("steps")
        steps = [
            reader.say("step", number=number, label=step.label, text=said(step.keep, reader))
            for number, step in enumerate(cohort.steps, 1)
        ]
        yield from _closed(steps)
    if cohort.index is not None:
        yield reader.say("index_rule", day=said(cohort.index, reader))
    if cohort.matching is not None:
        yield _controls(cohort.matching, reader)
    if cohort.variables:
        yield reader.say("variables")
        yield from _closed(
            reader.say(
                "variable",
                name=variable.name,
                label=variable.label,
                text=said(variable.value, reader),
            )
            for variable in cohort.variables
        )


def _closed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a list, the last one closed by a full stop."""
    *others, last = lines
    yield from others
    yield last.rstrip("; ") + "."


def _controls(matching: Matching, reader: Reader) -> str:
    years = matching.birth_years_apart
    rules = [reader.say("years_apart", years=years) if years else reader.say("same_year")]
    rules += [reader.say("same_sex")] if matching.same_sex else []
    rules += [reader.say("same_department")] if matching.same_department else []
    text = said(matching.controls, reader)
    return reader.say("controls", count=matching.per_case, text=text, rules=", ".join(rules))
