"""The ways by which a file of the bench comes in: each stores, or refuses with sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ValidationError

from labs.blood.models import Analyte
from labs.blood.selectors import analytes
from labs.blood.upload.columns import AnalyteNames, guess
from labs.blood.upload.planning import make_plan
from labs.blood.upload.readings import read_rows
from labs.blood.upload.services import upload_keep, upload_store
from labs.blood.upload.sheet import Options, read_sheet
from labs.blots.models import Band
from labs.blots.services import gel_import
from labs.cohort_import.errors import ImportRefused
from labs.markers.models import Stain
from labs.qpcr.models import PcrWell
from labs.qpcr.services import run_import
from labs.quantified.models import QuPathRow
from labs.quantified.services import qupath_import
from registry.log.actors import Actor
from registry.people.models import User


@dataclass(frozen=True)
class World:
    by: Actor
    user: User
    stain: Stain


@dataclass(frozen=True)
class Answer:
    """`rows` are stored now for this file; `sentences` say why it was refused."""

    is_new: bool = False
    rows: int = 0
    sentences: tuple[str, ...] = ()


def pcr(world: World, name: str, content: bytes) -> Answer:
    try:
        done = run_import(name=name, content=content, by=world.by)
    except ValidationError as refused:
        return Answer(sentences=tuple(refused.messages))
    return Answer(done.is_new, PcrWell.objects.filter(run__in=done.runs).count())


def gels(world: World, name: str, content: bytes) -> Answer:
    try:
        done = gel_import(name=name, content=content, code="GEL-1", by=world.by)
    except ValidationError as refused:
        return Answer(sentences=tuple(refused.messages))
    return Answer(done.is_new, Band.objects.filter(lane__gel__in=done.gels).count())


def qupath(world: World, name: str, content: bytes) -> Answer:
    said = {"scorer": "bob", "classifier": "positive cells v1", "pattern": "{specimen}_{marker}"}
    try:
        done = qupath_import(name=name, content=content, among=[world.stain], by=world.by, **said)
    except ValidationError as refused:
        return Answer(sentences=tuple(refused.messages))
    return Answer(done.is_new, QuPathRow.objects.filter(qupath_import=done.qupath_import).count())


@cache
def _catalogue() -> tuple[dict[str, Analyte], AnalyteNames]:
    """Reference data of the migrations: the same for every file."""
    known = analytes()
    names = AnalyteNames.of(
        (code, each.name, each.loinc, [spelling.spelling for spelling in each.spellings.all()])
        for code, each in known.items()
    )
    return known, names


def blood(world: World, name: str, content: bytes) -> Answer:
    """As the page does: read, columns as guessed, then all rows or none."""
    options, (known, names) = Options(), _catalogue()
    try:
        table = read_sheet(content, options, name)
    except ImportRefused as refused:
        return Answer(sentences=tuple(refused.sentences))
    try:
        read = read_rows(table, guess(table.header, names), names, options)
    except ImportRefused as refused:
        # The page is the file's own: it keeps no name, which may be a patient's.
        return Answer(sentences=tuple(f"{name}: {sentence}" for sentence in refused.sentences))
    plan = make_plan(world.user, read.readings, read.errors, known, registers_draws=False, ticked=set())
    if plan.errors:
        return Answer(
            sentences=tuple(f"{name}, row {error.row}, column {error.column}: {error.rule}" for error in plan.errors)
        )
    upload = upload_keep(content=content, options=options, user=world.user)
    done = upload_store(upload=upload, plan=plan, valid_rows_only=False, reason="", by=world.by)
    return Answer(bool(done.total), len(plan.items))


Door = Callable[[World, str, bytes], Answer]
DOORS: dict[str, Door] = {"pcr": pcr, "gels": gels, "qupath": qupath, "blood": blood}
