"""A declared plan judges from the next result on; what was seen before stays as it was judged."""

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.kinds.registry import KINDS
from analysis.plans.services import plan_sign
from analysis.spending.judging import claims_of
from analysis.spending.models import SpendingPlan
from analysis.spending.selectors import spending_of
from analysis.spending.services import spending_declare
from analysis.stats.alpha_spending import boundaries
from registry.log.models import Change
from registry.people.roles import Role
from registry.signing.services import prove
from tests.analysis.alerts.turning import turn
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY
from tests.registry.people import PASSWORD, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


@pytest.fixture
def registered(scored: Scored) -> Analysis:
    analysis = define_pfs(scored.cohort)
    return analysis_define(
        cohort=scored.cohort,
        slug=analysis.slug,
        title=analysis.title,
        kind=analysis.kind,
        parameters=analysis.parameters,
        is_registered=True,
        by=BY,
    )


def declare(analysis: Analysis, **more: object) -> SpendingPlan:
    given = {"method": "obrien-fleming", "alpha": 0.05, "information": 190, "max_looks": 10, "reason": "protocol"}
    return spending_declare(analysis=analysis, by=BY, **(given | more))  # type: ignore[arg-type]  # of a test


def current(analysis: Analysis) -> Analysis:
    return Analysis.objects.select_related("current").get(pk=analysis.pk)


def test_the_verdict_uses_what_the_look_may_spend(registered: Analysis) -> None:
    declare(registered)
    run_stale("test")
    result = current(registered).current
    assert result is not None and result.spending_values is not None
    [design] = boundaries([result.spending_values["events"] / 190]).nominal_p
    assert result.threshold == pytest.approx(float(design))
    # The same p is below 0.05, and would have been called significant.
    p = next(claim for claim in result.claims if claim["name"] == "logrank_p")
    assert result.threshold < p["value"] < 0.05
    assert p["verdict"] == "FAP does not split PFS"
    kind = KINDS["survival"]
    assert [claim.as_json() for claim in claims_of(kind, result.output_values, result.threshold)] == result.claims
    [look] = spending_of(registered).looks
    assert (look["look"], look["plan"], look["p"]) == (1, 1, p["value"])
    assert look["cumulative"] == pytest.approx(look["spent"])


def test_a_plan_declared_after_a_look_leaves_that_look_as_it_was_judged(registered: Analysis, scored: Scored) -> None:
    run_stale("test")
    plan = declare(registered)
    assert plan.from_look == 2
    assert run_stale("test") == 0
    result = current(registered).current
    assert result is not None
    assert (result.threshold, result.spending) == (0.05, "")
    turn(scored)
    run_stale("test")
    result = current(registered).current
    assert result is not None and result.spending_values is not None
    # No new events: the first look, though judged otherwise, was a look at this information.
    assert (result.look, result.spending_values["spent"]) == (2, 0)
    assert result.threshold < 0.05


def test_another_plan_is_another_version_with_a_reason(registered: Analysis) -> None:
    declare(registered)
    second = declare(registered, method="pocock", reason="amendment 2")
    assert second.number == 2
    assert Change.objects.filter(subject_type="spendingplan").count() == 2
    with pytest.raises(ValidationError, match="reason"):
        declare(registered, reason=" ")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"information": 0}, "information"),
        ({"alpha": 0.0}, "alpha"),
        ({"max_looks": 0}, "max_looks"),
        ({"method": "guess"}, "method"),
        ({"information": 5}, "information"),
        ({"max_looks": 1}, "max_looks"),
    ],
)
def test_a_plan_that_makes_no_sense_names_the_field(registered: Analysis, given: dict[str, object], field: str) -> None:
    run_stale("test")
    with pytest.raises(ValidationError) as refused:
        declare(registered, **given)
    assert set(refused.value.error_dict) == {field}


def test_it_spends_no_more_than_the_signed_plan_has(registered: Analysis) -> None:
    request = RequestFactory().post("/")
    request.user = person(Role.INVESTIGATOR, username="ines", password=PASSWORD)

    def signed(alpha: float) -> None:
        plan_sign(
            analysis=registered,
            expected_version=registered.version,
            question="High FAP goes with earlier recurrence.",
            alpha=alpha,
            planned_size="24 patients",
            proof=prove(request, PASSWORD),
        )

    declare(registered, alpha=0.02)
    with pytest.raises(ValidationError, match=r"spend 0\.02"):
        signed(0.01)
    declare(registered, alpha=0.01)
    signed(0.01)
    assert spending_of(registered).threshold == 0.01
    with pytest.raises(ValidationError, match="signed plan") as refused:
        declare(registered, alpha=0.05)
    assert set(refused.value.error_dict) == {"alpha"}
    assert declare(registered, alpha=0.01).alpha == 0.01


def test_only_a_registered_analysis_carries_a_plan(pfs_by_fap: Analysis) -> None:
    with pytest.raises(ValidationError, match="registered"):
        declare(pfs_by_fap)
