from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labs.blood.models import Analyte
from labs.formats.messages.matching import specimen_words
from labs.formats.messages.units import normal_unit
from labs.forms import NumberField
from labs.inbox.models import MessageReason, MessageRow, Port, RowReason, State
from registry.forms import DayInput, ServiceForm
from registry.patients.access import visible_patients
from registry.patients.models import Patient
from registry.people.models import User

MAX_BYTES = 16 * 1024 * 1024


class _Filter(forms.Form):
    sender = forms.ChoiceField(label=_("Sender"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput)

    def __init__(self, data: Any, *, senders: list[str]) -> None:
        super().__init__(data)
        named = [(sender, sender) for sender in senders if sender]
        self.fields["sender"].choices = [("", _("all")), *named]  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self) -> dict[str, Any]:
        """A filter that makes no sense filters nothing; the others do."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}


class WaitingFilter(_Filter):
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=[("", _("all")), *RowReason.choices[:14]])
    code = forms.CharField(label=_("Code"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("waiting")), (State.DISCARDED, _("discarded")), (State.ASSIGNED, _("placed by a person"))],
    )

    field_order = ("reason", "sender", "code", "state", "since", "until")


class MessageFilter(_Filter):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("all")),
            ("waiting", _("with rows that wait")),
            ("refused", _("not accepted")),
            ("repeats", _("repeated")),
            ("reused", _("control id used again")),
            ("tests", _("tests")),
        ],
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=[("", _("all")), *MessageReason.choices])

    field_order = ("state", "reason", "sender", "since", "until")


class ReasonForm(ServiceForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Kept in the change log."))


class AssignForm(ReasonForm):
    study_number = forms.CharField(label=_("Study number of the patient"), max_length=40)
    whole = forms.BooleanField(label=_("All rows of this patient in the message that wait for it"), required=False)

    field_order = ("study_number", "whole", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["reason"].label = _("How you know")

    def clean_study_number(self) -> Patient:
        wanted = self.cleaned_data["study_number"].strip()
        patient = visible_patients(self.user).filter(study_number=wanted).first()
        if patient is None:
            raise ValidationError(_("There is no patient with this study number."))
        return patient


class MapForm(ServiceForm):
    """What a code means. The factor is asked for only where the unit is none of the analyte's."""

    sender = forms.CharField(label=_("Sender"), max_length=250, help_text=_("* stands for any text."))
    code = forms.CharField(label=_("Code"), max_length=80)
    only_unit = forms.CharField(
        label=_("Only in the unit"), max_length=40, required=False, help_text=_("Empty: in any unit.")
    )
    only_specimen = forms.CharField(
        label=_("Only of the specimen"),
        max_length=60,
        required=False,
        help_text=_("Words of the specimen that is sent, as serum. Empty: of any specimen."),
    )
    analyte = forms.ModelChoiceField(
        label=_("Analyte"), queryset=Analyte.objects.filter(retired_reason="", kept_of=None).order_by("pk")
    )
    unit = forms.CharField(label=_("Unit sent"), max_length=40, required=False)
    factor = NumberField(
        label=_("Factor"),
        required=False,
        help_text=_("Only for a unit that the analyte does not know: the value sent times this is in its unit."),
    )


class RowMapForm(MapForm):
    """The same, from a row that waits: its own unit and specimen are offered, and neither has to be chosen."""

    def __init__(self, *args: Any, row: MessageRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        specimen = _whole_words(row)
        self.fields["only_unit"] = _offered(
            _("Holds in"), _("any unit"), row.unit_sent if normal_unit(row.unit_sent) else ""
        )
        self.fields["only_specimen"] = _offered(
            _("Holds for"), _("any specimen"), specimen if specimen_words(specimen) else ""
        )


def _offered(label: Any, every: Any, sent: str) -> forms.ChoiceField:
    choices = [("", every), *([(sent, _("%s only") % sent)] if sent else [])]
    return forms.ChoiceField(label=label, required=False, choices=choices)


def _whole_words(row: MessageRow) -> str:
    """What was longer than its column ends within a word, which no specimen has."""
    longest = row._meta.get_field("specimen_sent").max_length
    return row.specimen_sent.rpartition(" ")[0] if len(row.specimen_sent) == longest else row.specimen_sent


class MessageForm(ServiceForm):
    text = forms.CharField(
        label=_("Message"), required=False, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
    )
    file = forms.FileField(label=_("or a file of messages"), required=False)
    port = forms.ChoiceField(label=_("Port"), choices=Port.choices, initial=Port.PRODUCTION)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if bool(file) == bool((cleaned.get("text") or "").strip()):
            raise ValidationError(_("Paste a message, or choose a file: one of the two."))
        if file and file.size > MAX_BYTES:
            raise ValidationError({"file": _("The file is larger than 16 MB.")})
        return cleaned

    def data_given(self) -> tuple[str, bytes]:
        """Name and bytes. A browser pastes line ends of its own; those of segments are restored."""
        file = self.cleaned_data["file"]
        if file:
            return str(file.name), file.read()
        text = str(self.cleaned_data["text"]).replace("\r\n", "\r").replace("\n", "\r")
        return "", text.encode()
