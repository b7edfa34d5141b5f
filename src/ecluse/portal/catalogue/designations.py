"""Whether a dataset is held by a holder that this hub designated as trusted (EHDS art. 72).

What knows it comes after the catalogue in the flow: the assembled site names it.
"""

from django.conf import settings
from django.utils.module_loading import import_string

from ecluse.portal.catalogue.models import Dataset


def is_of_trusted_holder(dataset: Dataset) -> bool:
    """Whether a designation in force is that of a holder of this dataset."""
    return bool(import_string(settings.ECLUSE_TRUSTED_HOLDERS)(dataset))
