from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from analysis.access import access_alert, visible_alerts
from analysis.alerts.forms import AcknowledgeForm
from analysis.alerts.selectors import in_state, shown_alerts
from analysis.alerts.services import alert_acknowledge
from registry.cohorts.access import visible_cohorts
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

_ON_A_PAGE = 25
STATES = {
    "open": gettext_lazy("Open"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "closed": gettext_lazy("Turned back"),
    "all": gettext_lazy("All"),
}


@require_GET
@allow(*CLINICAL)
def alert_list(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    code, state = request.GET.get("cohort", ""), request.GET.get("state", "open")
    alerts = in_state(visible_alerts(user), state)
    if code:
        alerts = alerts.filter(analysis__cohort__code=code)
    page = Paginator(alerts.order_by("-pk"), _ON_A_PAGE).get_page(request.GET.get("page"))
    cohorts = visible_cohorts(user)
    context = {
        "page_obj": page,
        "alerts": shown_alerts(page.object_list),
        "cohorts": cohorts,
        "states": STATES,
        "chosen": code,
        "state": state,
        "simulated": any(cohort.is_simulated for cohort in cohorts if not code or cohort.code == code),
    }
    return render(request, "analysis/alerts/list.html", context)


@require_http_methods(["GET", "POST"])
@allow(*CLINICAL)
def alert_acknowledge_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    alert = access_alert(user, pk)
    form = AcknowledgeForm(request.POST or None)
    if request.method == "POST":
        by = Actor.of(user)
        if form.saves(lambda: alert_acknowledge(alert=alert, comment=form.cleaned_data["comment"], by=by)):
            messages.success(request, _("The alert is acknowledged."))
            return redirect(alert.analysis)
    context = {
        "form": form,
        "item": shown_alerts([alert])[0],
        "cohort": alert.analysis.cohort,
        "simulated": alert.analysis.cohort.is_simulated,
    }
    return render(request, "analysis/alerts/acknowledge.html", context)
