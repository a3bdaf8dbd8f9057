"""What a coordinator fills in: the rules of a protocol, and who reads which tissues by it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from labs.forms import NumberField
from labs.markers.models import Marker, Scale, Stain
from labs.rounds.changed_meanwhile import RoundStepForm
from labs.rounds.drawing_up import pathologists, stains_for
from labs.rounds.models import ReadingProtocol, Round
from labs.rounds.protocols import RULES
from labs.specimens.models import SpecimenKind
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.forms import ServiceForm
from registry.people.models import User

_Rules = forms.modelform_factory(ReadingProtocol, fields=("code", "title", *RULES))


class ProtocolForm(ServiceForm):
    """Every marker may be ticked, each with the cutoff that is registered for it before anybody reads."""

    def __init__(self, data: Any, *, latest: ReadingProtocol | None) -> None:
        super().__init__(data)
        for name, field in _Rules(instance=latest).fields.items():
            self.fields[name] = field
            self.initial[name] = getattr(latest or ReadingProtocol(), name)
        if latest is not None:
            self.fields["code"].disabled = True
        known = {} if latest is None else {row.marker_id: row.cutoff for row in latest.markers.all()}
        self.markers = list(Marker.objects.filter(retired_reason="").exclude(scale=Scale.DENSITY))
        for marker in self.markers:
            self.fields[f"reads_{marker.pk}"] = forms.BooleanField(
                label=f"{marker.code}, {marker.name}", required=False
            )
            self.fields[f"cutoff_{marker.pk}"] = NumberField(
                label=_("Registered cutoff of %(marker)s") % {"marker": marker.code}, required=False
            )
            self.initial[f"reads_{marker.pk}"] = marker.pk in known
            cutoff = known.get(marker.pk)
            self.initial[f"cutoff_{marker.pk}"] = "" if cutoff is None else f"{cutoff:g}"

    def rule_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("code", "title", *RULES)]

    def marker_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"reads_{marker.pk}"], self[f"cutoff_{marker.pk}"]) for marker in self.markers]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for marker in self.markers:
            if cleaned.get(f"cutoff_{marker.pk}") is not None and not cleaned.get(f"reads_{marker.pk}"):
                self.add_error(f"cutoff_{marker.pk}", _("Tick the marker too, or leave its cutoff empty."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        chosen = [marker for marker in self.markers if self.cleaned_data[f"reads_{marker.pk}"]]
        cutoffs = {marker: self.cleaned_data[f"cutoff_{marker.pk}"] for marker in chosen}
        return {name: self.cleaned_data[name] for name in ("code", "title", *RULES)} | {"markers": cutoffs}


class DiscardForm(RoundStepForm):
    reason = forms.CharField(
        label=_("Why is it an error?"), max_length=500, help_text=_("The entry stays in the change log.")
    )


class RoundForm(ServiceForm):
    code = Round._meta.get_field("code").formfield(
        help_text=_("Short, as it stands before each slide's code: R2. A code is used once.")
    )
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    cohort = forms.ModelChoiceField(label=_("Cohort"), queryset=Cohort.objects.none())
    protocol = forms.ModelChoiceField(
        label=_("Protocol"),
        queryset=ReadingProtocol.objects.filter(retired_reason=""),
        help_text=_("Says which markers."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Tissues"),
        choices=[choice for choice in SpecimenKind.choices if choice[0] != SpecimenKind.BLOOD],
        initial=[SpecimenKind.TUMOUR, SpecimenKind.NORMAL],
        widget=forms.CheckboxSelectMultiple,
    )
    readers = forms.ModelMultipleChoiceField(
        label=_("Readers"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        cohorts: forms.ModelChoiceField[Cohort] = self.fields["cohort"]  # type: ignore[assignment]  # declared so above
        readers: forms.ModelMultipleChoiceField[User] = self.fields["readers"]  # type: ignore[assignment]  # declared so above
        cohorts.queryset = visible_cohorts(user)
        # Whoever draws up a round knows which tissue has which code, and can be none of its readers.
        readers.queryset = pathologists().exclude(pk=user.pk)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"cohort", "protocol", "kinds"} <= set(cleaned) and not self.stains().exists():
            raise ValidationError(_("This cohort has no such tissue stained for a marker of this protocol."))
        return cleaned

    def stains(self) -> QuerySet[Stain]:
        return stains_for(self.cleaned_data["cohort"], self.cleaned_data["protocol"], self.cleaned_data["kinds"])

    @property
    def values(self) -> dict[str, Any]:
        names = ("code", "title", "cohort", "protocol")
        chosen = {name: self.cleaned_data[name] for name in names}
        return chosen | {"readers": list(self.cleaned_data["readers"]), "stains": self.stains()}
