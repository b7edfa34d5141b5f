"""Data models made to harm: a holder's folder is read before a single row is loaded under it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from ecluse.data.schemas import model
from ecluse.data.schemas.importing import ModelDraft, import_model
from ecluse.data.schemas.reading import COLUMN_FIELDS
from ecluse.domain.errors import InvalidInput

FIRST = 'title_fr = "x"\ntitle_en = "x"\n'


@dataclass(frozen=True)
class Folder:
    """The files of a model: people, and what they did on a day."""

    name: str = "clinic"
    register: str = '{ table = "people", by = "identity" }'
    formats: str = '["%Y-%m-%d"]'
    table: str = "acts"
    more: str = 'person = ["pid"]\nperson_by = "identity"\nevent_date = ["done_on"]'
    role: str = "person"
    title: str = "x"
    day: str = "done_on;date;date"

    def write(self, folder: Path) -> Path:
        """Write the files in `folder`, which is returned."""
        (folder / "model.toml").write_text(
            f'name = "{self.name}"\n{FIRST}register = {self.register}\n'
            f"date_formats = {self.formats}\n"
        )
        (folder / "a.toml").write_text(
            '[[tables]]\nname = "people"\ntitle_fr = "x"\nkey = ["pid"]\nperson = ["pid"]\n'
            f'person_by = "identity"\n[[tables]]\nname = "{self.table}"\ntitle_fr = "x"\n'
            f"key = []\n{self.more}\n"
        )
        (folder / "a.csv").write_text(
            f"{';'.join(COLUMN_FIELDS)}\n"
            f"people;pid;text;{self.role};;;;;;;{self.title};x\n"
            f"{self.table};pid;text;{self.role};;;;;;;x;x\n"
            f"{self.table};{self.day};;;;;;;x;x\n"
        )
        return folder


def test_a_plain_model_is_accepted(tmp_path: Path) -> None:
    found = model(Folder().write(tmp_path))

    assert set(found.tables) == {"people", "acts"}


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        (Folder(table="_persons"), "cannot name a table"),
        (Folder(table="../acts"), "cannot name a table"),
        (Folder(table="People"), "the table People twice|the table people twice"),
        (Folder(name="../snds"), "its name must be"),
        (Folder(name="a\\u001b[2J"), "its name must be"),
        (Folder(formats="[]"), "no date format"),
        (Folder(formats='["%Y", "x\') ; drop table names; --"]'), "is not a date format"),
        (Folder(register='{ table = "people", by = "snds" }'), "no column BEN_NIR_PSA"),
        (Folder(register='{ table = "people", by = "identity", opt_out = "o" }'), "no column o"),
        (Folder(day="person_key;date;date"), "a column that a load makes"),
        (Folder(day="Event_Date;date;date"), "a column that a load makes"),
        (Folder(day="done_on;text;date"), "can date nothing"),
        (Folder(title="a\x1b[2J"), "signs that act"),
        (Folder(title="a\u202eb"), "signs that act"),
        (Folder(more='parent = { table = "acts", columns = ["pid"] }'), "descends from itself"),
        (Folder(more='person = ["pid"]\nperson_by = "claimant"'), "goes with 2 person column"),
        (Folder(more='person = ["pid", "done_on"]\nperson_by = "identity"'), "goes with 1 person"),
    ],
)
def test_a_model_made_to_harm_is_refused(tmp_path: Path, folder: Folder, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        model(folder.write(tmp_path))


@pytest.mark.parametrize("role", ["attribute", "code", "text", "link", "facility"])
def test_what_names_a_person_has_a_role_that_never_leaves(tmp_path: Path, role: str) -> None:
    with pytest.raises(InvalidInput, match=r"acts\.pid names persons: its role must be person"):
        model(Folder(role=role).write(tmp_path))


def test_a_message_about_a_model_holds_no_sign_that_acts(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        model(Folder(name="a\\u001b[2J").write(tmp_path))

    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"name": "people", "fields": [1]}',
        '{"name": "people", "fields": [{"name": "pid"}], "foreignKeys": 7}',
        '{"name": "../people", "fields": [{"name": "pid"}]}',
        '{"name": "people", "fields": [{"name": "pid"}, {"name": "a;person;text"}]}',
        '{"name": "people", "fields": [{"name": "pid"}, {"name": "a\\npeople;b;text"}]}',
    ],
)
def test_a_table_schema_made_to_harm_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "people.json").write_text(content)
    draft = ModelDraft("clinic", "Clinique", "Clinic", "people", ("pid",))

    with pytest.raises(InvalidInput):
        import_model(tmp_path / "people.json", tmp_path / "model", draft)


def test_a_title_written_in_windows_letters_is_read_as_it_was_meant(tmp_path: Path) -> None:
    content = '{"name": "people", "fields": [{"name": "pid", "description": "l\\u0092enfant"}]}'
    (tmp_path / "people.json").write_text(content)
    draft = ModelDraft("clinic", "Clinique", "Clinic", "people", ("pid",))

    import_model(tmp_path / "people.json", tmp_path / "model", draft)

    (column,) = model(tmp_path / "model").table("people").columns
    assert column.title_fr == "l’enfant"
