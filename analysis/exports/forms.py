"""The four steps of the wizard. The last page builds the wish from all of them again: a form is a help, no border."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.exports.datasets import offered
from analysis.exports.profiles import Profile, profiles_of
from analysis.exports.versions import versions
from analysis.exports.wish import LIVE, READY, Wish
from analysis.subcohorts.access import visible_subcohorts
from registry.cohorts.access import visible_cohorts
from registry.export.tables import table_named
from registry.models import Cohort
from registry.people.models import User
from registry.people.roles import Role

Choices = list[Any]
MOST_COLUMNS = 2000


class Checkboxes(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class WhatForm(forms.Form):
    cohorts = Checkboxes(label=_("Cohorts"), error_messages={"required": _("Choose at least one cohort.")})
    part = forms.ChoiceField(
        label=_("Patients"), required=False, help_text=_("A sub-cohort narrows every table that tells of patients.")
    )
    is_ready = forms.BooleanField(
        label=_("Analysis-ready table"),
        required=False,
        help_text=_("One row per eligible patient of a cohort: endpoints, every variable, groups and scores."),
    )
    tables = Checkboxes(label=_("Tables as they are stored"), required=False)
    # "table|column": only those of tables that are listed in `listed` count
    columns = Checkboxes(required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cohorts = visible_cohorts(user)
        self._set("cohorts", [(cohort.code, f"{cohort.name} ({cohort.code})") for cohort in cohorts])
        parts = [part for cohort in cohorts for part in visible_subcohorts(user, cohort)]
        named = [(f"{part.cohort.code}/{part.code}", f"{part.name} ({part.cohort.code})") for part in parts]
        self._set("part", [("", _("everybody in the chosen cohorts")), *named])
        # Which of them a profile lets out is said in the next step.
        widest = Profile.IDENTIFIED if user.has_role(Role.ADMINISTRATOR) else Profile.LIMITED
        groups: dict[str, Choices] = {}
        for table in offered(widest):
            groups.setdefault(table.app, []).append((table.code, table.title))
        self._set("tables", list(groups.items()))

    def _set(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def list_columns(self, columns: dict[str, list[tuple[str, str]]]) -> None:
        """`columns`: by table, as they would be without any profile."""
        known = [(f"{table}|{name}", label) for table, named in columns.items() for name, label in named]
        self._set("columns", known[:MOST_COLUMNS])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("tables") and not data.get("is_ready"):
            self.add_error("is_ready", _("Choose the analysis-ready table or at least one stored table."))
        cohort, _slash, code = data.get("part", "").partition("/")
        if code and data.get("cohorts") != [cohort]:
            self.add_error("part", _("Choose its cohort, and no other, or everybody."))
        return data


class WhoForm(forms.Form):
    profile = forms.ChoiceField(label=_("Profile"), widget=forms.RadioSelect, initial=Profile.ANONYMOUS)
    shift_dates = forms.BooleanField(
        label=_("Shift dates (limited profile)"),
        required=False,
        initial=True,
        help_text=_("All dates of a patient move by the same unknown number of days: intervals stay as they are."),
    )
    smallest_cell = forms.TypedChoiceField(
        label=_("Smallest cell (anonymous profile)"),
        coerce=int,
        choices=[(5, _("5 patients")), (11, _("11 patients"))],
        initial=5,
        help_text=_("Age and sex are made coarser or blank until nobody is in a smaller group."),
    )

    def __init__(self, *args: Any, user: User, what: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._what = what
        told = {
            Profile.ANONYMOUS: _("Anonymous: random codes, days instead of dates, small cells blank"),
            Profile.LIMITED: _("Limited: study numbers, no identifiers, no free text"),
            Profile.IDENTIFIED: _("Identified: everything as it is stored"),
        }
        choices = [(profile.value, told[profile]) for profile in profiles_of(user)]
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean_profile(self) -> Profile:
        profile = Profile(self.cleaned_data["profile"])
        known = {table.code for table in offered(profile)}
        barred = [code for code in self._what.get("tables", []) if code not in known]
        if barred:
            titles = ", ".join(table.title for code in barred if (table := table_named(code)))
            raise forms.ValidationError(
                _("This profile does not let out: %(tables)s. Go back and leave them out, or choose another."),
                params={"tables": titles},
            )
        return profile


class VersionForm(forms.Form):
    version = forms.ChoiceField(label=_("Version of the data"), widget=forms.RadioSelect, initial=LIVE)
    stale_accepted = forms.BooleanField(
        label=_("Take stale columns as well"),
        required=False,
        help_text=_("They are marked in their name, in the dictionary and in the manifest."),
    )
    formats = Checkboxes(
        label=_("Files beside CSV"),
        required=False,
        choices=[("xlsx", _("Excel (XLSX)")), ("parquet", _("Parquet"))],
        initial=["xlsx", "parquet"],
    )

    def __init__(self, *args: Any, user: User, cohorts: list[Cohort], what: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._what = what
        self._versions = {version.code: version for version in versions(user, cohorts)}
        choices = [(version.code, version.label) for version in self._versions.values()]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean_version(self) -> str:
        code = str(self.cleaned_data["version"])
        if self._what.get("tables") and not self._versions[code].has_tables:
            raise forms.ValidationError(
                _("A snapshot holds the analysis-ready table only: take the stored tables from the live data.")
            )
        return code


class WhyForm(forms.Form):
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=300,
        help_text=_("Such as the protocol, the paper or the audit. Kept in the change log with your name."),
    )
    recipient = forms.CharField(
        label=_("Recipient"),
        max_length=200,
        help_text=_("Who will hold the files: a person and an institution. No patient."),
    )


def wish_of(
    what: dict[str, Any],
    listed: dict[str, list[str]],
    who: dict[str, Any],
    version: dict[str, Any],
    why: dict[str, Any],
) -> Wish:
    """From the cleaned data of the four; `listed`: the columns that were there to be ticked, by table."""
    ticked = set(what["columns"])
    left_out = {
        table: tuple(name for name in names if f"{table}|{name}" not in ticked)
        for table, names in listed.items()
        if table in what["tables"] or (table == READY and what["is_ready"])
    }
    return Wish(
        cohorts=tuple(sorted(what["cohorts"])),
        part=what["part"].partition("/")[2],
        tables=tuple(what["tables"]),
        is_ready=what["is_ready"],
        left_out={table: names for table, names in left_out.items() if names},
        profile=who["profile"],
        shift_dates=who["shift_dates"],
        smallest_cell=who["smallest_cell"],
        version=version["version"],
        stale_accepted=version["stale_accepted"],
        formats=("csv", *version["formats"]),
        purpose=why["purpose"],
        recipient=why["recipient"],
    )
