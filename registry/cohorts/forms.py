from registry.cohorts.models import Cohort
from registry.forms import DayInput, FactForm


class CohortForm(FactForm):
    """The definition. Code, site and index event stay: facts were entered under them."""

    class Meta:
        model = Cohort
        fields = ["name", "description", "data_cut", "early_recurrence_months", "follow_up_months"]
        widgets = {"data_cut": DayInput}
