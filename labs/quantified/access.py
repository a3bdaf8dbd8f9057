"""The only ways from a request to measurements of image analysis: as to the stains they were made on."""

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from labs.ihc.access import visible_stains
from labs.quantified.models import QuPathImport, QuPathRow
from registry.people.models import User


def visible_imports(user: User) -> QuerySet[QuPathImport]:
    """Without those of a stain out of sight, which the stains of a marker read blind are."""
    foreign = QuPathRow.objects.filter(qupath_import=OuterRef("pk"), stain__isnull=False)
    return QuPathImport.objects.valid().filter(~Exists(foreign.exclude(stain__in=visible_stains(user))))


def access_import(user: User, pk: int) -> QuPathImport:
    found = visible_imports(user).filter(pk=pk).select_related("file").first()
    if found is None:
        raise Http404
    return found


def access_row(user: User, pk: int) -> QuPathRow:
    rows = QuPathRow.objects.valid().filter(qupath_import__in=visible_imports(user))
    found = rows.filter(pk=pk).select_related("qupath_import__file", "stain__specimen", "stain__marker").first()
    if found is None:
        raise Http404
    return found
