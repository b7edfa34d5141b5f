"""What was decided of each use of data, as far as it says whether a refusal bound it."""

from collections.abc import Iterable, Mapping

from ecluse.domain import documents
from ecluse.domain.optouts import NATIONAL_MODELS, DecidedUse
from ecluse.portal.catalogue.models import Snapshot
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.requests.models import DataRequest


def decided_uses(numbers: Iterable[str]) -> dict[str, DecidedUse]:
    """Return, by number, the permits and the data requests of these numbers that were granted."""
    wanted = tuple(numbers)
    models = _models()
    permits = PermitRecord.objects.filter(number__in=wanted)
    requests = DataRequest.objects.filter(number__in=wanted, decided_at__isnull=False)
    found = (
        *(_of_permit(one.terms(), models) for one in permits),
        *(_of_request(one, models) for one in requests.select_related("dataset")),
    )
    return {one.number: one for one in found}


def _of_permit(terms: documents.Permit, models: Mapping[str, str]) -> DecidedUse:
    reason = terms.opt_out_exception_reason if terms.applies_opt_out_exception else ""
    return DecidedUse(
        terms.permit_number,
        terms.opt_outs_as_of or terms.decided_at,
        reason or "",
        _is_national((given.dataset for given in terms.datasets), models),
    )


def _of_request(one: DataRequest, models: Mapping[str, str]) -> DecidedUse:
    assert one.decided_at is not None  # noqa: S101 - asked of the database above
    is_national = _is_national((one.dataset.slug,), models)
    return DecidedUse(one.number, one.decided_at, one.opt_out_exception_reason, is_national)


def _is_national(datasets: Iterable[str], models: Mapping[str, str]) -> bool:
    """Whether one of them is the national copy; one that no zone has loaded is taken for it."""
    return any(models.get(slug, "snds") in NATIONAL_MODELS for slug in datasets)


def _models() -> dict[str, str]:
    """Return the model of the last snapshot of each dataset."""
    rows = Snapshot.objects.order_by("loaded_at", "pk")
    return dict(rows.values_list("dataset__slug", "model"))
