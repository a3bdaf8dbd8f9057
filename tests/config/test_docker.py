"""There is no engine here to build the image with, so what its files say is compared with what the project has."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "hepatica"}
# Read by Python, by the numerical libraries or by Django, not by our settings.
KNOWN_ELSEWHERE = {
    "PATH", "TMPDIR", "DJANGO_SETTINGS_MODULE", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
}  # fmt: skip


def settings_names() -> set[str]:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', source))
    return names | {f"{name}_FILE" for name in names}


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_image_sets_only_what_somebody_reads() -> None:
    block = re.findall(r"^ENV (.+?)(?<!\\)$", DOCKERFILE, re.MULTILINE | re.DOTALL)
    names = {name for text in block for name in re.findall(r"\b([A-Z_]+)=", text)}
    assert names
    assert names <= settings_names() | KNOWN_ELSEWHERE


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_sets_only_what_the_settings_know(name: str) -> None:
    assert set(OURS[name]["environment"]) <= settings_names() | KNOWN_ELSEWHERE


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_its_secrets_from_declared_files(name: str) -> None:
    wanted = {value for value in SERVICES[name].get("environment", {}).values() if "/run/secrets/" in str(value)}
    assert wanted == {f"/run/secrets/{secret}" for secret in SERVICES[name].get("secrets", [])}
    assert set(SERVICES[name].get("secrets", [])) <= set(COMPOSE["secrets"])


def test_the_secrets_script_writes_each_declared_file(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docker" / "make-secrets", tmp_path)
    for _ in range(2):
        subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
        written = {f"secrets/{path.name}": path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(written) == {secret["file"] for secret in COMPOSE["secrets"].values()}
    assert written["secrets/postgres_password"] in written["secrets/database_url"]
    assert len(written["secrets/secret_key"]) >= 50


def test_only_the_web_server_and_the_listener_are_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web", "mllp"]
    assert SERVICES["mllp"]["profiles"], "it listens only where it is asked for"
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("database", "broker"))


def test_every_service_has_a_health_check_or_says_that_it_has_none() -> None:
    with_own_check = {name for name, service in SERVICES.items() if "healthcheck" in service}
    assert set(SERVICES) - with_own_check == {"web"}, "only web has the image's own"
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_image_does_not_run_as_root() -> None:
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert re.findall(r"^USER (.+)$", last_stage, re.MULTILINE) == ["10001"]


def test_each_queue_of_the_settings_has_a_worker() -> None:
    commands = [SERVICES[name]["command"] for name in ("worker", "worker-heavy")]
    worked = {queue for command in commands for queue in command[command.index("-Q") + 1].split(",")}
    wanted = {settings.CELERY_TASK_DEFAULT_QUEUE, *(route["queue"] for route in settings.CELERY_TASK_ROUTES.values())}
    assert wanted <= worked


@pytest.mark.services
def test_what_is_copied_is_enough_to_build_and_to_start(tmp_path: Path) -> None:
    allowed = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert set(copied()) == allowed
    for name in copied():
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    steps = re.findall(r"python (manage\.py [^&\\\n]+)", DOCKERFILE)
    assert len(steps) == 2
    for step in [*steps, "manage.py check"]:
        environment = {"SECRET_KEY": "only-while-building", "HEPATICA_VAR": str(tmp_path / "var")}
        done = subprocess.run(
            [sys.executable, *step.split()], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{step}\n{done.stderr}"
    assert (tmp_path / "var" / "static" / "staticfiles.json").exists()
