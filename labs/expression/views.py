from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from labs.expression.models import ExpressionSet
from labs.expression.services import expression_retire
from registry.clinical.forms import RetireForm
from registry.cohorts.access import access_cohort
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import RECORDING


@allow(*RECORDING)
def expression_retire_page(request: HttpRequest, code: str, number: int) -> HttpResponse:
    user = acting_user(request)
    cohort = access_cohort(user, code)
    stored = get_object_or_404(ExpressionSet, cohort=cohort, number=number)
    form = RetireForm(request.POST or None, initial={"version": stored.version})

    def write() -> ExpressionSet:
        given = form.cleaned_data
        return expression_retire(
            stored=stored, expected_version=given["version"], by=Actor.of(user), reason=given["reason"]
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("The expression set is retired."))
        return redirect(cohort)
    context = {"cohort": cohort, "set": stored, "form": form, "simulated": cohort.is_simulated}
    return render(request, "labs/expression/retire.html", context)
