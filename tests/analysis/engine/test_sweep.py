"""What the sweep of beat does besides looking for stale analyses."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from analysis.engine.schedule import install_schedule
from analysis.tasks import sweep
from labs.bench_files.models import BenchUpload, FileKind
from labs.bench_files.services import upload_keep as bench_upload_keep
from labs.blood.upload.models import PanelUpload
from labs.blood.upload.services import upload_keep as panel_upload_keep
from labs.blood.upload.sheet import Options
from registry.people.models import User
from registry.people.roles import Role
from tests.registry.people import person

pytestmark = pytest.mark.django_db
DAY_AND_MORE = timedelta(days=1, minutes=1)


@pytest.fixture
def tom(db: None) -> User:
    return person(Role.TECHNICIAN)


def test_the_sweep_forgets_files_that_were_looked_at_and_never_stored(tom: User) -> None:
    left, fresh = (
        bench_upload_keep(name=name, kind=FileKind.QUPATH, content=name.encode(), user=tom) for name in ("old", "new")
    )
    BenchUpload.objects.filter(pk=left.pk).update(uploaded_at=timezone.now() - DAY_AND_MORE)
    sweep()
    assert list(BenchUpload.objects.all()) == [fresh]


def test_the_sweep_takes_the_bytes_of_blood_results_that_were_never_stored(tom: User) -> None:
    left, fresh = (panel_upload_keep(content=content, options=Options(), user=tom) for content in (b"old", b"new"))
    PanelUpload.objects.filter(pk=left.pk).update(uploaded_at=timezone.now() - DAY_AND_MORE)
    sweep()
    left.refresh_from_db()
    fresh.refresh_from_db()
    assert (bytes(left.content), bytes(fresh.content)) == (b"", b"new")


def test_beat_runs_the_sweep() -> None:
    install_schedule(using="default")
    assert PeriodicTask.objects.filter(task="analysis.tasks.sweep", enabled=True, interval__isnull=False).exists()
