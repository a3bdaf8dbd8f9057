from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from analysis.cutoffs.services import cutoff_declare
from analysis.engine.claiming import claim
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_create, analysis_define, analysis_redefine
from analysis.plans.models import AnalysisPlan
from analysis.plans.services import plan_forgo, plan_sign, standing_plan
from analysis.subcohorts.services import subcohort_define, subcohort_update
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.people.models import User
from registry.people.roles import Role
from registry.signing.services import Proof, prove
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY
from tests.registry.people import PASSWORD, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]

MEDIAN = {"endpoint": "PFS", "marker": "ihc:FAP@tumour", "cutoff": "median"}
OTHER = {"endpoint": "PFS", "marker": "ihc:FAP@tumour", "cutoff": 6}


@pytest.fixture
def proof() -> Proof:
    request = RequestFactory().post("/")
    request.user = person(Role.INVESTIGATOR, username="ines", password=PASSWORD)
    return prove(request, PASSWORD)


def defined(scored: Scored, *, waits: bool = False) -> Analysis:
    return analysis_create(
        cohort=scored.cohort, title="PFS by FAP", kind="survival", parameters=MEDIAN, waits_for_plan=waits, by=BY
    )


def signed(analysis: Analysis, proof: Proof, alpha: float = 0.05) -> AnalysisPlan:
    analysis.refresh_from_db()
    return plan_sign(
        analysis=analysis,
        expected_version=analysis.version,
        question="High FAP goes with earlier recurrence.",
        alpha=alpha,
        planned_size="24 patients, one look",
        proof=proof,
    )


def redefined(analysis: Analysis, **changed: object) -> Analysis:
    analysis.refresh_from_db()
    wanted = {"title": analysis.title, "parameters": analysis.parameters, "subcohort": analysis.subcohort} | changed
    given: dict[str, Any] = {"reason": "asked for", "by": BY} | wanted
    return analysis_redefine(analysis=analysis, expected_version=analysis.version, **given)


def test_nothing_is_joined_before_the_plan_is_signed_and_then_it_is_registered(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored, waits=True)
    assert run_stale("test") == 0
    assert claim(analysis.pk, "test") is None
    plan = signed(analysis, proof)
    analysis.refresh_from_db()
    assert (plan.looks, plan.is_registered, analysis.is_registered) == (0, True, True)
    assert "S100A11" not in plan.variable and plan.cutoff_rule == "high means FAP > its median (exploratory)"
    assert plan.is_as_signed and plan.signature.signer == "ines"
    assert run_stale("test") == 1


def test_a_plan_signed_after_a_look_says_so_and_registers_nothing(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored)
    run_stale("test")
    plan = signed(analysis, proof)
    analysis.refresh_from_db()
    assert (plan.looks, plan.is_registered, analysis.is_registered) == (1, False, False)


def verdict_of(analysis: Analysis) -> tuple[float, str]:
    run_stale("test")
    result = Analysis.objects.select_related("current").get(pk=analysis.pk).current
    assert result is not None
    return result.threshold, next(claim["verdict"] for claim in result.claims if claim["name"] == "logrank_p")


def test_the_verdict_is_judged_at_the_threshold_that_was_signed(scored: Scored, proof: Proof) -> None:
    """The p of these patients lies between 1e-9 and 0.05."""
    strict = defined(scored, waits=True)
    signed(strict, proof, alpha=1e-9)
    assert verdict_of(strict) == (1e-9, "FAP does not split PFS")
    # Signed when the answer was known, it registers nothing and judges nothing.
    late = defined(scored)
    assert verdict_of(late) == (0.05, "FAP splits PFS")
    signed(late, proof, alpha=1e-9)
    Analysis.objects.filter(pk=late.pk).update(parameters=MEDIAN | {"times": [12]})
    late.inputs.update(computed_version=None)
    assert verdict_of(late) == (0.05, "FAP splits PFS")


