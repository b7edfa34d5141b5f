"""Two versions of a form compared, and answers that pass from one to the other."""

from ecluse.domain.forms import FormVersion, parse
from ecluse.domain.forms.changes import carry, compare, copied


def field(id_: str, kind: str = "text", **members: object) -> dict[str, object]:
    label = {"fr": id_, "en": id_}
    return {"id": id_, "kind": kind, "label": label, "article": "art. 67(2)", **members}


def form(version: int, *fields: dict[str, object]) -> FormVersion:
    title = {"fr": "Essai", "en": "Trial"}
    section = {"id": "only", "title": title, "fields": list(fields)}
    head = {"form": "trial", "version": version, "title": title, "source": "nowhere"}
    return parse({**head, "sections": [section]})  # type: ignore[dict-item,list-item]


BEFORE = form(1, field("title"), field("months", "number"), field("country"), field("old"))
AFTER = form(
    2,
    field("title", help={"fr": "Court.", "en": "Short."}),
    field("months", "number", maximum=12),
    field("domicile", formerly="country"),
    field("new", required=True),
)


def test_a_comparison_says_what_is_added_removed_and_changed() -> None:
    changes = compare(BEFORE, AFTER)

    assert [each.id for each in changes.added] == ["new"]
    assert [each.id for each in changes.removed] == ["old"]
    assert [(each.after.id, each.members, each.is_wording) for each in changes.changed] == [
        ("title", ("help",), True),
        ("months", ("maximum",), False),
        ("domicile", ("id", "label", "formerly"), False),
    ]


def test_a_form_compared_with_itself_changes_nothing() -> None:
    assert compare(BEFORE, BEFORE).is_empty


def test_an_answer_follows_its_question_under_its_new_name() -> None:
    answers = {"title": "T", "months": 24, "country": "FR", "old": "kept nowhere", "x": 1}

    carried = carry(BEFORE, AFTER, answers)

    assert carried.answers == {"title": "T", "months": 24, "domicile": "FR"}
    assert [each.id for each in carried.lost] == ["old"]


def test_an_answer_of_another_shape_is_left_behind() -> None:
    after = form(2, field("months", "text"))

    carried = carry(BEFORE, after, {"months": 24})

    assert carried.answers == {}
    assert [each.id for each in carried.lost] == ["months"]


def test_a_copy_leaves_out_what_is_dated_attested_or_attached() -> None:
    lent = form(
        1,
        field("title"),
        field("starts_on", "date", copies=False),
        field("confirms", "yes-no", must_be="yes", copies=False),
        field("plan", "attachment", types=["pdf"]),
    )
    answers = {"title": "T", "starts_on": "2026-01-01", "confirms": True, "plan": [{"name": "p"}]}

    assert copied(lent, lent, answers) == {"title": "T"}


def test_answers_that_are_no_answers_carry_nothing() -> None:
    assert carry(BEFORE, AFTER, ["what"]).answers == {}
