"""readme.txt: what the bundle is, in words."""

from typing import Any

from django.utils.translation import gettext as _

from analysis.exports.plan import Plan
from analysis.exports.profiles import Profile

_WIDTH = 78


def readme(plan: Plan, about: dict[str, Any], files: list[dict[str, Any]], missing: dict[str, str]) -> str:
    parts = [
        f"HEPATICA EXPORT {about['export']}",
        *([_("SIMULATED DATA: no row of a simulated cohort is a patient.")] if plan.is_simulated else []),
        _listed(
            [
                (_("Made"), about["made_at"]),
                (_("Asked by"), about["asked_by"]),
                (_("Purpose"), about["purpose"]),
                (_("Recipient"), about["recipient"]),
                (_("Cohorts"), ", ".join(plan.wish.cohorts)),
                *([(_("Sub-cohort"), plan.wish.part)] if plan.wish.part else []),
                (_("Version"), str(plan.version.label)),
                (_("Profile"), str(Profile(plan.wish.profile).label)),
            ]
        ),
        _profile(plan),
        _("Files") + "\n" + "\n".join(_file(file) for file in files),
        *([_left_out(missing)] if missing else []),
        *([_derived(about["runs"])] if about["runs"] else []),
        _(
            "data/*.csv      UTF-8 with a byte-order mark, comma, dot; an empty cell is a missing value. A text that\n"
            "                a spreadsheet would take for a formula begins with an apostrophe.\n"
            "data/*.xlsx     the same rows for Excel\n"
            "data/*.parquet  the same rows with types\n"
            "dictionary.csv  every column: type, unit, meaning, levels, source, what the profile did to it\n"
            "manifest.json   the filter, counts, SHA-256 of every file, software, runs behind derived columns\n"
            'import.R        source("import.R"); data <- read_export(".")\n'
            "import.sps      the same for SPSS"
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _listed(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name + ':':<12} {value}" for name, value in pairs)


def _file(file: dict[str, Any]) -> str:
    size = f"{file['rows']:>9} × {file['columns']:<3}" if "rows" in file else " " * 15
    return f"{file['file']:<40} {size} {file['sha256']}"


def _left_out(missing: dict[str, str]) -> str:
    return _("Left out") + "\n" + "\n".join(f"{name}: {why}" for name, why in missing.items())


def _derived(runs: list[dict[str, Any]]) -> str:
    lines = [
        f"{', '.join(run['columns'])}: {run['title']}, {_('run')} {run['run']}, {run['freshness']}"
        + (f", {_('exploratory cutoff')}" if run["exploratory"] else "")
        for run in runs
    ]
    return _("Columns that an analysis computed") + "\n" + "\n".join(lines)


def _profile(plan: Plan) -> str:
    wish = plan.wish
    if wish.profile == Profile.IDENTIFIED:
        return _("Everything is as it is stored, identifiers included. Treat it as you treat the records themselves.")
    if wish.profile == Profile.LIMITED:
        dates = (
            _("All dates of a patient are moved by the same number of days: intervals are true, days are not.")
            if wish.is_shifted
            else _("Dates are the true ones.")
        )
        return (
            _("Names, record numbers, telephone numbers and free text are not here. Study numbers are.") + " " + dates
        )
    counts = plan.population.released.counts()
    bands = ", ".join(counts["age_bands"])
    ages = _("Ages are told as: %(bands)s.") % {"bands": bands} if bands else _("Ages are not told.")
    blanks = _("Age and sex of %(blank)s patients are blank and %(out)s patients are left out: small cells.") % {
        "blank": counts["age_and_sex_blanked"],
        "out": counts["left_out"],
    }
    cells = _("Every combination of cohort, sex and age is that of %(k)s patients or more.") % {"k": wish.smallest_cell}
    dates = _("No dates: days and months from the index event. Codes are random and differ in every export.")
    return "\n".join([dates, ages, cells, blanks])
