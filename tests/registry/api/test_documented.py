"""The examples of the documentation do what it says they do."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from registry.patients.models import Enrolment
from registry.people.models import User
from tests.labs.inbox.messages import oru
from tests.registry.api.asking import program_of

pytestmark = pytest.mark.django_db
FILES: dict[str, bytes] = {
    "@result.hl7": oru(("WBC", "5.2", "G/l")),
    "<sets.toml": b'[data.pathways]\nkind = "sets"\nfile = "wikipathways.gmt"\n',
    "@wikipathways.gmt": b"WP1\tA pathway\tFAP\tACTA2\n",
}
PAGE = Path(settings.BASE_DIR) / "docs" / "integrator" / "rest.md"


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


def sent(value: str) -> object:
    """One part, as curl reads it: a file, the content of one, or the text itself."""
    if value.startswith("@"):
        return SimpleUploadedFile(value[1:], FILES[value])
    return FILES[value].decode() if value.startswith("<") else value


def test_every_example_works_in_the_order_of_the_page(dora: User, enrolled: Enrolment) -> None:
    secret = program_of(dora).secret
    numbers: dict[str, int] = {}
    assert len(commands()) >= 8
    for command in commands():
        assert command[0] == "curl"
        options = list(zip(command[1:-1:2], command[2:-1:2], strict=True))
        headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
        headers["Authorization"] = headers["Authorization"].replace("$TOKEN", secret)
        given = dict(option for option in options if option[0] != "-H")
        # The page counts rows from 1; another test may have taken the first numbers.
        path = re.sub(r"/(\w+)/1/", lambda found: f"/{found[1]}/{numbers[found[1]]}/", command[-1])
        parts = [value.split("=", 1) for name, value in options if name == "-F"]
        answer = Client().generic(
            given.get("-X", "GET"),
            path.removeprefix("$HEPATICA"),
            given.get("-d", "").replace('"site": "demo"', f'"site": "{enrolled.patient.site.code}"')
            or (parts and encode_multipart(BOUNDARY, {name: sent(value) for name, value in parts}))
            or FILES.get(given.get("--data-binary", ""), b""),
            headers.pop("Content-Type", MULTIPART_CONTENT if parts else "application/json"),
            headers=headers,
        )
        assert answer.status_code in (200, 201), (command, answer.content)
        if answer.status_code == 201 and not parts:
            numbers[path.rstrip("/").rsplit("/", 1)[-1]] = answer.json()["id"]
