"""What leaves the system and did not arrive, for administrators; and how the connectors fare."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from labs.connectors.selectors import connectors_shown
from labs.outbox.models import Outbox
from labs.outbox.services import outbox_retry
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import Role

# The oldest of what waits and what was given up; the rest is counted.
LISTED = 200


@require_GET
@allow(Role.ADMINISTRATOR)
def outgoing(request: HttpRequest) -> HttpResponse:
    """Neither subject nor text of a message: they may tell a blind reader of others' findings."""
    unsent = Outbox.objects.exclude(state=Outbox.State.SENT)
    counts = {row["state"]: row["n"] for row in Outbox.objects.order_by().values("state").annotate(n=Count("pk"))}
    context = {
        "rows": unsent.defer("text", "html", "payload", "subject").order_by("state", "created_at")[:LISTED],
        "counts": [(state.label, counts.get(state, 0)) for state in Outbox.State],
        "connectors": connectors_shown(),
    }
    return render(request, "labs/outbox/outgoing.html", context)


@require_POST
@allow(Role.ADMINISTRATOR)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    message = Outbox.objects.filter(pk=pk).first()
    if message is None:
        raise Http404
    if outbox_retry(message=message, by=Actor.of(acting_user(request))):
        messages.success(request, _("It will be sent within a minute."))
    else:
        messages.info(request, _("It is not given up: nothing was changed."))
    return redirect("labs:outgoing")


# A mail or a delivery is of no site.
retry.of_site = False  # type: ignore[attr-defined]  # read by the matrix of addresses
