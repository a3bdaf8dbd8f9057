from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from analysis.engine.watch import health
from registry.people.access import public


@require_GET
@public
def health_view(request: HttpRequest) -> JsonResponse:
    """For load balancers and an outside watchdog: 200 while the web side and the scheduler work, 503 otherwise."""
    found = health()
    content = {
        "status": "ok" if found.is_well else "unwell",
        "database": found.database,
        "last_sweep": found.last_sweep.isoformat() if found.last_sweep else None,
        "sweep_late": found.is_sweep_late,
        "stale_analyses": found.stale,
        "stuck_runs": found.stuck,
    }
    return JsonResponse(content, status=200 if found.is_well else 503)
