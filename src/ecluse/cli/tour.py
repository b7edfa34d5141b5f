"""`ecluse tour`: the whole road, played through the public doors and told step by step."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from ecluse.cli import console
from ecluse.cli.demo import WITHOUT_NOTEBOOK, Demo, has_notebook
from ecluse.cli.home import Home
from ecluse.cli.road import Road, Stage
from ecluse.cli.serve import Site
from ecluse.cli.studies import FIRST_STUDY
from ecluse.domain.errors import Unreachable


def tour(
    *,
    json: Annotated[bool, typer.Option("--json", help="Résultat en JSON.")] = False,
) -> None:
    """Parcourt tout le chemin par les portes publiques : de l'opposition au résultat libéré.

    Dit à chaque pas qui agit, quel document naît, son empreinte et le temps pris, puis ouvre
    l'espace interactif de l'autorisation, si cette machine en sert. La démonstration doit
    tourner : [bold]ecluse demo[/bold].

    Exemple : [bold]ecluse tour --json[/bold]
    """
    demo = Demo(Home.find())
    road = open_road(demo)
    stages = []
    for stage in road.walk():
        stages.append(stage)
        if not json:
            say(stage)
    workspace = visit_workspace(demo, road)
    data = {
        "stages": [asdict(stage) for stage in stages],
        "permit": road.permit,
        "refused_doors": road.refusals,
        "result": road.result.decode("utf-8"),
        "milliseconds": sum(stage.milliseconds for stage in stages),
        "workspace": workspace,
    }
    console.emit(data, json=json, render=lambda: conclude(road, stages, workspace))


def visit_workspace(demo: Demo, road: Road) -> str:
    """Open the permit's interactive workspace; say so, or in words why not."""
    if not has_notebook():
        return f"Espace interactif : {WITHOUT_NOTEBOOK}"
    if demo.workspaces_url() is None:
        return "Espace interactif : son serveur ne tourne pas, voir « ecluse status »."
    return f"Espace interactif ouvert : {road.enter_workspace()}, par la salle de contrôle."


def open_road(demo: Demo) -> Road:
    """The road of the first study on the demonstration that runs. Raises Unreachable."""
    public, checking = demo.url(Site.PUBLIC), demo.url(Site.CHECKING)
    if public is None or checking is None:
        raise Unreachable("La démonstration ne tourne pas : lancez d'abord `ecluse demo`.")
    return Road(public, checking, demo.home.config().demo_password, FIRST_STUDY)


def say(stage: Stage) -> None:
    """Print one step as soon as it is done."""
    short = f"{stage.digest[:19]}…" if stage.digest else ""
    console.console.print(
        f"[bold]{stage.number:>2}[/bold]  {stage.title:<46} [cyan]{stage.who:<15}[/cyan]"
        f" {stage.document:<18} {stage.reference:<22} [dim]{short:<20}[/dim]"
        f" {stage.milliseconds:>6} ms",
        highlight=False,
        soft_wrap=True,
    )


def conclude(road: Road, stages: list[Stage], workspace: str) -> None:
    """Print what was learnt: the doors that stayed shut, the released table, the total time."""
    out = console.console
    out.print(f"\nPortes restées fermées, comme la loi le veut : {len(road.refusals)}.")
    lines = [line.split(",") for line in road.result.decode("utf-8").splitlines()]
    table = Table(title=f"Résultat libéré sous {road.permit}", title_justify="left")
    for heading in lines[0]:
        table.add_column(heading)
    for cells in lines[1:]:
        table.add_row(*cells)
    out.print(table)
    out.print(workspace, soft_wrap=True)
    seconds = sum(stage.milliseconds for stage in stages) / 1000
    out.print(f"{len(stages)} étapes en {seconds:.1f} s. Vérifiez-les : ecluse journal verify")
