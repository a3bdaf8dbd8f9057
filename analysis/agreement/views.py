"""Agreement of a round's readers: for its coordinators, for investigators once it is closed, never for a reader."""

import csv
import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analysis.agreement.comparison import comparison_of
from analysis.agreement.content import agreement_in
from analysis.agreement.origin import origin_of
from labs.rounds.access import COORDINATORS, FOLLOWERS, READERS, access_duty, access_round
from labs.rounds.marker_reads import marker_reads
from labs.rounds.models import Duty, Round
from labs.rounds.selectors import usernames
from registry.people.access import acting_user, allow
from registry.people.models import User


@require_GET
@allow(*FOLLOWERS)
def agreement(request: HttpRequest, code: str) -> HttpResponse:
    user = acting_user(request)
    round = access_round(user, code)
    markers = agreement_in(round, _names(user, round)) if _may_see(user, round) else None
    context = {
        "round": round,
        "markers": markers,
        "origin": origin_of([item.reads for item in markers]) if markers is not None else None,
        "may_coordinate": user.has_role(*COORDINATORS),
    }
    return render(request, "analysis/agreement/agreement.html", context)


@require_GET
@allow(*FOLLOWERS)
def reads_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The reads side by side for whoever computes them anew: blind codes, readers by number, no patient."""
    user = acting_user(request)
    round = access_round(user, code)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    readers = usernames(round, Duty.PRIMARY)
    numbered = [f"reader_{place}" for place in range(1, len(readers) + 1)]
    reasons = [f"{name}_not_assessable" for name in numbered]
    writer.writerow(["slide", "marker", *numbered, *reasons, "third_reader", "consensus", "consensus_rule", "severity"])
    for reads in marker_reads(round) if _may_see(user, round) else []:
        for item in reads.found:
            by_reader = {read.reader: read for read in item.primary}
            found = [by_reader.get(reader) for reader in readers]
            writer.writerow(
                [
                    item.slide.code,
                    reads.marker.code,
                    *(read.value if read else None for read in found),
                    *(read.not_assessable if read else "" for read in found),
                    item.third.value if item.third else None,
                    item.consensus.value if item.consensus else None,
                    item.consensus.rule if item.consensus else "",
                    item.verdict.severity.name.lower() if item.is_complete else "",
                ]
            )
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{round.code}-reads.csv"'
    return response


@require_GET
@allow(*READERS)
def comparison(request: HttpRequest, code: str) -> HttpResponse:
    """A reader's own page, once the round is closed."""
    duty = access_duty(acting_user(request), code)
    # Before, nothing but the reader's own queue may be looked at.
    markers = comparison_of(duty) if duty.round.is_closed else None
    context = {
        "round": duty.round,
        "markers": markers,
        "origin": origin_of(marker_reads(duty.round)) if markers is not None else None,
    }
    return render(request, "analysis/agreement/comparison.html", context)


def _may_see(user: User, round: Round) -> bool:
    return round.is_closed or user.has_role(*COORDINATORS)


def _names(user: User, round: Round) -> dict[str, str]:
    """Coordinators know the readers; others see them by number."""
    readers = usernames(round, Duty.PRIMARY)
    if user.has_role(*COORDINATORS):
        return {reader: reader for reader in readers}
    return {reader: f"reader {place}" for place, reader in enumerate(readers, start=1)}
