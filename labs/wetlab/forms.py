from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labs.forms import NumberField, RevisionForm
from labs.markers.models import Antibody, Marker
from labs.rounds.blinding import blinded_markers
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio, FoldChange
from registry.people.models import User


def _offer_open_markers(form: RevisionForm, user: User) -> None:
    """Without those that the user reads blind: whether there is a value already would show in the answer."""
    markers: forms.ModelChoiceField[Marker] = form.fields["marker"]  # type: ignore[assignment]  # what it is
    markers.queryset = Marker.objects.filter(retired_reason="").exclude(code__in=blinded_markers(user))


class BlotForm(RevisionForm):
    """What identifies a ratio (marker, gel, antibody) is entered once; a correction concerns the ratio."""

    marker = forms.ModelChoiceField(label=_("Marker"), queryset=Marker.objects.filter(retired_reason=""))
    gel = forms.CharField(label=_("Gel"), max_length=60)
    antibody = forms.ModelChoiceField(
        label=_("Antibody"),
        required=False,
        queryset=Antibody.objects.filter(retired_reason="", method=Antibody.Method.WESTERN).select_related("marker"),
    )
    loading_control = forms.CharField(label=_("Loading control"), max_length=40, initial="ACTB")
    ratio = NumberField(label=_("Target / loading control"))

    field_order = ("marker", "gel", "antibody", "loading_control", "ratio", "reason")

    def __init__(self, data: Any, *, newest: BlotRatio | None, user: User | None = None) -> None:
        super().__init__(data, newest=newest)
        if newest is None and user is not None:
            _offer_open_markers(self, user)
        if newest is not None:
            for name in ("marker", "gel", "antibody"):
                del self.fields[name]
            self.initial.update({"ratio": repr(newest.ratio), "loading_control": newest.loading_control})


class FoldForm(RevisionForm):
    marker = forms.ModelChoiceField(label=_("Target"), queryset=Marker.objects.filter(retired_reason=""))
    reference_gene = forms.CharField(label=_("Reference gene"), max_length=30, initial="ACTB")
    calibrator = forms.ModelChoiceField(
        label=_("Calibrator (adjacent normal)"), required=False, queryset=Specimen.objects.none()
    )
    fold = NumberField(label=_("Fold change (2^-ΔΔCt)"))

    field_order = ("marker", "reference_gene", "calibrator", "fold", "reason")

    def __init__(self, data: Any, *, newest: FoldChange | None, specimen: Specimen, user: User | None = None) -> None:
        super().__init__(data, newest=newest)
        if newest is None and user is not None:
            _offer_open_markers(self, user)
        if newest is not None:
            for name in ("marker", "reference_gene", "calibrator"):
                del self.fields[name]
            self.initial["fold"] = repr(newest.fold)
            return
        siblings = Specimen.objects.filter(patient_id=specimen.patient_id, retired_reason="").exclude(pk=specimen.pk)
        self.fields["calibrator"].queryset = siblings.exclude(kind="blood")  # type: ignore[attr-defined]  # a ModelChoiceField
