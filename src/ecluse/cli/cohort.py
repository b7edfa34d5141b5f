"""`ecluse cohort`: the library of studies and the cohorts of files, told, drawn, checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit
from ecluse.cli.lake_options import Json, LakeFolder, grid
from ecluse.domain.errors import InvalidInput, JobFailed, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecluse.data.nomenclatures.cohorts import SourceCheck
    from ecluse.domain.cohorts import Cohort
    from ecluse.domain.studies import Study

app = typer.Typer(
    name="cohort",
    no_args_is_help=True,
    help="Les cohortes : les études de la bibliothèque, en mots, en dessin, en JSON.",
)

Asked = Annotated[str, typer.Argument(help="Nom d'une étude, ou fichier JSON d'une cohorte.")]
Year = Annotated[int | None, typer.Option(help="Année de l'étude ; sinon celle de sa fiche.")]
Language = Annotated[str, typer.Option("--lang", help="Langue : fr ou en.")]
ModelName = Annotated[str, typer.Option("--model", help="Modèle de données, ou son dossier.")]
MOST_SHOWN = 12


@app.command(name="list")
def list_studies(*, json: Json = False) -> None:
    """Liste les études de la bibliothèque.

    Exemple : [bold]ecluse cohort list[/bold]
    """
    from ecluse.domain.studies import STUDIES

    studies = [_summary(found) for found in STUDIES.values()]
    emit({"studies": studies}, json=json, render=lambda: _show_list(list(STUDIES.values())))


@app.command()
def explain(
    asked: Asked,
    *,
    year: Year = None,
    lang: Language = "fr",
    model: ModelName = "snds",
    json: Json = False,
) -> None:
    """Dit en mots qui est dans la cohorte, et d'où viennent ses listes de codes.

    Exemples : [bold]ecluse cohort explain diabetes --year 2019[/bold],
    [bold]ecluse cohort explain ma-cohorte.json --lang en[/bold]
    """
    from ecluse.data.schemas import model as read_model
    from ecluse.domain.cohorts.prose import explain as told

    cohort, study = _cohort(asked, year)
    text = told(cohort, read_model(model).sources.values(), lang)
    data = {"text": text, "study": _card(study, lang) if study else None}
    emit(data, json=json, render=lambda: _show_text(text, study, lang))


@app.command()
def draw(
    asked: Asked,
    *,
    year: Year = None,
    lang: Language = "fr",
    output: Annotated[Path | None, typer.Option(help="Écrire le dessin dans ce fichier.")] = None,
) -> None:
    """Dessine le diagramme de flux de la cohorte, en SVG, sans effectif.

    Exemple : [bold]ecluse cohort draw stroke --output avc.svg[/bold]
    """
    from ecluse.domain.cohorts.flowchart import draw as drawn

    cohort, _ = _cohort(asked, year)
    drawing = drawn(cohort, language=lang)
    if output is None:
        sys.stdout.write(drawing + "\n")
    else:
        output.write_text(drawing + "\n", encoding="utf-8")
        console.print(f"Dessin écrit : {escape(str(output))}")


@app.command(name="json")
def show_json(asked: Asked, *, year: Year = None) -> None:
    """Écrit la cohorte en JSON, comme elle voyage dans un ordre d'extraction.

    Exemple : [bold]ecluse cohort json diabetes --year 2019 > diabete.json[/bold]
    """
    import json as json_text

    from ecluse.domain.codec import encode

    cohort, _ = _cohort(asked, year)
    sys.stdout.write(json_text.dumps(encode(cohort), ensure_ascii=False, indent=2) + "\n")


@app.command()
def check(
    asked: Asked,
    *,
    year: Year = None,
    model: ModelName = "snds",
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Vérifie la cohorte : sources, colonnes, liens, et chaque code contre sa nomenclature.

    Les nomenclatures sont celles de l'entrepôt. Code de sortie 1 quand un code n'est pas connu.

    Exemple : [bold]ecluse cohort check diabetes[/bold]
    """
    from ecluse.cli.home import Home
    from ecluse.data.cohorts.checking import check as check_cohort
    from ecluse.data.nomenclatures import Nomenclatures
    from ecluse.data.nomenclatures.cohorts import check_cohort as check_codes
    from ecluse.data.schemas import model as read_model

    cohort, _ = _cohort(asked, year)
    known = read_model(model)
    check_cohort(cohort, known)
    checks = check_codes(cohort, known, Nomenclatures(lake or Home.find().lake))
    wrong = {code.code: code.status for found in checks for code in found.problems}
    unchecked = list(dict.fromkeys(found.why for found in checks if found.why))
    data = {"lists": len(checks), "unknown_codes": wrong, "not_checked": unchecked}
    emit(data, json=json, render=lambda: _show_checks(checks, wrong, unchecked))
    if wrong:
        raise JobFailed(f"{len(wrong)} code(s) that no loaded nomenclature knows: correct them.")


