"""The only ways from a request to a data set: those of cohorts that the user sees, and the references for all."""

from django.db.models import Q, QuerySet
from django.http import Http404

from analysis.datasets.models import Dataset
from analysis.datasets.selectors import current_datasets
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role


def visible_datasets(user: User) -> QuerySet[Dataset]:
    seen = Q(cohort__in=visible_cohorts(user)) | Q(cohort__isnull=True)
    return Dataset.objects.filter(seen).select_related("cohort")


def listed_datasets(user: User, cohort: Cohort) -> list[Dataset]:
    """Those that count in the cohort, by name."""
    counting = {dataset.pk for dataset in current_datasets(cohort).values()}
    return list(visible_datasets(user).filter(pk__in=counting).order_by("name"))


def access_dataset(user: User, pk: int) -> Dataset:
    dataset = visible_datasets(user).filter(pk=pk).first()
    if dataset is None:
        raise Http404
    return dataset


def may_change(user: User, dataset: Dataset) -> bool:
    """A reference is of the whole installation."""
    return dataset.cohort_id is not None or may_share(user)


def may_share(user: User) -> bool:
    return user.has_role(Role.ADMINISTRATOR)
