"""Forms over data sets: their fields are those of the block of a configuration that they stand for."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from analysis.datasets.models import DatasetKind
from analysis.datasets.uploading import base_name
from analysis.discovery.parameters import REQUIRED, Parameter
from analysis.discovery.sources import EXPRESSION, FORMS, KINDS, PLACES
from labs.formats.expression_layouts import GDC
from registry.forms import ServiceForm

_LABELS: dict[str, Any] = {
    "file": _("File"),
    "layout": _("Layout"),
    "genes": _("Column of the genes"),
    "unit": _("Unit"),
    "identifiers": _("Genes are named by"),
    "duplicates": _("Of a gene with several rows counts"),
    "ignore": _("Columns that are left out"),
    "from_log2": _("Its values are log2(x + 1), and x is wanted (xena)"),
    "samples": _("Column of the samples"),
    "barcode": _("Samples are barcodes of"),
    "lesions": "all_lesions.conf_NN.txt",
    "amplified": "amp_genes.conf_NN.txt",
    "deleted": "del_genes.conf_NN.txt",
    "calls": "all_thresholded.by_genes.txt",
    "from": _("From"),
    "to": _("To"),
    "common": _("Common genes"),
    "sets": _("Sets (GMT)"),
    "profiles": _("Profiles"),
    "variability": _("Variability"),
    "matrix": _("Matrix"),
    "types": _("Types"),
    "markers": _("Markers"),
    "signatures": _("Signatures"),
    "spread": _("Spread"),
    "mrna": _("mRNA content"),
    "without": _("Genes left out"),
}


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        found = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not found:
            return super().clean(None, initial) or []
        return [super(FilesField, self).clean(one, initial) for one in found]


class DatasetForm(ServiceForm):
    """One data set of a kind, or a signature of a form."""

    name = forms.RegexField(
        r"^[A-Za-z0-9_-]+$",
        label=_("Name"),
        max_length=40,
        help_text=_("By which steps name it: letters, digits, - and _. A name that is there gets a new version."),
    )
    origin = forms.CharField(
        label=_("Where it comes from"),
        max_length=300,
        help_text=_("Source, version and terms, such as “GDC release 40, FPKM”."),
    )

    def __init__(self, data: Any = None, files: Any = None, *, kind: str, form: str = "", may_share: bool) -> None:
        super().__init__(data, files)
        self.kind, self.form = kind, form
        self.file_keys: Mapping[str, Parameter] = KINDS[kind].files if kind in KINDS else FORMS[form]
        for key, parameter in self.file_keys.items():
            of = FilesField if parameter.listed else forms.FileField
            self.fields[key] = of(label=_LABELS[key], required=parameter.default is REQUIRED)
        for key, parameter in (KINDS[kind].settings if kind in KINDS else {}).items():
            for name, field in self._setting(key, parameter).items():
                self.fields[name] = field
        if may_share:
            self.fields["everywhere"] = forms.BooleanField(
                label=_("For every cohort of this installation"), required=False
            )
        self.order_fields(["name", *self.file_keys, *self.fields])

    def _setting(self, key: str, parameter: Parameter) -> dict[str, forms.Field]:
        if key == "groups":
            return {
                "groups_file": forms.FileField(
                    label=_("Table of the samples' groups"), required=False, help_text=_("TSV or CSV.")
                ),
                "groups_sample": forms.CharField(label=_("Its column of the samples"), required=False),
                "groups_group": forms.CharField(label=_("Its column of the groups"), required=False),
            }
        if self.kind == PLACES and key == "genes":
            box = forms.Textarea(attrs={"rows": 5, "class": "code"})
            said = _("Instead of a file; a line for each, such as S100A11 1:152004982-152009511.")
            return {"genes": forms.CharField(label=_("Places"), required=False, widget=box, help_text=said)}
        if parameter.of is bool:
            return {key: forms.BooleanField(label=_LABELS[key], required=False)}
        if parameter.options:
            # What has to be said, such as a unit, is never chosen for anybody.
            first = [] if parameter.default in parameter.options else [("", "—")]
            # The GDC gives a file a sample: they come with a configuration.
            choices = [*first, *((option, option) for option in parameter.options if option != GDC)]
            needed = parameter.default is REQUIRED
            initial = "" if needed else parameter.default
            return {key: forms.ChoiceField(label=_LABELS[key], choices=choices, required=needed, initial=initial)}
        said = _("Separated by commas.") if parameter.listed else _("The first, if left empty.")
        return {key: forms.CharField(label=_LABELS[key], required=False, help_text=said)}

    def clean_genes(self) -> Any:
        """A column, or places: each line a name and where it is; of EPIC a file."""
        given = self.cleaned_data["genes"]
        if not isinstance(given, str):
            return given
        if self.kind != PLACES:
            return given.strip()
        lines = [line.replace("=", " ").replace('"', " ").split() for line in given.splitlines() if line.strip()]
        if any(len(line) != 2 for line in lines):  # a name and a place
            raise forms.ValidationError(_("A line holds a name and a place, such as S100A11 1:152004982-152009511."))
        if len({line[0] for line in lines}) < len(lines):
            raise forms.ValidationError(_("A name comes twice."))
        return dict(lines)

    def block(self) -> dict[str, Any]:
        """As it would stand in a configuration."""
        given = self.cleaned_data
        found: dict[str, Any] = {"kind": self.kind}
        if self.form:
            found["form"] = self.form
        for key, parameter in self.file_keys.items():
            names = [base_name(upload.name or "file") for upload in self._of(key)]
            if names:
                found[key] = names if parameter.listed else names[0]
        for key, parameter in (KINDS[self.kind].settings if self.kind in KINDS else {}).items():
            value = given.get(key)
            if key == "groups" or value in (None, "", {}):
                continue
            found[key] = _parts(value) if parameter.listed else value
        if self.kind == EXPRESSION and given.get("groups_file"):
            found["groups"] = {
                "file": base_name(given["groups_file"].name),
                "sample": given.get("groups_sample", "").strip(),
                "group": given.get("groups_group", "").strip(),
            }
        return found

    def uploads(self) -> list["UploadedFile[bytes]"]:
        return [upload for key in (*self.file_keys, "groups_file") for upload in self._of(key)]

    def _of(self, key: str) -> list["UploadedFile[bytes]"]:
        value = self.cleaned_data.get(key)
        return [one for one in (value if isinstance(value, list) else [value]) if one]

    def show_refusal(self, error: forms.ValidationError) -> None:
        """What is wrong in files is said beside the first of them."""
        if hasattr(error, "error_dict") and "files" in error.error_dict:
            first = next(iter(self.file_keys))
            self.add_error(first, forms.ValidationError(error.error_dict["files"]))
            return
        super().show_refusal(error)


class FromConfigurationForm(ServiceForm):
    configuration = forms.CharField(
        label=_("Configuration"),
        widget=forms.Textarea(attrs={"rows": 16, "class": "code", "spellcheck": "false"}),
        help_text=_("The tables [data.NAME] of a configuration; its steps may stand there too and are not read here."),
    )
    data_files = FilesField(
        label=_("Files"), help_text=_("All files that it names, by their own names; of data that are here none.")
    )
    origin = forms.CharField(label=_("Where they come from"), max_length=300)

    def show_refusal(self, error: forms.ValidationError) -> None:
        if hasattr(error, "error_dict") and "files" in error.error_dict:
            self.add_error("data_files", forms.ValidationError(error.error_dict["files"]))
            return
        super().show_refusal(error)


KIND_CHOICES = [(kind.value, kind.label) for kind in DatasetKind if kind != DatasetKind.SIGNATURE]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
