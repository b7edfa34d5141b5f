"""What two versions of a description say differently."""

from dataclasses import replace

from ecluse.domain.metadata import DatasetDescription, Table, TableGroup, Text, Variable
from ecluse.domain.metadata.answers import with_answers
from ecluse.domain.metadata.comparing import Changed, Difference, TableChange, difference


def variable(name: str, title: str = "") -> Variable:
    return Variable(name=Text(name), titles=(Text(title or name, "fr"),))


def tables(**columns: tuple[Variable, ...]) -> tuple[TableGroup, ...]:
    made = tuple(Table(titles=(Text(name),), variables=held) for name, held in columns.items())
    return (TableGroup(titles=(Text("schema"),), tables=made),)


SAID, _ = with_answers(
    DatasetDescription(variables=tables(SEJOUR=(variable("ID"), variable("DATE")))),
    {"title_fr": "Infarctus", "themes": ("HEALTH_SYSTEMS",), "person_count": "5200"},
)


def test_a_description_does_not_differ_from_itself() -> None:
    assert difference(SAID, SAID).is_empty


def test_answers_that_differ_are_given_before_and_after_in_the_order_of_the_form() -> None:
    after, _ = with_answers(SAID, {"person_count": "5300", "themes": (), "title_fr": "Cœur"})

    assert difference(SAID, after) == Difference(
        answers=(
            Changed("title_fr", "Infarctus", "Cœur"),
            Changed("themes", ("HEALTH_SYSTEMS",), ()),
            Changed("person_count", "5200", "5300"),
        )
    )


def test_columns_added_removed_and_reworded_are_named() -> None:
    after = replace(
        SAID, variables=tables(SEJOUR=(variable("ID", "Numéro du séjour"), variable("AGE")))
    )

    assert difference(SAID, after).tables == (
        TableChange("SEJOUR", added=("AGE",), removed=("DATE",), reworded=("ID",)),
    )


def test_a_table_that_comes_and_one_that_goes_are_told_with_their_columns() -> None:
    after = replace(SAID, variables=tables(ACTE=(variable("CODE"),)))

    assert difference(SAID, after).tables == (
        TableChange("SEJOUR", removed=("ID", "DATE"), is_gone=True),
        TableChange("ACTE", added=("CODE",), is_new=True),
    )


def test_a_part_that_no_question_speaks_of_is_named() -> None:
    after = replace(SAID, version=Text("2"))

    assert difference(SAID, after) == Difference(others=("version",))


def test_a_title_in_a_third_language_is_not_lost_from_sight() -> None:
    after = replace(SAID, titles=(*SAID.titles, Text("Herzinfarkt", "de")))

    assert difference(SAID, after) == Difference(others=("titles",))
