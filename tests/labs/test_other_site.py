"""`registry` and `labs` in another Django site: the worked example of the docs, migrated and asked, in one process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "other_site"
WALK = """
import django
django.setup()
from django.apps import apps
from django.core.management import call_command
from django.test import Client
call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
call_command("makemigrations", "registry", check=True, dry_run=True, verbosity=0)
assert not apps.is_installed("analysis") and not apps.is_installed("config")
from labs.connectors.exchanging import exchange
from labs.inbox.services import receive
from registry.log.actors import Actor
from registry.people.roles import Role
from registry.people.services import user_create
by = Actor.system("trial")
exchange()
assert receive(data=b"MSH|no message", by=by).verdict == "AE"
user = user_create(username="ada", password=None, roles=list(Role), sites=[], by=by)
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
for page in ("sign-in", "cohorts", "patients", "specimens", "ihc", "pcr", "gels", "qupath", "rounds"):
    answer = client.get(f"/hepatica/{page}/", follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    assert b"Hepatica" in answer.content, page
print("the other site works")
"""


@pytest.mark.one_database
def test_registry_and_laboratory_work_in_another_site(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-c", WALK],
        cwd=tmp_path / "site",
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{settings.BASE_DIR}{os.pathsep}.",
            "DJANGO_SETTINGS_MODULE": "hospital.settings",
            "DATABASE": ":memory:",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("the other site works\n"), done.stderr[-3000:]
