"""The table at the end of a run: files, values compared and differences, kind by kind."""

import json
from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    kinds: dict[str, Counter[str]] = {}
    for report in (report for found in terminalreporter.stats.values() for report in found):
        if isinstance(report, pytest.TestReport) and report.when == "call":
            for name, value in report.user_properties:
                if name == "interop":
                    counts = json.loads(str(value))
                    kinds.setdefault(counts.pop("kind"), Counter()).update(counts)
    if not kinds:
        return
    terminalreporter.section("interop by kind")
    for kind, counts in sorted(kinds.items()):
        told = ", ".join(f"{counts[name]} {name}" for name in ("files", "values compared", "differences", "later"))
        terminalreporter.write_line(f"{kind}: {told}")
    total = sum(counts["values compared"] for counts in kinds.values())
    terminalreporter.write_line(f"{total} values compared")
