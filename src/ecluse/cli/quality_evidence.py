"""`ecluse catalogue evidence`: the signed scores of a quality report, for the label."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ecluse.cli.console import error_console
from ecluse.cli.home import Home
from ecluse.cli.lake_options import Dataset, KeyFile, LakeFolder, SnapshotId, open_lake


def evidence(
    dataset: Dataset,
    *,
    out: Annotated[Path, typer.Option(help="Le fichier à écrire.")] = Path("evidence.json"),
    snapshot: SnapshotId = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
) -> None:
    """Signe les résultats du rapport de qualité, pour les joindre à une demande de label.

    Le fichier dit combien de contrôles ont réussi et de quel rapport, jamais un effectif.
    La zone le signe de sa clé : le portail la reconnaît.

    Exemple : [bold]ecluse catalogue evidence snds --out preuve.json[/bold]
    """
    from ecluse.data.quality import attesting
    from ecluse.domain.documents import PUBLIC_SITE, Signer
    from ecluse.trust import documents, durable, keys

    home = Home.find()
    body = attesting.evidence(open_lake(lake, key).snapshot(dataset, snapshot))
    signing_key = keys.load_signing_key(home.keys(home.zone), Signer.AGENT)
    document = documents.new_document(
        body, issuer=Signer.AGENT, audience=(PUBLIC_SITE,), now=datetime.now(UTC)
    )
    durable.write(out, documents.sign(document, signing_key), mode=0o644)
    error_console.print(
        f"{len(body.scores)} dimensions de qualité signées : {escape(str(out))}", soft_wrap=True
    )
