"""A wish, looked up: the tables that it would become, as the user may see them at this moment."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from analysis.exports.datasets import Dataset, Scope, TableDataset, offered
from analysis.exports.errors import ExportRefused
from analysis.exports.population import Population, load_population
from analysis.exports.profiles import Profile, profiles_of
from analysis.exports.ready_dataset import ReadyDataset
from analysis.exports.versions import Version, version_named
from analysis.exports.wish import LIVE, Wish
from analysis.subcohorts.access import visible_subcohorts
from registry.cohorts.access import visible_cohorts
from registry.export.tables import table_named
from registry.extensions import hidden_from
from registry.models import Cohort
from registry.people.models import User
from registry.people.roles import CLINICAL


@dataclass(frozen=True)
class Plan:
    wish: Wish
    cohorts: list[Cohort]
    version: Version
    population: Population
    ready: ReadyDataset | None
    tables: list[TableDataset]

    @property
    def datasets(self) -> list[Dataset]:
        return [*([self.ready] if self.ready else []), *self.tables]

    @property
    def is_simulated(self) -> bool:
        return any(cohort.is_simulated for cohort in self.cohorts)


def make_plan(user: User, wish: Wish, using: str) -> Plan:
    """Raises ExportRefused: what a page let through once is asked again whenever a bundle is made."""
    cohorts = _allowed(user, wish)
    version = version_named(wish.version, user, cohorts)
    if version is None:
        raise ExportRefused(_("This version of the data is not there any more."))
    if wish.tables and not version.has_tables:
        raise ExportRefused(_("A snapshot holds the analysis-ready table only: take the tables from the live data."))
    if wish.part and wish.version != LIVE:
        raise ExportRefused(_("Who belongs to a sub-cohort is known of the live data only."))
    population = load_population(user, cohorts, wish, using)
    scope = Scope(user, cohorts, wish, population, using)
    tables = [TableDataset(table, scope) for code in wish.tables if (table := table_named(code))]
    plan = Plan(wish, cohorts, version, population, ReadyDataset(scope, version) if wish.is_ready else None, tables)
    _check_columns(plan)
    return plan


def _allowed(user: User, wish: Wish) -> list[Cohort]:
    if not user.is_active or not user.has_role(*CLINICAL) or hidden_from(user).no_export:
        raise ExportRefused(_("Nothing is exported under this login at the moment."))
    if wish.profile not in profiles_of(user):
        raise ExportRefused(_("This profile is for administrators only."))
    cohorts = list(visible_cohorts(user).filter(code__in=wish.cohorts).order_by("code"))
    if {cohort.code for cohort in cohorts} != set(wish.cohorts) or not cohorts:
        raise ExportRefused(_("A chosen cohort is not there any more."))
    if wish.part and (len(cohorts) != 1 or wish.part not in _parts(user, cohorts[0])):
        raise ExportRefused(_("The chosen sub-cohort is not there any more."))
    known = {table.code for table in offered(wish.profile)}
    if barred := sorted(set(wish.tables) - known):
        titles = [table.title for code in barred if (table := table_named(code))]
        raise ExportRefused(
            _("The profile %(profile)s does not let out: %(tables)s.")
            % {"profile": Profile(wish.profile).label, "tables": ", ".join(titles or barred)}
        )
    if not wish.names:
        raise ExportRefused(_("Choose at least one table."))
    return cohorts


def _parts(user: User, cohort: Cohort) -> set[str]:
    return {part.code for part in visible_subcohorts(user, cohort)}


def _check_columns(plan: Plan) -> None:
    if plan.ready and not plan.wish.stale_accepted and plan.ready.stale:
        labels = ", ".join(column.label for column in plan.ready.stale)
        raise ExportRefused(
            _("Stale, because facts have moved since it was computed: %(columns)s. Wait, or tick that you take it so.")
            % {"columns": labels}
        )
    for dataset in plan.datasets:
        if not dataset.columns:
            raise ExportRefused(_("No column of %(table)s is left under this profile.") % {"table": dataset.title})


def empty_tables(plan: Plan) -> dict[str, str]:
    """Title of a table without a row → which filter emptied it."""
    return {dataset.title: dataset.why_empty() for dataset in plan.datasets if not dataset.count()}
