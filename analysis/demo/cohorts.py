"""What the two demo cohorts are, besides their patients: endpoints, criteria, cutoffs declared before any outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from analysis.cutoffs.models import Cutoff
from analysis.cutoffs.services import cutoff_declare
from analysis.demo import ici_course, resection_course
from analysis.demo.ici import ici_cohort
from analysis.demo.ici_blood import CUTOFFS
from analysis.demo.records import Person
from analysis.demo.resection import resection_cohort
from analysis.demo.resection_markers import FAP_CUTOFF, S100A11_CUTOFF
from registry.cohorts.eligibility import study_rules
from registry.cohorts.models import Cohort, EventKind, IndexEvent
from registry.cohorts.services import cohort_create, endpoint_set, rule_set
from registry.log.actors import Actor
from registry.people.models import Site

Status = Cutoff.Status
PROTOCOL = "protocol of the simulated study, declared before outcomes were entered"
PAPER = "Gao R. et al. 2025, best cutoff for non-response"


@dataclass(frozen=True)
class Design:
    code: str
    name: str
    description: str
    prefix: str  # of the study numbers
    specimen_prefix: str
    index_event: str
    data_cut: date
    endpoints: dict[str, tuple[str, list[str]]]
    cutoffs: dict[str, float]
    status: str
    source: str
    simulate: Callable[[], list[Person]]


RESECTION = Design(
    code="demo-resection",
    name="Resection (simulated)",
    description="Simulated patients whose margins are the printed ones of the study's resection cohort.",
    prefix="RES",
    specimen_prefix="H",
    index_event=IndexEvent.RESECTION,
    data_cut=resection_course.DATA_CUT,
    endpoints={
        "PFS": ("Progression-free survival", [EventKind.RECURRENCE, EventKind.PROGRESSION, EventKind.DEATH]),
        "OS": ("Overall survival", [EventKind.DEATH]),
    },
    cutoffs={"ihc:S100A11@tumour": S100A11_CUTOFF, "ihc:FAP@tumour": FAP_CUTOFF},
    status=Status.REGISTERED,
    source=PROTOCOL,
    simulate=resection_cohort,
)
ICI = Design(
    code="demo-ici",
    name="Unresectable, ICI-treated (simulated)",
    description="Simulated patients whose margins are the printed ones of the study's cohort on checkpoint inhibitors.",
    prefix="ICI",
    specimen_prefix="B",
    index_event=IndexEvent.FIRST_ICI,
    data_cut=ici_course.DATA_CUT,
    endpoints={
        "PFS": ("Progression-free survival", [EventKind.PROGRESSION, EventKind.DEATH]),
        "OS": ("Overall survival", [EventKind.DEATH]),
    },
    cutoffs=CUTOFFS,
    status=Status.PUBLISHED,
    source=PAPER,
    simulate=ici_cohort,
)
DESIGNS = (RESECTION, ICI)


def cohort_of(design: Design, site: Site, by: Actor) -> Cohort:
    cohort = cohort_create(
        code=design.code,
        name=design.name,
        description=design.description,
        site=site,
        index_event=design.index_event,
        data_cut=design.data_cut,
        is_simulated=True,
        by=by,
    )
    for code, (name, kinds) in design.endpoints.items():
        endpoint_set(cohort=cohort, code=code, name=name, event_kinds=[str(kind) for kind in kinds], by=by)
    for order, rule in enumerate(study_rules(design.index_event), start=1):
        rule_set(
            cohort=cohort,
            text=rule.text,
            kind=rule.kind,
            variable=rule.variable,
            operator=rule.operator,
            bounds=rule.bounds,
            order=order,
            by=by,
        )
    for variable, value in design.cutoffs.items():
        cutoff_declare(cohort=cohort, variable=variable, value=value, status=design.status, source=design.source, by=by)
    return cohort
