"""All tables of the registry, by subject."""

from registry.clinical.liver.models import LiverAssessment
from registry.clinical.models import (
    Assessment,
    Baseline,
    ExtraValue,
    ExtraVariable,
    FollowUp,
    ImportedTime,
    OutcomeEvent,
    ReportedResponse,
    Treatment,
)
from registry.cohorts.models import Cohort, EligibilityRule, Endpoint
from registry.idempotency.models import KeptAnswer
from registry.log.models import Change, Pending, Seal, Stream
from registry.patients.models import Enrolment, Patient, PatientIdentity
from registry.people.models import RoleGrant, Site, User
from registry.signing.models import Signature
from registry.tokens.models import ApiToken

__all__ = [
    "ApiToken",
    "Assessment",
    "Baseline",
    "Change",
    "Cohort",
    "EligibilityRule",
    "Endpoint",
    "Enrolment",
    "ExtraValue",
    "ExtraVariable",
    "FollowUp",
    "ImportedTime",
    "KeptAnswer",
    "LiverAssessment",
    "OutcomeEvent",
    "Patient",
    "PatientIdentity",
    "Pending",
    "ReportedResponse",
    "RoleGrant",
    "Seal",
    "Signature",
    "Site",
    "Stream",
    "Treatment",
    "User",
]
