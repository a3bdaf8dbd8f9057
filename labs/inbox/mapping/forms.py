from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labs.blood.models import Analyte
from labs.formats.messages.matching import specimen_words
from labs.formats.messages.units import normal_unit
from labs.inbox.mapping.models import Authority, CodeMapping, InboxSettings, Sender
from registry.cohorts.access import visible_sites
from registry.forms import FactForm
from registry.people.models import User


class WordsField(forms.CharField):
    """Several words in one line, with commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=500, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [word.strip() for word in (super().clean(value) or "").split(",") if word.strip()]


_ASKED = [("", _("not set")), ("true", _("yes")), ("false", _("no"))]


def _asked(label: Any) -> forms.TypedChoiceField:
    """Yes, no, or left to the next pattern that fits."""
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=_ASKED,
        coerce=lambda value: value == "true",
        empty_value=None,
    )


class SenderForm(FactForm):
    charset_if_empty = WordsField(
        label=_("Character sets to try when MSH-18 is empty"), help_text=_("With commas: utf-8, latin-1.")
    )
    peers = WordsField(
        label=_("Addresses that it sends from"),
        help_text=_("With commas: 10.20.3.7, 10.30.0.0/16. Over MLLP, its messages from elsewhere are refused."),
    )
    obr_optional = _asked(_("Results without an order (OBR)"))
    patient_id_in_pid2 = _asked(_("PID-2 identifies the patient"))
    msh9_missing = _asked(_("MSH-9 is left out"))
    decimal_comma = _asked(_("Decimal comma"))

    class Meta:
        model = Sender
        fields = (
            "pattern",
            "position",
            "site",
            "default_authority",
            "charset_if_empty",
            "status_if_empty",
            "obr_optional",
            "patient_id_in_pid2",
            "msh9_missing",
            "decimal_comma",
            "peers",
        )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = visible_sites(user)  # type: ignore[attr-defined]  # a ModelChoiceField
        for name in ("obr_optional", "patient_id_in_pid2", "msh9_missing", "decimal_comma"):
            stored = getattr(self.instance, name)
            self.initial[name] = "" if stored is None else str(stored).lower()
        if self.instance.pk is None:
            del self.fields["position"]
        else:
            # Another pattern is another sender.
            self.fields["pattern"].disabled = True

    def clean_charset_if_empty(self) -> list[str] | None:
        return self.cleaned_data["charset_if_empty"] or None

    def clean_peers(self) -> list[str] | None:
        return self.cleaned_data["peers"] or None


class AuthorityForm(FactForm):
    class Meta:
        model = Authority
        fields = ("name", "kind", "site")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = visible_sites(user)  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["name"].help_text = _("As in PID-3.4; leave it empty for numbers that name no authority.")
        # Another name is another authority.
        self.fields["name"].disabled = self.instance.pk is not None


class CodeMappingForm(FactForm):
    """Another sender or code is another mapping."""

    class Meta:
        model = CodeMapping
        fields = ("unit", "specimen", "analyte")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        analytes = Analyte.objects.filter(retired_reason="", kept_of=None).order_by("pk")
        self.fields["analyte"].queryset = analytes  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_unit(self) -> str:
        return normal_unit(self.cleaned_data["unit"])

    def clean_specimen(self) -> str:
        return specimen_words(self.cleaned_data["specimen"])


class SettingsForm(FactForm):
    specimen_other = WordsField(
        label=_("Words of specimens that are no blood"),
        help_text=_("With commas: urin, csf, stool. Empty: some of ours."),
    )
    comment_words = WordsField(
        label=_("Words that begin a comment in place of a value"), help_text=_("With commas: folgt, cancelled.")
    )

    class Meta:
        model = InboxSettings
        fields = ("only_listed_senders", "specimen_other", "comment_words")
