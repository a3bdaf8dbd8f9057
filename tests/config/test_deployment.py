import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

# Whether all of a hospital's subdomains speak TLS, and for ever, is not ours to say.
LEFT_TO_THE_HOSPITAL = {"security.W005", "security.W021"}


def test_the_settings_for_tls_satisfy_djangos_deployment_checks(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HEPATICA_VAR": str(tmp_path), "SECURE_HTTPS": "1"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert set(re.findall(r"\((\w+\.[EW]\d+)\)", done.stderr)) == LEFT_TO_THE_HOSPITAL, done.stderr
