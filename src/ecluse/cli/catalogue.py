"""The catalogue on the command line: sources, harvests, verification, the SNDS ready described."""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli import console, quality_evidence, table_profile
from ecluse.cli.portal import in_public_site, run_command
from ecluse.domain.errors import InvalidInput

app = typer.Typer(name="catalogue", help="Le catalogue : moissonner, vérifier, décrire.")

Slug = Annotated[str, typer.Argument(help="Le nom court de la source.")]


@app.callback()
def catalogue() -> None:
    """Commandes du catalogue."""


app.command("profile")(table_profile.profile)
app.command("evidence")(quality_evidence.evidence)


@app.command()
def verify() -> None:
    """Vérifie les descriptions qui ont changé et prépare le graphe des questions SPARQL.

    À lancer par la machine, chaque heure par exemple ; sans risque deux fois.
    Les règles de la norme se trouvent dans le dossier ECLUSE_SHAPES.
    Exemple : [bold]ecluse catalogue verify[/bold]
    """
    console.error_console.print(in_public_site(run_command, "catalogue"))


@app.command("describe-snds")
def describe_snds() -> None:
    """Décrit la base principale du SNDS, avec toutes ses tables et ses variables.

    Exemple : [bold]ecluse catalogue describe-snds[/bold]
    """
    console.error_console.print(in_public_site(_describe, "snds"))


@app.command("add-source")
def add_source(
    slug: Slug,
    kind: Annotated[str, typer.Option(help="dcat, ckan, file ou ingest.")],
    name: Annotated[str, typer.Option(help="Le nom à afficher.")],
    address: Annotated[str, typer.Option(help="L’adresse du catalogue (dcat, ckan).")] = "",
) -> None:
    """Ajoute un catalogue à moissonner ; la clé d’une source « ingest » n’est montrée qu’une fois.

    Exemple : [bold]ecluse catalogue add-source chu --kind ckan --name CHU --address https://…[/bold]
    """
    console.error_console.print(in_public_site(_add_source, slug, kind, name, address))


@app.command()
def harvest(
    slug: Slug,
    file: Annotated[Path | None, typer.Option(help="Le fichier d’une source « file ».")] = None,
) -> None:
    """Moissonne une source ; deux fois la même moisson ne change rien.

    Exemple : [bold]ecluse catalogue harvest chu[/bold]
    """
    data = _read(file) if file else None
    console.error_console.print(in_public_site(_harvest, slug, data))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise InvalidInput(f"{file} ne se lit pas : donnez un autre fichier.") from None


def _describe(name: str) -> str:
    from django.utils import timezone

    from ecluse.portal.catalogue import actions, packaged

    description = packaged.packaged(name)
    actions.publish(name, description, by="set-up", now=timezone.now())
    return f"{name} : {len(description.every_variable())} variables décrites."


def _add_source(slug: str, kind: str, name: str, address: str) -> str:
    from ecluse.portal.catalogue.harvest import actions
    from ecluse.portal.catalogue.models import Source

    if kind not in Source.Kind.values:
        raise InvalidInput(f"« {kind} » n’est pas une sorte de source : {', '.join(Source.Kind)}.")
    _, key = actions.add_source(
        slug, name=name, kind=Source.Kind(kind), address=address, by="command-line"
    )
    shown = f" Sa clé, montrée cette seule fois : {key}" if key else ""
    return f"Source {slug} ajoutée.{shown}"


def _harvest(slug: str, data: bytes | None) -> str:
    from django.utils import timezone

    from ecluse.domain.errors import NotFound
    from ecluse.portal.catalogue.harvest import actions
    from ecluse.portal.catalogue.models import Source

    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise NotFound(f"Aucune source ne s’appelle {slug} : ajoutez-la d’abord.")
    run = actions.harvest(source, now=timezone.now(), data=data)
    counts = ", ".join(f"{name} {count}" for name, count in run.counts.items())
    return f"{slug} : {counts}." if run.state == "done" else f"{slug} : échec. {run.reason}"