def test_a_threshold_that_the_kind_cannot_judge_at_is_not_signed(scored: Scored, proof: Proof) -> None:
    parameters = {"columns": ["ihc:FAP@tumour", "baseline:age"]}
    analysis = analysis_create(
        cohort=scored.cohort, title="x", kind="correlate", parameters=parameters, waits_for_plan=True, by=BY
    )
    with pytest.raises(ValidationError, match=r"judged at 0\.05") as refused:
        signed(analysis, proof, alpha=0.01)
    assert set(refused.value.error_dict) == {"alpha"}
    assert signed(analysis, proof).is_registered


def test_the_same_question_asked_elsewhere_counts_as_a_look(scored: Scored, proof: Proof) -> None:
    defined(scored)
    run_stale("test")
    copy = defined(scored, waits=True)
    assert copy.slug == "pfs-by-fap-2"
    assert signed(copy, proof).looks == 1


def test_of_the_same_patients_under_another_name_it_counts_as_well(scored: Scored, proof: Proof) -> None:
    high = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]
    first, second = (
        analysis_create(
            cohort=scored.cohort,
            title=code,
            kind="survival",
            parameters={"endpoint": "PFS"},
            subcohort=subcohort_define(cohort=scored.cohort, code=code, name=code, conditions=high, by=BY),
            waits_for_plan=code == "other",
            by=BY,
        )
        for code in ("one", "other")
    )
    run_stale("test")
    assert first.results.count() == 1
    plan = signed(second, proof)
    assert (plan.looks, plan.is_registered) == (1, False)


def test_a_result_under_an_earlier_definition_counts_as_a_look(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored)
    run_stale("test")
    redefined(analysis, parameters=OTHER)
    assert signed(analysis, proof).looks == 1


def test_another_question_voids_the_signature_and_another_title_does_not(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored, waits=True)
    signed(analysis, proof)
    run_stale("test")
    redefined(analysis, title="FAP")
    analysis.refresh_from_db()
    assert analysis.is_registered and standing_plan(analysis) is not None
    assert run_stale("test") == 0
    redefined(analysis, parameters=OTHER, reason="the reviewer asks")
    analysis.refresh_from_db()
    plan = analysis.plans.select_related("signature").get()
    assert not analysis.is_registered and standing_plan(analysis) is None
    assert plan.retired_reason == plan.signature.retired_reason == "the reviewer asks"


def test_other_patients_void_the_signature_and_another_name_of_them_does_not(scored: Scored, proof: Proof) -> None:
    high = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]
    part = subcohort_define(cohort=scored.cohort, code="high", name="FAP high", conditions=high, by=BY)
    analysis = analysis_create(
        cohort=scored.cohort,
        title="PFS",
        kind="survival",
        parameters={"endpoint": "PFS"},
        subcohort=part,
        waits_for_plan=True,
        by=BY,
    )
    assert signed(analysis, proof).population == {"code": "high", "conditions": high}
    part = subcohort_update(subcohort=part, name="High", conditions=high, expected_version=1, by=BY, reason="shorter")
    analysis.refresh_from_db()
    plan = standing_plan(analysis)
    assert analysis.is_registered and plan is not None and plan.is_as_signed
    low = [{"variable": "ihc:FAP@tumour", "operator": "at_most", "bounds": [6]}]
    subcohort_update(subcohort=part, name="High", conditions=low, expected_version=2, by=BY, reason="the others")
    analysis.refresh_from_db()
    assert not analysis.is_registered and standing_plan(analysis) is None
    assert analysis.plans.get().retired_reason == "the others"


@pytest.mark.parametrize(("parameters", "stays"), [(MEDIAN, True), (OTHER, False)])
def test_an_import_keeps_the_plan_of_the_same_question_only(
    scored: Scored, proof: Proof, parameters: dict[str, object], stays: bool
) -> None:
    analysis = defined(scored, waits=True)
    signed(analysis, proof)
    again = analysis_define(
        cohort=scored.cohort, slug=analysis.slug, title="FAP", kind="survival", parameters=parameters, by=BY
    )
    assert (again.is_registered, standing_plan(again) is not None) == (stays, stays)


