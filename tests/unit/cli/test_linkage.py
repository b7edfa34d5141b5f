"""`ecluse link`: three parties at their own machines, and indirect matching."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.cli import linkage
from ecluse.cli.console import run_command
from ecluse.cli.pseudonyms import zone_versions
from ecluse.data.pseudonyms import Label
from ecluse.domain.documents import AGENT, Linkage, LinkageWay, OptOutList, Permit, Signer
from ecluse.trust import documents, keys
from ecluse.trust.keys import Keyring
from ecluse.trust.pseudonyms.national_numbers import pseudonymise_national_number
from tests.unit.data.lakes import publish
from tests.unit.domain.build import PERMIT

NOW = datetime.now(UTC)
NATIONAL_KEY = b"k" * 32
ANNE, BORIS, CHLOE = (f"1990199000{number:03d}" for number in range(1, 4))
DATASET = PERMIT.datasets[0].dataset


REGISTRY = "registre des AVC"
LINKAGES = tuple(
    Linkage(REGISTRY, "CHU de Dijon", way, "durée jusqu'au traitement") for way in LinkageWay
)


ASKED = ("--dataset", DATASET, "--cohort", REGISTRY)


def of_register(number: str) -> str:
    return pseudonymise_national_number(number, NATIONAL_KEY)


class World:
    """The folders of three parties; the hub's is the zone, with its lake and its permit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        zone = folder / "home" / "zone"
        self.lake = zone / "lake"
        stay = {"person_key": 1, "event_date": date(2021, 5, 4), "ETA_NUM": "750000001"}
        publish(
            self.lake,
            DATASET,
            {
                "IR_BEN_R": [_person(1, 1, 1950), _person(2, 2, 1960), _person(3, 2, 1960)],
                "T_MCOaaC": [{**stay, "TABLE_YEAR": 2021}],
            },
            [
                (1, "ID-ANNE", of_register(ANNE)),
                (2, "ID-BORIS", of_register(BORIS)),
                (3, "ID-CHLOE", of_register(CHLOE)),
            ],
        )
        versions = zone_versions()
        versions.first.create()
        versions.second.create()
        self.signer = {
            signer: keys.create_key(folder / "signers", signer, now=NOW - timedelta(days=1))
            for signer in (Signer.PORTAL, Signer.REGISTER)
        }
        Keyring([key.public() for key in self.signer.values()]).save(zone / "keyring.json")
        self.permit = self.write_permit(
            replace(
                PERMIT,
                valid_from=NOW.date() - timedelta(2),
                valid_until=NOW.date() + timedelta(9),
                linkages=LINKAGES,
            )
        )
        self.opt_outs = self.write_opt_outs((of_register(BORIS),))
        (folder / "national.key").write_bytes(NATIONAL_KEY)

    def write_permit(self, permit: Permit) -> Path:
        return self._sign(permit, Signer.PORTAL, "permit.json")

    def write_opt_outs(self, opt_out_ids: tuple[str, ...]) -> Path:
        listed = OptOutList(
            permit_number=PERMIT.permit_number,
            as_of=PERMIT.decided_at,
            opt_out_ids=tuple(sorted(opt_out_ids)),
        )
        return self._sign(listed, Signer.REGISTER, "opt-outs.json")

    def _sign(self, body: Permit | OptOutList, signer: Signer, name: str) -> Path:
        document = documents.new_document(body, issuer=signer, audience=(AGENT,), now=NOW)
        path = self.folder / name
        path.write_bytes(documents.sign(document, self.signer[signer]))
        return path

    def papers(self) -> tuple[str, ...]:
        return ("--permit", str(self.permit), "--opt-outs", str(self.opt_outs))

    def pseudonym(self, person_id: str) -> str:
        project = zone_versions().project(PERMIT.permit_number)
        return project.of(Label.PERSON, [person_id])[0]


def _person(key: int, sex: int, year: int) -> dict[str, object]:
    return {
        "person_key": key,
        "event_date": None,
        "BEN_SEX_COD": sex,
        "BEN_NAI_ANN": year,
        "BEN_NAI_MOI": "05",
        "BEN_RES_DPT": "075",
        "BEN_RES_COM": "101",
    }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    return World(tmp_path)


def run(*words: str | Path) -> int:
    texts = [str(word) for word in words]
    return run_command(lambda: linkage.app(texts), json="--json" in texts)


def send_cohort(world: World) -> None:
    """What the holder and the third party do, each in its folder."""
    folder = world.folder
    run("key", "third", "--folder", folder / "third")
    run("key", "hub", "--folder", folder / "hub")
    cohort = folder / "cohort.csv"
    cohort.write_text(f"subject;nir;weight\nS1;{ANNE};60\nS2;{BORIS};70\nS3;none;80\n")
    hub = folder / "hub" / "hub.opening.pub"
    run(
        *("prepare", cohort, "--subject", "subject", "--national-number", "nir"),
        *("--third-party", folder / "third" / "third.opening.pub"),
        *("--hub", hub, "--out", folder / "sent"),
    )
    run(
        *("name", folder / "sent" / "numbers.sealed"),
        *("--open-with", folder / "third" / "third.opening.key", "--hub", hub),
        *("--national-key", folder / "national.key", "--out", folder / "answered"),
    )


def join(world: World, *options: str | Path) -> int:
    return run(
        *("join", world.folder / "answered" / "names.sealed"),
        *(world.folder / "sent" / "data.sealed", *ASKED),
        *("--open-with", world.folder / "hub" / "hub.opening.key", *world.papers()),
        *("--out", world.folder / "cohort.parquet", *options),
    )


