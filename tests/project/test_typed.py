"""A script of a user's is checked by mypy as strictly as it can, and a mistyped name is seen."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("typed_script.py")


@pytest.mark.thorough
def test_a_script_passes_mypy_at_its_strictest_and_a_mistyped_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT.read_text())
    (tmp_path / "mistyped.py").write_text(
        "import sim\n\n"
        "war = sim.lod('minimal')\n"
        "record = sim.run(sim.load('minimal'))\n"
        "print(record.rnus, sim.Record.raids)\n"
        "sim.run('minimal', runs='5')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir",
         tmp_path / "cache", "script.py", "mistyped.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    told = [line.split(" error: ") for line in done.stdout.splitlines() if " error: " in line]
    assert [place for place, _ in told if place.startswith("script.py")] == [], done.stdout
    assert [place for place, _ in told] == [
        "mistyped.py:3:", "mistyped.py:5:", "mistyped.py:6:", "mistyped.py:6:"
    ], done.stdout  # fmt: skip


def test_the_script_uses_every_name_there_is() -> None:
    import sim

    text = SCRIPT.read_text()
    assert [name for name in sim.__all__ if f"sim.{name}" not in text] == []
