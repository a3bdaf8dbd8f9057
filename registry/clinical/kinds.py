"""The dated facts of a patient that have a form, a list entry and a history: one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.clinical.forms import AssessmentForm, FollowUpForm, OutcomeEventForm, TreatmentForm
from registry.clinical.models import Assessment, FollowUp, OutcomeEvent, Treatment
from registry.clinical.services import assessment_add, follow_up_add, outcome_event_add, treatment_add
from registry.forms import FactForm
from registry.log.facts import Fact


@dataclass(frozen=True)
class Kind:
    slug: str
    model: type[Any]
    form: type[FactForm]
    add: Callable[..., Fact]
    add_label: Promise
    correct_label: Promise


KINDS = {
    kind.slug: kind
    for kind in (
        Kind("treatment", Treatment, TreatmentForm, treatment_add, _("Add a treatment"), _("Correct a treatment")),
        Kind(
            "assessment",
            Assessment,
            AssessmentForm,
            assessment_add,
            _("Add a response assessment"),
            _("Correct a response assessment"),
        ),
        Kind(
            "follow-up",
            FollowUp,
            FollowUpForm,
            follow_up_add,
            _("Add a follow-up contact"),
            _("Correct a follow-up contact"),
        ),
        Kind(
            "event",
            OutcomeEvent,
            OutcomeEventForm,
            outcome_event_add,
            _("Add an outcome event"),
            _("Correct an outcome event"),
        ),
    )
}
