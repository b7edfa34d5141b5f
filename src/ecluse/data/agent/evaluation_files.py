"""The files of an evaluation, prepared in the zone: inputs, labels, damaged inputs, the model.

They lie under their permit, each set under the digest of its manifest, each model under its own
with those to attack it on: an order names digests alone, and what is found is read again before it
is used. They are persons' rows, and are destroyed with the data of the permit.
"""

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ecluse.data.agent.zones import Zone
from ecluse.data.evaluation.privacy.trials import Persons
from ecluse.data.evaluation.running.manifests import manifest_of
from ecluse.data.evaluation.running.tables import read_table
from ecluse.domain.errors import InvalidInput, NotFound, Refused
from ecluse.domain.evaluations.analysis import PerturbationKind
from ecluse.trust import canonical, durable

MANIFEST: Final = "manifest.json"
INPUTS: Final = "inputs"
LABELS: Final = "labels"
PERTURBED: Final = "perturbed-"
"""Before the name of a perturbation: inputs damaged so, or the predictions that they gave."""
PERSONS: Final = "persons.json"
MEMBERS: Final = "members"
OTHERS: Final = "others"
RECIPE: Final = "recipe.skops"
SUFFIXES: Final = frozenset({".parquet", ".csv"})


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """The files that an operator gives for one evaluation; `perturbed` by name of perturbation.

    `persons` are those to attack the model on, `recipe` the estimator (skops) that it came from.
    """

    inputs: Path
    labels: Path
    model: Path
    perturbed: Mapping[str, Path] = field(default_factory=dict)
    persons: Persons | None = None
    recipe: Path | None = None

    def tables(self) -> Iterator[tuple[str, Path]]:
        """Yield each table with the name that it has in the manifest."""
        named = {INPUTS: self.inputs, LABELS: self.labels}
        named |= {f"{PERTURBED}{name}": path for name, path in self.perturbed.items()}
        for name, path in named.items():
            yield f"{name}{path.suffix}", path

    def everything(self) -> Iterator[Path]:
        """Yield every file given, tables first."""
        yield from (path for _, path in self.tables())
        if self.persons is not None:
            yield from (self.persons.members, self.persons.others)
        yield from (path for path in (self.model, self.recipe) if path is not None)


