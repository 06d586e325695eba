"""Benchmarks use the tests' judge and builders, and tell at the end what they worked out."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

_TOLD = []


@pytest.fixture(autouse=True)
def _tell(request, benchmark):
    """Keep what a benchmark says of itself, for the end."""
    yield
    for name, value in benchmark.extra_info.items():
        _TOLD.append(f"{request.node.name}: {name.replace('_', ' ')} {value:,.4g}")


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("worked out")
    for line in _TOLD:
        terminalreporter.write_line(line)
