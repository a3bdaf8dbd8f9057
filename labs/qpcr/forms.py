import base64
import binascii
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.markers.models import Marker
from labs.qpcr.access import visible_runs
from labs.qpcr.assigning import AssignRule
from labs.qpcr.models import Exclusion, Outliers, PcrRun, PcrTarget, PcrWell
from labs.qpcr.selectors import SampleOfRun
from labs.specimens.access import visible_specimens
from labs.specimens.models import Specimen, SpecimenKind
from registry.forms import FactForm, ServiceForm, VersionedForm
from registry.people.models import User

# What a page can carry from its preview to its save.
LARGEST = 5 * 1024 * 1024


class UploadForm(ServiceForm):
    file = forms.FileField(
        label=_("File of the run"),
        help_text=_("Cq results of CFX Manager or Maestro (CSV, XLSX, XLS, XML), or RDML. At most 5 MB."),
    )

    def clean_file(self) -> tuple[str, bytes]:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise ValidationError(_("The file is larger than 5 MB."))
        return upload.name, upload.read()


class StoreForm(ServiceForm):
    """The previewed file comes back with the page: what is stored is what was shown."""

    name = forms.CharField(widget=forms.HiddenInput, max_length=255)
    content = forms.CharField(widget=forms.HiddenInput)

    def clean_content(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError(_("The file did not come back whole: choose it again.")) from error


class TargetForm(FactForm):
    class Meta:
        model = PcrTarget
        fields = ("name", "role", "marker", "gene", "primer_forward", "primer_reverse", "kit", "efficiency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["marker"].queryset = Marker.objects.filter(retired_reason="")  # type: ignore[attr-defined]  # a ModelChoiceField
        if self.instance.pk:
            del self.fields["name"]

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in self._meta.fields}  # type: ignore[operator]  # a tuple


class RulesForm(VersionedForm):
    outliers = forms.ChoiceField(label=_("Replicates that differ"), choices=Outliers.choices)
    max_sd = forms.FloatField(label=_("SD of replicates at most (cycles)"), min_value=0.01, max_value=10)
    control_margin = forms.FloatField(
        label=_("Controls at least this much later than samples (cycles)"), min_value=0, max_value=40
    )
    reference_run = forms.ModelChoiceField(
        label=_("Reference gene measured in run"),
        queryset=PcrRun.objects.none(),
        required=False,
        help_text=_("Only when the plate itself has no reference gene."),
    )

    def __init__(self, data: Any, *, run: PcrRun, user: User) -> None:
        super().__init__(data)
        self.instance = run
        self.fields["reference_run"].queryset = visible_runs(user).exclude(pk=run.pk)  # type: ignore[attr-defined]  # a ModelChoiceField
        names = ("outliers", "max_sd", "control_margin", "reference_run")
        self.initial = {name: getattr(run, name) for name in names}
        self.prepare()

    @property
    def values(self) -> dict[str, Any]:
        names = ("outliers", "max_sd", "control_margin", "reference_run")
        return {name: self.cleaned_data[name] for name in names}


class WellForm(VersionedForm):
    """Leaves a well out with a reason of the list, or takes it back with a reason."""

    exclusion = forms.ChoiceField(label=_("Left out because"), required=False)
    exclusion_note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, data: Any, *, well: PcrWell) -> None:
        super().__init__(data)
        self.instance = well
        choices = [choice for choice in Exclusion.choices if choice[0] != Exclusion.IN_FILE]
        self.fields["exclusion"].choices = [("", _("it counts")), *choices]  # type: ignore[attr-defined]  # a ChoiceField
        self.initial = {"exclusion": well.exclusion, "exclusion_note": well.exclusion_note}
        self.prepare()
        self.fields["reason"].help_text = _("Needed when a well counts again.")


class AcceptForm(ServiceForm):
    replace = forms.BooleanField(
        label=_("Replace values that were entered by hand or come from another run"), required=False
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("Needed when a control amplified or replicates differ."),
    )


class RuleAssignForm(ServiceForm):
    rule = forms.ChoiceField(label=_("Rule"), choices=AssignRule.choices)


class SamplesForm(ServiceForm):
    """One choice for each sample of the file. The sample itself is not in the page's field names: it may be a name."""

    CALIBRATOR = "calibrator"

    def __init__(self, data: Any, *, samples: list[SampleOfRun], specimens: list[Specimen]) -> None:
        super().__init__(data)
        self.samples = samples
        self.specimens = {str(specimen.pk): specimen for specimen in specimens}
        offered = [
            ("", _("not assigned")),
            (self.CALIBRATOR, _("common calibrator")),
            *((key, f"{specimen.code} ({specimen.get_kind_display()})") for key, specimen in self.specimens.items()),
        ]
        for number, sample in enumerate(samples):
            label = _("%(sample)s is") % {"sample": sample.name}
            self.fields[f"s{number}"] = forms.ChoiceField(label=label, required=False, choices=offered)
            self.initial[f"s{number}"] = self._holds(sample)

    def _holds(self, sample: SampleOfRun) -> str:
        if sample.specimen is not None:
            return str(sample.specimen.pk)
        return self.CALIBRATOR if sample.is_calibrator else ""

    def rows(self) -> list[tuple[SampleOfRun, Any]]:
        return [(sample, self[f"s{number}"]) for number, sample in enumerate(self.samples)]

    @property
    def choices(self) -> dict[str, tuple[Specimen | None, bool]]:
        """What changed: sample → its specimen, or whether it is the common calibrator."""
        found = {}
        for number, sample in enumerate(self.samples):
            holds = self.cleaned_data[f"s{number}"]
            if holds != self._holds(sample):
                found[sample.name] = (self.specimens.get(holds), holds == self.CALIBRATOR)
        return found


def assignable(user: User) -> list[Specimen]:
    return list(visible_specimens(user).exclude(kind=SpecimenKind.BLOOD).order_by("code"))
