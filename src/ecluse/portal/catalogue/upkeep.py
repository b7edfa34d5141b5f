"""What the catalogue does in the background: judge what changed, write the graph for questions."""

from datetime import datetime

from ecluse.portal.catalogue import actions, serving, sparql
from ecluse.portal.catalogue.models import DescriptionRecord


def keep_up(*, now: datetime) -> dict[str, int]:
    """Judge the descriptions that changed, if this site has the shapes, and write the graph anew.

    Returns counts: `judged`, of which `conforming`, and `exported`. Doing it twice does no harm.
    """
    has_shapes = serving.has_shapes()
    judged = conforming = 0
    for held in DescriptionRecord.objects.shown().unjudged() if has_shapes else ():
        judged += 1
        conforming += actions.judge(held, now=now).obeys
    exported = sparql.index(now=now, is_judged=has_shapes)
    return {"judged": judged, "conforming": conforming, "exported": exported}
