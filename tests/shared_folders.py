"""Folders of real data and expected values that a run may be pointed to, and the count of what was compared there.

The folders are named by environment variables. Without one its tests skip and say so; with
``HEPATICA_REQUIRE_SHARED=1`` they fail instead.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

LACKING = "lacks the folder of"
TOLD = pytest.StashKey[str]()


def folder(name: str) -> Path:
    """The folder that ``HEPATICA_<name>`` points to."""
    variable = f"HEPATICA_{name}"
    path = Path(os.environ.get(variable, ""))
    if os.environ.get(variable) and path.is_dir():
        return path
    if os.environ.get("HEPATICA_REQUIRE_SHARED") == "1":
        pytest.fail(f"{variable} does not name a folder, and HEPATICA_REQUIRE_SHARED asks for it.")
    pytest.skip(f"{LACKING} {name}: {variable} is not set")


@pytest.fixture(scope="session")
def hepatica_data() -> Path:
    return folder("DATA")


@pytest.fixture(scope="session")
def hepatica_reference() -> Path:
    return folder("REFERENCE")


@pytest.fixture(scope="session")
def hepatica_interop() -> Path:
    return folder("INTEROP")


@pytest.fixture
def compared(request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Count values that the test compared with real data or a reference: ``compared(3)``."""

    def count(values: int) -> None:
        request.node.user_properties.append(("compared", values))

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found if _is_test(report)]
    values = sum(int(str(value)) for report in reports for name, value in report.user_properties if name == "compared")
    skipped = sum(report.outcome == "skipped" and LACKING in str(report.longrepr) for report in reports)
    terminalreporter.config.stash[TOLD] = (
        f"compared {values} values; skipped {skipped} for lack of DATA/REFERENCE/INTEROP"
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """The very last line of a run, after pytest's own."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and TOLD in config.stash:
        reporter.write_line(config.stash[TOLD])


def _is_test(report: object) -> bool:
    """Set-up, call and tear-down each report; the counts are with the call, or with the set-up that skipped."""
    if not isinstance(report, pytest.TestReport):
        return False
    return report.when == "call" or (report.when == "setup" and report.outcome == "skipped")
