"""How a publication names the data that its results rest on."""

from datetime import date


def citation(
    *, title: str, permit_number: str, datasets: tuple[str, ...], request_number: str, on: date
) -> str:
    """Return one sentence, in French: project, permit, datasets, release, day.

    Source: EHDS art. 61(4): users cite the sources and that data were obtained under the EHDS.
    """
    return (
        f"{title}. Données : {', '.join(datasets)}, obtenues sous l’autorisation {permit_number}"
        f" dans l’espace européen des données de santé (règlement (UE) 2025/327) ; sortie"
        f" {request_number} du {on.isoformat()}."
    )
