"""Which specimen each sample of a run is: by a declared rule, and by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.qpcr.access import access_run
from labs.qpcr.assigning import AssignRule
from labs.qpcr.forms import RuleAssignForm, SamplesForm, assignable
from labs.qpcr.selectors import samples_of
from labs.qpcr.services import samples_assign, samples_assign_by_rule
from labs.specimens.access import BENCH
from registry.log.actors import Actor
from registry.people.access import acting_user, allow


@allow(*BENCH)
def samples(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    found = access_run(user, pk)
    specimens = assignable(user)
    by_rule = request.method == "POST" and "rule" in request.POST
    rule = RuleAssignForm(request.POST if by_rule else None)
    if by_rule and rule.is_valid():
        chosen = AssignRule(rule.cleaned_data["rule"])
        n = len(samples_assign_by_rule(run=found, rule=chosen, among=specimens, by=Actor.of(user)))
        text = ngettext("%(n)d sample was assigned by the rule.", "%(n)d samples were assigned by the rule.", n)
        messages.success(request, text % {"n": n})
        return redirect("labs:pcr-samples", pk)
    by_hand = request.method == "POST" and not by_rule
    form = SamplesForm(request.POST if by_hand else None, samples=samples_of(found), specimens=specimens)

    def write() -> int:
        return samples_assign(run=found, choices=form.choices, by=Actor.of(user))

    if by_hand and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("labs:pcr-run", pk)
    return render(request, "labs/pcr/samples.html", {"run": found, "form": form, "rule": rule})
