"""How long a reader takes for a slide: by the server's clock, and told to nobody but that reader."""

from datetime import datetime
from statistics import median

from django.core import signing
from django.utils import timezone

from labs.rounds.models import Assignment
from labs.rounds.queue import Queue

LONGEST = 3600
_SALT = "labs.rounds.shown"


def shown_now(assignment: Assignment) -> str:
    """A signed note of when the form was shown; it goes out with the form and comes back with the save."""
    return signing.dumps([assignment.pk, timezone.now().timestamp()], salt=_SALT)


def seconds_since(shown: str, assignment: Assignment, now: datetime | None = None) -> int | None:
    """Whole seconds, an hour at most; None for a note that is not ours or of another slide."""
    noted = _noted(shown)
    if noted is None or noted[0] != assignment.pk:
        return None
    at = noted[1]
    passed: float = (now or timezone.now()).timestamp() - at
    return round(min(max(passed, 0.0), LONGEST))


def is_of_another_queue(shown: str, assignment: Assignment) -> bool:
    """Whether the form was shown to another reader: a new sign-in holds for the windows left open too."""
    noted = _noted(shown)
    return noted is not None and noted[0] != assignment.pk


def _noted(shown: str) -> tuple[int, float] | None:
    try:
        pk, at = signing.loads(shown, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return pk, at


def my_pace(queue: Queue) -> int | None:
    """Median of the seconds that the reader took for a slide of the queue."""
    taken = [entry.read.seconds for entry in queue.entries if entry.read is not None and entry.read.seconds is not None]
    return round(median(taken)) if taken else None