def test_a_cohort_goes_from_its_holder_to_the_project_through_the_third_party(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    send_cohort(world)
    capsys.readouterr()

    code = join(world, "--json")

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert pq.read_table(world.folder / "cohort.parquet").to_pylist() == [
        {"person_pseudonym": world.pseudonym("ID-ANNE"), "weight": "60"}
    ]
    assert (told["subjects"], told["linked"], told["opted_out"], told["unnamed"]) == (3, 1, 1, 1)


def test_links_and_numbers_are_destroyed_after_use(world: World) -> None:
    send_cohort(world)

    join(world)

    assert list(world.folder.rglob("*.sealed")) == []


def test_a_permit_that_does_not_give_the_dataset_links_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    send_cohort(world)
    other = replace(PERMIT.datasets[0], dataset="another")
    world.permit = world.write_permit(
        replace(PERMIT, datasets=(other,), valid_until=NOW.date() + timedelta(9))
    )

    code = join(world)

    assert code == 19
    assert not (world.folder / "cohort.parquet").exists()
    assert (world.folder / "answered" / "names.sealed").exists()


@pytest.mark.parametrize(
    "linkages",
    [
        (),
        (replace(LINKAGES[0], cohort="another registry"),),
        (replace(LINKAGES[0], way=LinkageWay.INDIRECT),),
    ],
    ids=["no linkage", "another cohort", "another way"],
)
def test_a_permit_that_does_not_allow_this_linkage_links_nothing(
    world: World, linkages: tuple[Linkage, ...]
) -> None:
    send_cohort(world)
    world.permit = world.write_permit(
        replace(PERMIT, linkages=linkages, valid_until=NOW.date() + timedelta(9))
    )

    code = join(world)

    assert code == 19
    assert not (world.folder / "cohort.parquet").exists()
    assert (world.folder / "answered" / "names.sealed").exists()


def test_a_permit_for_a_linkage_by_number_allows_no_indirect_one(world: World) -> None:
    source = world.folder / "registry"
    source.mkdir()
    (source / "persons.csv").write_text("record_id,sex\nR1,M\n")
    world.permit = world.write_permit(
        replace(PERMIT, linkages=LINKAGES[:1], valid_until=NOW.date() + timedelta(9))
    )

    code = run(
        *("match", source, "--trait", "sex", *ASKED),
        *(*world.papers(), "--out", world.folder / "pairs.parquet"),
    )

    assert code == 19


def test_an_ended_permit_links_nothing(world: World) -> None:
    send_cohort(world)
    world.permit = world.write_permit(replace(PERMIT, valid_until=NOW.date() - timedelta(1)))

    assert join(world) == 15


def test_persons_are_matched_by_traits_and_days_and_the_doubtful_left_out(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    source = world.folder / "registry"
    source.mkdir()
    (source / "persons.csv").write_text(
        "record_id,sex,birth_year\nR1,M,1950\nR2,F,1960\nR3,F,1999\n"
    )
    (source / "care.csv").write_text("record_id,day,place\nR1,2021-05-05,\n")

    code = run(
        *("match", source, "--trait", "sex", "--trait", "birth_year", "--days", "0"),
        *(
            "--dataset",
            DATASET,
            "--cohort",
            REGISTRY,
            *world.papers(),
            "--out",
            world.folder / "pairs.parquet",
        ),
        "--json",
    )

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert pq.read_table(world.folder / "pairs.parquet").to_pylist() == [
        {"record_id": "R1", "person_pseudonym": world.pseudonym("ID-ANNE")}
    ]
    assert told == {"records": 3, "linked": 1, "ambiguous": 1, "success": False, "given": 1}


@pytest.mark.parametrize(("tolerance", "linked"), [("0", 0), ("1", 1)])
def test_days_of_care_count_within_the_tolerance(
    world: World, capsys: pytest.CaptureFixture[str], tolerance: str, linked: int
) -> None:
    source = world.folder / "registry"
    source.mkdir()
    (source / "persons.csv").write_text("record_id,sex\nR1,M\n")
    (source / "care.csv").write_text("record_id,day,place\nR1,2021-05-05,750000001\n")

    run(
        *("match", source, "--trait", "sex", "--tolerance", tolerance, "--same-place"),
        *(
            "--dataset",
            DATASET,
            "--cohort",
            REGISTRY,
            *world.papers(),
            "--out",
            world.folder / "pairs.parquet",
        ),
        "--json",
    )

    assert json.loads(capsys.readouterr().out)["linked"] == linked


@pytest.mark.parametrize(
    "care", ["record_id,day\nR1,2021-05-05\n", "record_id,day,place\nR1,5/4,x\n"]
)
def test_care_that_cannot_be_read_is_refused(world: World, care: str) -> None:
    source = world.folder / "registry"
    source.mkdir()
    (source / "persons.csv").write_text("record_id,sex\nR1,M\n")
    (source / "care.csv").write_text(care)

    code = run(
        *(
            "match",
            source,
            "--trait",
            "sex",
            "--dataset",
            DATASET,
            "--cohort",
            REGISTRY,
            *world.papers(),
        ),
        *("--out", world.folder / "pairs.parquet"),
    )

    assert code == 31


def test_who_opted_out_is_in_no_pair(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.opt_outs = world.write_opt_outs((of_register(ANNE),))
    source = world.folder / "registry"
    source.mkdir()
    (source / "persons.csv").write_text("record_id,sex\nR1,M\n")

    run(
        *(
            "match",
            source,
            "--trait",
            "sex",
            "--days",
            "0",
            "--dataset",
            DATASET,
            "--cohort",
            REGISTRY,
        ),
        *(*world.papers(), "--out", world.folder / "pairs.parquet", "--json"),
    )

    assert json.loads(capsys.readouterr().out)["given"] == 0
