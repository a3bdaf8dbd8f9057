"""What belongs to a result of discovery and is too large to stand in it."""

from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Stored


class Artefact(Stored):
    """A table or the specification of a figure, under the hash of its bytes: results name it, and share it."""

    class Meta:
        verbose_name = _("artefact")


class KeptStep(Stored):
    """The outcome of a step under the fingerprint of what was asked; its tables are artefacts.

    A cache: whoever asks the same of the same data takes it. Only a re-execution does not look here.
    """

    class Meta:
        verbose_name = _("kept step")
