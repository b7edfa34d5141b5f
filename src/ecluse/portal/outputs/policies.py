"""The review policies of the holders, as the operator wrote them for this site."""

from ecluse.domain.reviews.policies import Policies, read_policies
from ecluse.portal.audit import identity

NAME = "review-policies.toml"
"""In the folder of the site, as in that of the secure zone; without it, two checkers."""


def policies() -> Policies:
    """Return the policy of each dataset. Raises InvalidInput."""
    path = identity.room() / NAME
    return read_policies(path.read_text(encoding="utf-8")) if path.is_file() else Policies()
