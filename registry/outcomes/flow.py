"""Where everybody who was registered went: boxes whose numbers add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from registry.cohorts.eligibility import findings_from
from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.models import Cohort
from registry.outcomes.selectors import Outcome, derived_outcomes
from registry.patients.models import Enrolment

_STATUS = Enrolment.Eligibility


@dataclass(frozen=True)
class EndpointFlow:
    """`eligible` of the cohort = n + all of `left_out`."""

    code: str
    n: int
    events: int
    left_out: dict[str, int]


@dataclass(frozen=True)
class Flow:
    """registered = withdrawn + ineligible + pending + eligible."""

    registered: int
    withdrawn: int
    ineligible: int
    # criterion → patients whom it excludes first, so that the numbers add up to `ineligible`
    ineligible_by_criterion: dict[str, int]
    pending: int
    eligible: int
    endpoints: list[EndpointFlow]


def cohort_flow(cohort: Cohort, using: str = "default") -> Flow:
    enrolments = list(Enrolment.objects.using(using).filter(cohort_id=cohort.pk, retired_reason=""))
    staying = [enrolment for enrolment in enrolments if enrolment.withdrawn_on is None]
    by_status = Counter(enrolment.eligibility for enrolment in staying)
    eligible = {enrolment.pk for enrolment in staying if enrolment.eligibility == _STATUS.ELIGIBLE}
    return Flow(
        registered=len(enrolments),
        withdrawn=len(enrolments) - len(staying),
        ineligible=by_status[_STATUS.INELIGIBLE],
        ineligible_by_criterion=_by_criterion(staying),
        pending=by_status[_STATUS.PENDING],
        eligible=len(eligible),
        endpoints=[
            _endpoint_flow(endpoint.code, derived_outcomes(cohort, endpoint.code, using), eligible)
            for endpoint in cohort_endpoints(cohort, using)
        ],
    )


def _by_criterion(staying: Iterable[Enrolment]) -> dict[str, int]:
    broken = (
        next(finding.criterion for finding in findings_from(enrolment.reasons) if finding.excludes)
        for enrolment in staying
        if enrolment.eligibility == _STATUS.INELIGIBLE
    )
    return dict(Counter(broken).most_common())


def _endpoint_flow(code: str, outcomes: list[Outcome], eligible: set[int]) -> EndpointFlow:
    ours = [outcome for outcome in outcomes if outcome.enrolment_id in eligible]
    defined = [outcome for outcome in ours if outcome.months is not None]
    left_out = Counter(outcome.undefined_kind for outcome in ours if outcome.months is None)
    return EndpointFlow(code, len(defined), sum(bool(outcome.event) for outcome in defined), dict(left_out))
