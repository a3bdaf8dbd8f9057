"""The table at the end of a run: what was compared, kind by kind."""

import json
from collections import Counter

import pytest

COLUMNS = ("compared", "not compared", "unknown")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    kinds: dict[str, Counter[str]] = {}
    for report in (report for found in terminalreporter.stats.values() for report in found):
        if isinstance(report, pytest.TestReport) and report.when == "call":
            for name, value in report.user_properties:
                if name == "parity":
                    counts = json.loads(str(value))
                    kinds.setdefault(counts.pop("kind"), Counter()).update(counts)
    if kinds:
        terminalreporter.section("parity by kind")
    for kind, counts in sorted(kinds.items()):
        told = ", ".join(f"{counts[column]} {column}" for column in COLUMNS)
        terminalreporter.write_line(f"{kind}: {told}")
