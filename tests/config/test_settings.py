"""Settings are read from the environment, documented in one table, and nonsense stops the start."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import environment as env

ROOT = Path(settings.BASE_DIR)


def read_names() -> set[str]:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', source))


def check(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HEPATICA_VAR": str(tmp_path)} | variables
    command = [sys.executable, str(ROOT / "manage.py"), "check"]
    return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)


def test_each_setting_is_in_the_table_and_nothing_else_is() -> None:
    table = (ROOT / "docs" / "administrator" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == read_names()


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "maybe", "DEBUG must be one of 1, 0, true, false, yes, no, on, off; it is 'maybe'."),
        ("SWEEP_SECONDS", "often", "SWEEP_SECONDS must be a whole number; it is 'often'."),
        ("LEASE_SECONDS", "1", "LEASE_SECONDS must be at least 2; it is 1."),
        (
            "DATABASE_URL",
            "mysql://h/d",
            "DATABASE_URL must begin with sqlite:// or postgresql://; it begins with 'mysql'.",
        ),
        (
            "REDIS_URL",
            "amqp://h",
            "REDIS_URL must begin with redis://, rediss:// or redis+socket://; it is 'amqp://h'.",
        ),
        (
            "EMAIL_URL",
            "pigeon://post",
            "EMAIL_URL is no e-mail URL such as smtp://user:password@host:25: Invalid email schema pigeon",
        ),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the hosts; '*' is accepted only with DEBUG=1."),
        ("SECRET_KEY_FILE", "/nowhere/key", "SECRET_KEY_FILE names '/nowhere/key', which cannot be read"),
    ],
)
def test_nonsense_stops_the_start_with_a_sentence(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    done = check(tmp_path, **{name: value})
    assert done.returncode != 0
    assert sentence in done.stderr.splitlines()[-1]


def test_a_secret_may_come_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("NAME", "from the variable")
    assert env.text("NAME") == "from the file"


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    key = env.secret_key("SECRET_KEY", tmp_path / "var")
    assert len(key) >= 50
    assert env.secret_key("SECRET_KEY", tmp_path / "var") == key
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_names_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", " a.example , b.example,")
    assert env.names("HOSTS", "") == ["a.example", "b.example"]


@pytest.mark.parametrize("value", ["-1", "1.5", ""])
def test_a_whole_number_is_whole(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNT", value)
    with pytest.raises(ImproperlyConfigured, match="COUNT must be"):
        env.whole_number("COUNT", 5)


@pytest.mark.parametrize(
    "url",
    [
        "slides.example.org/{code}.dzi",
        "https://slides.example.org/all.dzi",
        "https://{code}.example.org/a.dzi",
        "ftp://a/{code}.dzi",
        "https://a/{code}",
    ],
)
def test_a_slide_server_must_take_the_code_in_its_path(tmp_path: Path, url: str) -> None:
    assert "SLIDE_SERVER" in check(tmp_path, SLIDE_SERVER=url).stderr


def test_a_slide_server_is_let_through_the_content_security_policy(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HEPATICA_VAR": str(tmp_path)}
    environment["SLIDE_SERVER"] = "https://slides.example.org/iiif/{code}/info.json"
    shown = "from django.conf import settings as s; print(s.CONTENT_SECURITY_POLICY['DIRECTIVES'])"
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", shown]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count("'https://slides.example.org'") == 2
