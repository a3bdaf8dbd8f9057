from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analysis.engine.watch import health
from registry.people.access import public


@require_GET
@public
def health_view(request: HttpRequest) -> JsonResponse:
    """For load balancers and an outside watchdog: 200 while everything works, else 503 with what fails in words."""
    try:
        found = health()
    except OperationalError:
        away = {"name": "database", "ok": False, "says": _("The database does not answer."), "since": None}
        return JsonResponse({"status": "unwell", "checks": [away]}, status=503)
    content = {
        "status": "ok" if found.is_well else "unwell",
        "checks": [
            {
                "name": check.name,
                "ok": check.is_well,
                "says": check.says,
                "since": check.since.isoformat() if check.since else None,
            }
            for check in found.checks
        ],
        "database": found.database,
        "last_sweep": found.last_sweep.isoformat() if found.last_sweep else None,
        "sweep_late": found.is_sweep_late,
        "stale_analyses": found.stale,
        "stuck_runs": found.stuck,
    }
    return JsonResponse(content, status=200 if found.is_well else 503)


@require_GET
@public
def liveness(request: HttpRequest) -> JsonResponse:
    """For whoever restarts this very process: it answers, and it reaches its database."""
    connection.ensure_connection()
    is_there = connection.is_usable()
    return JsonResponse({"status": "ok" if is_there else "unwell"}, status=200 if is_there else 503)
