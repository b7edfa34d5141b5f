"""`ecluse permit`: how precisely columns are given, and which facts together."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.cli import permit
from ecluse.cli.console import run_command
from ecluse.domain.documents import Coarsening, Precision, Signer, TableScope
from ecluse.trust import documents, keys
from tests.unit.domain.build import PERMIT

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_permit_says_what_it_gives_less_of_and_what_it_gives_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    month = Coarsening("BEN_DCD_DTE", Precision.MONTH)
    five = Coarsening("BEN_NAI_ANN", Precision.AGE_BAND, 5)
    table = TableScope("IR_BEN_R", ("BEN_DCD_DTE", "BEN_NAI_ANN"), (month, five))
    given = replace(PERMIT.datasets[0], tables=(table,))
    body = replace(
        PERMIT,
        datasets=(given,),
        together=("day-of-care", "day-of-death"),
        together_reason="DR-2025-001",
    )
    key = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    file = tmp_path / "permit.json"
    document = documents.new_document(
        body, issuer=Signer.PORTAL, audience=("agent:zone-1",), now=NOW
    )
    file.write_bytes(documents.sign(document, key))

    code = run_command(lambda: permit.app(["show", str(file)]), json=False)

    shown = " ".join(capsys.readouterr().out.split())
    assert code == 0
    assert "IR_BEN_R.BEN_DCD_DTE : month" in shown
    assert "IR_BEN_R.BEN_NAI_ANN : age-band 5" in shown
    assert "day-of-care, day-of-death : DR-2025-001" in shown
