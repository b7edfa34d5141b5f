"""`ecluse form`: the forms that applicants fill, checked, shown, compared, imported, published."""

from __future__ import annotations

import json as json_text
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit
from ecluse.domain.errors import InvalidInput, Malformed, NotFound

if TYPE_CHECKING:
    from ecluse.domain.forms import FormVersion
    from ecluse.domain.forms.changes import Changes

app = typer.Typer(
    name="form", help="Formulaires : vérifier, montrer, comparer.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
FormName = Annotated[
    str,
    typer.Argument(help="Un fichier JSON, ou un formulaire publié : data-access-application.v2"),
]


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Fichiers de formulaires.")],
    *,
    json: Json = False,
) -> None:
    """Vérifie des formulaires ; une erreur est donnée avec sa ligne."""
    found = [_read_file(path) for path in files]
    data = {"forms": [_head(form) for form in found]}
    emit(data, json=json, render=lambda: _show_heads(found))


@app.command("show")
def show(form: FormName, *, json: Json = False) -> None:
    """Montre un formulaire : sections, questions, articles."""
    from ecluse.domain.forms import write

    found = _find(form)
    emit({"form": write(found)}, json=json, render=lambda: _show(found))


@app.command("diff")
def diff(before: FormName, after: FormName, *, json: Json = False) -> None:
    """Dit ce qu'une version demande de plus, de moins, ou autrement que l'autre."""
    from ecluse.domain.forms.changes import compare

    changes = compare(_find(before), _find(after))
    data = {
        "added": [field.id for field in changes.added],
        "removed": [field.id for field in changes.removed],
        "changed": {each.after.id: list(each.members) for each in changes.changed},
    }
    emit(data, json=json, render=lambda: _show_changes(changes))


@app.command("import")
def import_questions(
    files: Annotated[
        list[Path],
        typer.Argument(help="Parties d'une banque de questions (JSON), ou un modèle (XLSX)."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Fichier JSON à écrire.")],
    name: Annotated[str, typer.Option(help="Nom du formulaire, en lettres minuscules.")],
    title: Annotated[str, typer.Option(help="Titre du formulaire.")],
    source: Annotated[str, typer.Option(help="D'où viennent les questions.")],
    json: Json = False,
) -> None:
    """Écrit en formulaire une banque de questions, ou le modèle d'un registre (HDR UK)."""
    from ecluse.cli.question_bank import read_bank
    from ecluse.cli.register_template import read_template
    from ecluse.domain.forms import read, write

    if [path.suffix for path in files] == [".xlsx"]:
        form = read_template(_bytes_of(files[0]), name=name, title=title, source=source)
    else:
        parts = [_json_of(path) for path in files]
        form = read_bank(parts, name=name, title=title, source=source)
    text = json_text.dumps(write(form), indent=2, ensure_ascii=False) + "\n"
    read(text)
    out.write_text(text, encoding="utf-8")
    emit({"file": str(out), **_head(form)}, json=json, render=lambda: _show_imported(form, out))


@app.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="Formulaire à publier sur ce site.")],
    *,
    json: Json = False,
) -> None:
    """Publie une version sur ce site : ses octets sont figés, son empreinte notée."""
    from ecluse.cli.home import Home
    from ecluse.portal.applications import versions

    today = datetime.now(UTC).date()
    entry = versions.publish(_bytes_of(file), Home.find().path / "forms", today=today)
    data = {"form": entry.form, "version": entry.version, "digest": entry.digest}
    emit(
        data, json=json, render=lambda: console.print(f"Publié : {entry.file_name} {entry.digest}")
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} cannot be read ({error.strerror}): give a file.") from None


def _json_of(path: Path) -> object:
    try:
        return json_text.loads(_bytes_of(path))
    except ValueError:
        raise InvalidInput(f"{path} is not JSON: give a part of a question bank.") from None


def _read_file(path: Path) -> FormVersion:
    from ecluse.domain.forms import read

    try:
        return read(_bytes_of(path).decode())
    except UnicodeDecodeError:
        raise Malformed(f"{path}: this is not UTF-8 text.") from None
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from None


def _find(name: str) -> FormVersion:
    """A file, else a form that this software publishes."""
    import ecluse

    path = Path(name)
    if path.is_file():
        return _read_file(path)
    packaged = Path(ecluse.__file__).parent / "schemas" / "forms" / f"{path.name}.json"
    if not packaged.is_file():
        raise NotFound(f"No form {name}: give a file, or a name like data-access-application.v2.")
    return _read_file(packaged)


def _head(form: FormVersion) -> dict[str, str | int]:
    fields = list(form.fields())
    return {
        "form": form.form,
        "version": form.version,
        "sections": len(form.sections),
        "fields": len(fields) + sum(len(field.fields) for field in fields),
    }


def _show_heads(found: list[FormVersion]) -> None:
    for form in found:
        head = _head(form)
        console.print(
            f"[green]✓[/green] {escape(form.form)} version {form.version} :"
            f" {head['sections']} sections, {head['fields']} questions"
        )


def _show(form: FormVersion) -> None:
    console.print(f"[bold]{escape(form.title.fr)}[/bold] – version {form.version}")
    console.print(escape(form.source))
    for section in form.sections:
        table = Table(
            "Question", "Nature", "Obligatoire", "Article", title=escape(section.title.fr)
        )
        for field in section.fields:
            needed = "oui" if field.required else "parfois" if field.required_if else "non"
            table.add_row(escape(field.label.fr), field.kind, needed, escape(field.article))
        console.print(table)


def _show_changes(changes: Changes) -> None:
    for sign, fields in (("+", changes.added), ("-", changes.removed)):
        for field in fields:
            console.print(f"{sign} {field.id}  {escape(field.label.fr)}", highlight=False)
    for each in changes.changed:
        console.print(f"~ {each.after.id}  {', '.join(each.members)}", highlight=False)
    if changes.is_empty:
        console.print("Les deux versions demandent la même chose.")


def _show_imported(form: FormVersion, out: Path) -> None:
    head = _head(form)
    console.print(f"{out} : {head['sections']} sections, {head['fields']} questions")
    console.print("Les textes français sont ceux de la source : traduisez-les avant de publier.")
