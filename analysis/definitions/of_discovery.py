"""What the kind that looks for genes can be asked."""

from django.utils.translation import gettext_lazy as _

from analysis.definitions.parameters import ConfigurationOf, Definition

DISCOVERY = Definition(
    "discovery",
    _("Which genes, mutations, cell types and pathways tell groups of transcriptomes apart, step by step."),
    _("the tests of its steps, each adjusted within its step; exploratory"),
    (
        ConfigurationOf(
            name="configuration",
            label=_("Configuration"),
            required=True,
        ),
    ),
)
