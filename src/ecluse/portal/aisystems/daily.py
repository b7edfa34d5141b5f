"""What time brings to the register: another rulebook is in use, so classes are computed again."""

from datetime import date

from ecluse.portal.aisystems import actions
from ecluse.portal.aisystems.models import SystemRecord
from ecluse.portal.aisystems.rulebook import rulebook


def reclassify(*, today: date) -> int:
    """Classify every published system under the rules of today; how many answers changed."""
    book = rulebook(today)
    done = SystemRecord.objects.public().filter(classified__rulebook=book.key)
    stale = SystemRecord.objects.public().exclude(pk__in=done.values("pk")).order_by("pk")
    return sum(
        actions.classify_again(one, book=book, today=today) for one in list(stale.with_all())
    )
