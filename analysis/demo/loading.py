"""Loads the demo cohorts with their analyses and logins, all or nothing, and only once."""

from dataclasses import dataclass

from analysis.demo.analyses import define_analyses
from analysis.demo.bench_runs import add_bench_runs
from analysis.demo.cohorts import DESIGNS, Design, cohort_of
from analysis.demo.laboratory import bench
from analysis.demo.logins import Login, create_logins
from analysis.demo.patients import write_people
from analysis.demo.reading import add_round
from registry.cohorts.models import Cohort, IndexEvent
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.people.services import site_set

ACTOR = Actor.system("load_demo")
REASON = "simulated demo data"


def other_cohorts() -> list[str]:
    """Codes of cohorts that the demo did not bring."""
    codes = [design.code for design in DESIGNS]
    return list(Cohort.objects.exclude(code__in=codes).order_by("code").values_list("code", flat=True))


def missing() -> list[Design]:
    present = set(Cohort.objects.values_list("code", flat=True))
    return [design for design in DESIGNS if design.code not in present]


@dataclass(frozen=True)
class Loaded:
    cohorts: list[Cohort]
    logins: list[Login]


def load_demo() -> Loaded:
    """Adds what is missing; a cohort that exists is left as people have changed it since.

    Beside other cohorts no logins are made: their passwords are printed, and would open those as well.
    """
    designs = missing()
    if not designs:
        return Loaded([], [])
    with recording(ACTOR, REASON):
        logins = [] if other_cohorts() else create_logins(ACTOR)
        cohorts = [load_cohort(design) for design in designs]
        for cohort in cohorts:
            if logins and cohort.index_event == IndexEvent.RESECTION:
                add_round(cohort, ACTOR)
        return Loaded(cohorts, logins)


def load_cohort(design: Design) -> Cohort:
    with recording(ACTOR, REASON):
        site = site_set(code="demo", name="Simulated hospital", by=ACTOR)
        cohort = cohort_of(design, site, ACTOR)
        people = design.simulate()
        write_people(cohort, design, people, bench(people, design.specimen_prefix, ACTOR), ACTOR)
        add_bench_runs(cohort, ACTOR)
        define_analyses(cohort, ACTOR)
    return cohort
