"""The published schemas accept what the code writes, and nothing looser."""

from datetime import UTC, date, datetime

import pytest
from jsonschema import Draft202012Validator

from ecluse.domain.cohorts import AllOf, AtLeast, Events, Not, cohort_of
from ecluse.domain.document_schemas import envelope_schema
from ecluse.domain.documents import (
    KINDS,
    Document,
    ExtractionOrder,
    Signer,
    TableScope,
    to_json,
)

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
ORDER = ExtractionOrder(
    order_number="FR-2026-0001-E1",
    permit_number="FR-2026-0001",
    permit_digest="sha256:00",
    dataset="snds-synthetic",
    snapshot="20260105T100000Z-00000000",
    tables=(TableScope("ER_PHA_F", ("PHA_PRS_C13",)),),
    cohort=cohort_of(
        AllOf((AtLeast(Events("drug_atc", ("A10",)), 3), Not(AtLeast(Events("x", ("B",))))))
    ),
    care_from=date(2022, 1, 1),
    care_to=date(2022, 12, 31),
    flux_until=date(2023, 6, 1),
    pseudonym_domain="FR-2026-0001",
    opt_out_list_digest="sha256:00",
    ordered_by="camille.moreau@univ.example",
)

UUID = "11111111-1111-4111-8111-111111111111"


def envelope() -> dict[str, object]:
    document = Document(UUID, Signer.PORTAL, ("agent:zone-1",), NOW, None, ORDER)
    return {"document": to_json(document), "signature": "e30.." + "A" * 86}


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_a_valid_schema(kind: str) -> None:
    Draft202012Validator.check_schema(envelope_schema(kind))

    assert envelope_schema(kind)["title"] == kind


def test_what_the_code_writes_is_valid() -> None:
    validator = Draft202012Validator(envelope_schema("ExtractionOrder"))

    assert list(validator.iter_errors(envelope())) == []


def test_an_extra_member_deep_in_the_cohort_is_invalid() -> None:
    changed = envelope()
    step = changed["document"]["body"]["cohort"]["steps"][0]  # type: ignore[index]
    step["keep"]["parts"][0]["sql"] = "1=1"

    assert not Draft202012Validator(envelope_schema("ExtractionOrder")).is_valid(changed)


def test_an_order_signed_by_the_agent_is_invalid() -> None:
    changed = envelope()
    changed["document"]["issuer"] = "agent"  # type: ignore[index]

    assert not Draft202012Validator(envelope_schema("ExtractionOrder")).is_valid(changed)
