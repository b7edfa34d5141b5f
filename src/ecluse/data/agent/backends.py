"""Where this zone's jobs run, as its operator set it."""

from ecluse.data.enclave.backends import Backend, Machine
from ecluse.data.enclave.clusters import ClusterRoom
from ecluse.data.enclave.kubernetes import Cluster
from ecluse.domain.documents import JobOrder
from ecluse.trust.zone.settings import ZoneSettings


def backend_of(settings: ZoneSettings, order: JobOrder) -> Backend:
    """Return where a job runs. Raises InvalidInput for an image that is not named by its digest."""
    set_up = settings.cluster
    if set_up is None:
        return Machine(in_gvisor=settings.backend == "gvisor")
    return ClusterRoom(
        cluster=Cluster(set_up.image, set_up.volume_claim, set_up.runtime_class),
        volume=set_up.volume,
        project=order.permit_number,
        job=order.job_number,
        kubectl=set_up.kubectl,
    )