def _cohort(asked: str, year: int | None) -> tuple[Cohort, Study | None]:
    """Return the cohort of a study or of a file. Raises NotFound and InvalidInput."""
    from ecluse.domain.studies import STUDIES

    if asked in STUDIES:
        study = STUDIES[asked]
        wanted = year or study.default_year
        if wanted < study.first_year:
            raise InvalidInput(f"{asked} can be asked of {study.first_year} and later years.")
        return study.cohort(wanted), study
    file = Path(asked)
    if not file.is_file():
        raise NotFound(
            f"No study and no file is called {asked[:80]!r}: `ecluse cohort list` lists the "
            f"{len(STUDIES)} studies."
        )
    return _read(file), None


def _read(file: Path) -> Cohort:
    import json as json_text

    from ecluse.domain.codec import decode
    from ecluse.domain.cohorts import Cohort

    try:
        written = json_text.loads(file.read_text(encoding="utf-8"))
        return cast("Cohort", decode(written, Cohort, at="cohort"))
    except (json_text.JSONDecodeError, UnicodeDecodeError):
        raise InvalidInput(f"{file} is not JSON: write it with `ecluse cohort json`.") from None
    except Malformed as error:
        raise InvalidInput(f"{file}: {error}") from None


def _summary(study: Study) -> Mapping[str, object]:
    return {
        "name": study.name,
        "title_fr": study.title_fr,
        "title_en": study.title_en,
        "domain": study.domain,
        "default_year": study.default_year,
        "validation": study.validation.status.value,
        "version": study.version,
    }


def _card(study: Study, language: str) -> Mapping[str, object]:
    is_english = language.startswith("en")
    return {
        **_summary(study),
        "objective": study.objective_en if is_english else study.objective_fr,
        "data": list(study.data),
        "sources": list(study.sources),
        "limits": list(study.limits),
        "sensitivity": study.validation.sensitivity,
        "specificity": study.validation.specificity,
        "predictive_value": study.validation.predictive_value,
        "note": study.validation.note,
        "code_lists": [
            {"name": listed.name, "system": listed.system, "codes": list(listed.codes)}
            | {"match": listed.match.value, "source": listed.source, "corrected": listed.corrected}
            for listed in study.code_lists
        ],
    }


def _show_list(studies: Sequence[Study]) -> None:
    shown = Table()
    shown.add_column("Étude", no_wrap=True)
    shown.add_column("Titre")
    shown.add_column("Année", justify="right")
    for found in studies:
        shown.add_row(found.name, found.title_fr, str(found.default_year))
    console.print(shown)


def _show_text(text: str, study: Study | None, language: str) -> None:
    if study is not None:
        is_english = language.startswith("en")
        console.print(f"[bold]{escape(study.title_en if is_english else study.title_fr)}[/bold]")
        console.print(escape(study.objective_en if is_english else study.objective_fr))
        console.print()
    console.print(escape(text), highlight=False)
    if study is not None and study.code_lists:
        shown = grid("Codes", "Système", "Nombre", "Source")
        for listed in study.code_lists:
            count = str(len(listed.codes))
            shown.add_row(escape(listed.name), listed.system, count, escape(listed.source))
        console.print(shown)


def _show_checks(
    checks: Sequence[SourceCheck], wrong: Mapping[str, str], unchecked: Sequence[str]
) -> None:
    console.print(f"{len(checks)} liste(s) de codes, {len(wrong)} code(s) inconnu(s).")
    for why in unchecked:
        console.print(f"[yellow]Non vérifié[/yellow] : {escape(why)}")
    for code, status in list(wrong.items())[:MOST_SHOWN]:
        console.print(f"[red]{escape(code)}[/red] : {status}")