@dataclass(frozen=True, slots=True)
class PreparedFiles:
    """Files of one manifest and a model, as they lie in the zone."""

    folder: Path
    model: Path

    @property
    def manifest(self) -> bytes:
        """The manifest that a lock names by its digest."""
        return (self.folder / MANIFEST).read_bytes()

    def table(self, name: str) -> Path:
        """Return a table by its name in the manifest, without suffix. Raises NotFound."""
        found = next(self.folder.glob(f"{name}.*"), None)
        if found is None:
            raise NotFound(f"The {name} of this evaluation were not prepared: prepare them.")
        return found

    @property
    def persons(self) -> Persons | None:
        """Those to attack the model on, or None. Raises Refused: they changed since."""
        folder = _of_model(self.model)
        if not (folder / PERSONS).is_file():
            return None
        told = json.loads((folder / PERSONS).read_bytes())
        paths = {name: folder / name for name in told["files"]}
        for name, path in paths.items():
            if not path.is_file() or canonical.digest_file(path) != told["files"][name]:
                raise Refused(f"{name} is not the file that was prepared: prepare it again.")
        members, others = (
            next(path for name, path in paths.items() if name.startswith(f"{kind}."))
            for kind in (MEMBERS, OTHERS)
        )
        return Persons(members, others, str(told["outcome"]))

    @property
    def recipe(self) -> Path | None:
        """The estimator that the model came from, checked with `persons`, or None."""
        path = _of_model(self.model) / RECIPE
        return path if path.is_file() else None

    def perturbed(self) -> Mapping[str, Path]:
        """Return the damaged inputs, or predictions on them, by the name of the perturbation."""
        found = sorted(self.folder.glob(f"{PERTURBED}*"))
        return {path.stem.removeprefix(PERTURBED): path for path in found}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was prepared, as the lock and the protocol name it."""

    manifest: str
    model: str
    case_count: int


def prepare(zone: Zone, permit_number: str, given: GivenFiles) -> Prepared:
    """Keep the files of an evaluation in the zone; the same files again are kept once.

    Raises:
        InvalidInput: a file is no table, a perturbation has no such name, or a recipe has nobody.
        StorageFull: no space is left; nothing is prepared.
    """
    _check(given)
    folder = zone.evaluations(permit_number)
    draft = folder / "prepared" / f".{secrets.token_hex(8)}"
    draft.mkdir(mode=0o700, parents=True)
    try:
        paths = [_copy(path, draft / name) for name, path in given.tables()]
        cases = len(read_table(draft / f"{LABELS}{given.labels.suffix}"))
        manifest = manifest_of(paths, cases=cases)
        durable.write(draft / MANIFEST, manifest)
        digest = canonical.digest(manifest)
        target = _set(folder, digest)
        if not target.exists():
            draft.rename(target)
            durable.sync_folder(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Prepared(digest, _keep_model(given, folder), cases)


def find(zone: Zone, permit_number: str, *, manifest: str, model: str) -> PreparedFiles:
    """Return prepared files by digest, every byte read again.

    Raises:
        NotFound: they were not prepared in this zone.
        Refused: a file changed since.
    """
    folder = zone.evaluations(permit_number)
    place = _set(folder, manifest)
    known = next((folder / "models").glob(f"{_digits(model)}.*"), None)
    if known is None or not (place / MANIFEST).is_file():
        missing = "model" if known is None else "data"
        raise NotFound(
            f"The {missing} that the lock names were not prepared in this zone: an officer of the "
            "zone prepares them, then order again."
        )
    found = PreparedFiles(place, known)
    if canonical.digest(found.manifest) != manifest or canonical.digest_file(known) != model:
        raise Refused("The prepared files are not those of the lock any more: prepare them again.")
    _check_names(found)
    return found


def _check_names(found: PreparedFiles) -> None:
    """Pass if the folder holds what its manifest names, each under its own name. Raises Refused."""
    told = json.loads(found.manifest)["files"]
    for named in told:
        path = found.folder / str(named["name"])
        if not path.is_file() or canonical.digest_file(path) != named["digest"]:
            raise Refused(f"{named['name']} is not the file of the manifest: prepare it again.")
    names = {str(one["name"]) for one in told}
    if {path.name for path in found.folder.iterdir()} != {*names, MANIFEST}:
        raise Refused("A file was added to those of the manifest: prepare them again.")


def _check(given: GivenFiles) -> None:
    if given.recipe is not None and given.persons is None:
        raise InvalidInput("A recipe serves attacks: give the persons who trained the model too.")
    for path in given.everything():
        if path in (given.model, given.recipe):
            continue
        if path.suffix not in SUFFIXES:
            raise InvalidInput(f"{path.name} is neither .parquet nor .csv: convert it.")
    unknown = sorted(given.perturbed.keys() - {one.value for one in PerturbationKind})
    if unknown:
        raise InvalidInput(f"No perturbation is called {unknown[0][:40]}.")


def _keep_model(given: GivenFiles, folder: Path) -> str:
    digest = canonical.digest_file(given.model)
    place = folder / "models" / f"{_digits(digest)}{given.model.suffix or '.model'}"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy(given.model, place)
    if given.persons is not None:
        _keep_persons(given.persons, given.recipe, _of_model(place))
    return digest


def _keep_persons(persons: Persons, recipe: Path | None, folder: Path) -> None:
    """Keep those to attack a model on; the account of them last, so that half is as none."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    named = {
        f"{MEMBERS}{persons.members.suffix}": persons.members,
        f"{OTHERS}{persons.others.suffix}": persons.others,
    }
    if recipe is not None:
        named[RECIPE] = recipe
    kept = {name: canonical.digest_file(_copy(path, folder / name)) for name, path in named.items()}
    told = {"outcome": persons.outcome, "files": kept}
    durable.write(folder / PERSONS, json.dumps(told).encode())


def _of_model(model: Path) -> Path:
    return model.parent / f"{model.stem}-persons"


def _copy(source: Path, place: Path) -> Path:
    with durable.replacing(place) as sink, source.open("rb") as stream:
        shutil.copyfileobj(stream, sink)
    return place


def _set(folder: Path, digest: str) -> Path:
    return folder / "prepared" / _digits(digest)


def _digits(digest: str) -> str:
    return digest.removeprefix("sha256:")
