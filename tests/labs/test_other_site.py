"""`registry` and `labs` in another Django site: the worked example of the docs, migrated and asked, in one process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.labs.inbox.messages import oru

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "other_site"
SENT = oru(("WBC", "5.2", "G/l"), ("HB", "12.1", "g/dL"))
WALK = f"""
MESSAGE = {SENT!r}"""
WALK += """
import django
django.setup()
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
import labs.urls, registry.urls
call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
call_command("makemigrations", "registry", check=True, dry_run=True, verbosity=0)
assert not apps.is_installed("analysis") and not apps.is_installed("config")
from labs.connectors.exchanging import exchange
from labs.inbox.services import receive
from registry.log.actors import Actor
from registry.people.roles import Role
from registry.people.services import user_create
from registry.tokens.services import token_create
from labs.connectors.mllp.inbox import Living, receiver_of
by = Actor.system("trial")
exchange()
assert receive(data=MESSAGE, by=by).verdict == "AA"
assert receiver_of("production")(MESSAGE, peer="127.0.0.1").received.verdict == "AA"
Living("here").begin()
Living("here").go_on()
assert Living("here").seconds > 0
user = user_create(username="ada", password=None, roles=list(Role), sites=[], by=by)
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
pages = [
    reverse(f"{space}:{pattern.name}")
    for space, patterns in (("registry", registry.urls), ("labs", labs.urls))
    for pattern in patterns.urlpatterns
    if "<" not in str(pattern.pattern)
]
assert "/hepatica/inbox/" in pages and "/hepatica/tokens/" in pages
for page in (*pages, "/admin/", "/api/v1/", "/api/v1/schema/", "/api/v1/docs/"):
    answer = client.get(page, follow=True)
    # 405 where something is only sent.
    assert answer.status_code in (200, 405), (page, answer.status_code)
_, secret = token_create(owner=user, name="program", days=1, by=by)
program = {"Authorization": f"Bearer {secret}"}
assert client.get("/fhir/R4/metadata").json()["resourceType"] == "CapabilityStatement"
assert client.get("/fhir/R4/Observation", headers=program).json()["total"] == 0
sent = client.post("/api/v1/messages/", MESSAGE, "application/hl7-v2", headers=program).json()
assert sent["messages"][0]["is_duplicate"], sent
assert client.get("/api/v1/message-rows/", headers=program).json()["count"] == 2
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
