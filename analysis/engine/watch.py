"""Does anybody still work? Told from the web side, because a dead scheduler cannot report its own death."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.engine.freshness import waiting
from analysis.engine.models import Analysis, Beat

# Two missed sweeps are a delay, more are a failure.
_PATIENCE = 3


@dataclass(frozen=True)
class Health:
    database: bool
    last_sweep: datetime | None
    is_sweep_late: bool
    stale: int
    stuck: int

    @property
    def is_well(self) -> bool:
        return self.database and not self.is_sweep_late and not self.stuck


def note_sweep() -> None:
    Beat.objects.update_or_create(name="sweep", defaults={"at": timezone.now()})


def health() -> Health:
    beat = Beat.objects.filter(name="sweep").first()
    late_before = timezone.now() - timedelta(seconds=_PATIENCE * settings.SWEEP_SECONDS)
    stuck_before = timezone.now() - timedelta(seconds=2 * settings.LEASE_SECONDS)
    return Health(
        database=connection.is_usable(),
        last_sweep=beat.at if beat else None,
        is_sweep_late=beat is not None and beat.at < late_before,
        stale=waiting(Analysis.objects.all()).count(),
        stuck=Analysis.objects.filter(lease_until__lt=stuck_before).count(),
    )


def scheduler_banner(request: HttpRequest) -> dict[str, Any]:
    if not getattr(request, "user", None) or not request.user.is_authenticated or request.headers.get("X-Poll"):
        return {}
    late_before = timezone.now() - timedelta(seconds=_PATIENCE * settings.SWEEP_SECONDS)
    beat = Beat.objects.filter(name="sweep").first()
    if beat is None or beat.at >= late_before:
        return {}
    since = timezone.localtime(beat.at)
    sentence = _("The scheduler has been silent since %(since)s: stale analyses may wait. Tell your administrator.")
    return {"system_warnings": [sentence % {"since": f"{since:%Y-%m-%d %H:%M}"}]}
