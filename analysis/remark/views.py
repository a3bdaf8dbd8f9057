from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analysis.access import access_reported_cohort, visible_analyses
from analysis.remark.checklist import BY_NUMBER, SOURCES
from analysis.remark.forms import RemarkNoteForm
from analysis.remark.models import RemarkNote
from analysis.remark.profile import remark
from analysis.remark.services import remark_note_save
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def profile(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    cohort = access_reported_cohort(user, code)
    context = {
        "cohort": cohort,
        "profile": remark(cohort, visible_analyses(user).filter(cohort=cohort)),
        "sources": SOURCES,
        "simulated": cohort.is_simulated,
    }
    return render(request, "analysis/remark/profile.html", context)


@allow(*CLINICAL)
def note(request: HttpRequest, code: str, item: int) -> HttpResponse:
    user = acting_user(request)
    cohort = access_reported_cohort(user, code)
    if item not in BY_NUMBER:
        raise Http404
    found = RemarkNote.objects.filter(cohort=cohort, item=item).first() or RemarkNote(cohort=cohort, item=item)
    form = RemarkNoteForm(request.POST or None, instance=found)

    def write() -> object:
        return remark_note_save(
            cohort=cohort,
            item=item,
            text=form.cleaned_data["text"],
            expected_version=form.expected_version,
            by=Actor.of(user),
            reason=form.given_reason,
        )

    if request.method == "POST" and form.saves(write):
        messages.success(request, _("Saved."))
        return redirect("analysis:remark", code)
    topic = BY_NUMBER[item].topic
    context = {"cohort": cohort, "form": form, "title": f"REMARK {item}: {topic}", "simulated": cohort.is_simulated}
    return render(request, "analysis/remark/note.html", context)