def test_another_declared_cutoff_voids_the_plans_that_rest_on_the_old_one(scored: Scored, proof: Proof) -> None:
    rests, other = (
        analysis_create(
            cohort=scored.cohort,
            title=cutoff,
            kind="survival",
            parameters=MEDIAN | {"cutoff": cutoff},
            waits_for_plan=True,
            by=BY,
        )
        for cutoff in ("registered", "median")
    )
    declare = partial(
        cutoff_declare, cohort=scored.cohort, variable="ihc:FAP@tumour", status="registered", source="protocol", by=BY
    )
    declare(value=6)
    assert signed(rests, proof).cutoff_rule == "high means FAP > 6 (registered, number 1: protocol)"
    signed(other, proof)
    declare(value=4)
    rests.refresh_from_db()
    other.refresh_from_db()
    assert (rests.is_registered, other.is_registered) == (False, True)
    assert "FAP > 4" in rests.plans.get().retired_reason


def test_a_second_plan_replaces_the_first_which_stays_on_record(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored, waits=True)
    first = signed(analysis, proof)
    run_stale("test")
    second = signed(analysis, proof)
    first.refresh_from_db()
    analysis.refresh_from_db()
    assert first.retired_reason and first.signature.digest and not second.is_registered
    assert not analysis.is_registered


def test_what_a_mapping_registered_stays_registered_beside_a_late_plan(scored: Scored, proof: Proof) -> None:
    analysis = analysis_define(
        cohort=scored.cohort,
        slug="pfs",
        title="PFS",
        kind="survival",
        parameters=MEDIAN,
        is_registered=True,
        by=Actor.system("import"),
    )
    run_stale("test")
    assert not signed(analysis, proof).is_registered
    analysis.refresh_from_db()
    assert analysis.is_registered


def test_a_definition_changed_behind_the_signatures_back_is_found(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored, waits=True)
    signed(analysis, proof)
    Analysis.objects.filter(pk=analysis.pk).update(parameters=OTHER)
    assert not AnalysisPlan.objects.get(analysis=analysis).is_as_signed


def test_nobody_signs_what_somebody_has_changed_meanwhile(scored: Scored, proof: Proof) -> None:
    analysis = defined(scored, waits=True)
    seen = analysis.version
    redefined(analysis, parameters=OTHER)
    with pytest.raises(StaleWrite, match="changed this at"):
        plan_sign(analysis=analysis, expected_version=seen, question="q", alpha=0.05, planned_size="1", proof=proof)
    assert not AnalysisPlan.objects.exists()


def test_who_gives_up_the_plan_has_an_exploratory_analysis(scored: Scored) -> None:
    analysis = defined(scored, waits=True)
    plan_forgo(analysis=analysis, expected_version=analysis.version, by=BY)
    assert run_stale("test") == 1
    analysis.refresh_from_db()
    assert not analysis.is_registered


@pytest.mark.parametrize("alpha", [0, 1, 5])
def test_a_threshold_that_is_none_is_refused(scored: Scored, proof: Proof, alpha: float) -> None:
    analysis = defined(scored)
    with pytest.raises((ValidationError, IntegrityError)):
        plan_sign(analysis=analysis, expected_version=1, question="q", alpha=alpha, planned_size="1", proof=proof)
    assert not AnalysisPlan.objects.exists()


def test_the_database_holds_one_standing_plan(scored: Scored, proof: Proof, alice: User) -> None:
    plan = signed(defined(scored), proof)
    other = signed(analysis_create(cohort=scored.cohort, title="x", kind="survival", parameters=MEDIAN, by=BY), proof)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnalysisPlan.objects.filter(pk=other.pk).update(analysis=plan.analysis)
