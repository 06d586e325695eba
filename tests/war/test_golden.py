"""Golden records: what the shipped scenarios gave, run by run, so that no drift goes unseen.

A change of the model changes them, on purpose or not. To write them anew after a change on purpose:
`python tests/war/test_golden.py`.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import sim

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "golden"
SCENARIOS = ("spiderweb",)
RUNS, SEED = 8, 1


def recorded(name):
    """Every column of the runs, and the rows and sums of the other tables."""
    war = sim.load(ROOT / "scenarios" / f"{name}.yaml")
    record = sim.run(war, RUNS, SEED, workers=1)
    runs = record.runs.astype(float)
    tables = {
        table: {"rows": len(record.frames[table]), **_sums(record.frames[table])}
        for table in ("raids", "losses", "defence", "meetings")
    }
    columns = {c: [None if v != v else round(v, 9) for v in runs[c]] for c in runs}
    return {"runs": columns, **tables}


def _sums(frame):
    numbers = frame.select_dtypes("number")
    return {column: round(float(numbers[column].sum()), 6) for column in numbers}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_shipped_scenario_gives_what_it_gave(name):
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    found = recorded(name)
    assert set(found["runs"]) == set(golden["runs"])
    for column, values in golden["runs"].items():
        ours, theirs = (np.array(v, float) for v in (found["runs"][column], values))
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-7, err_msg=column)
    for table in ("raids", "losses", "defence", "meetings"):
        assert found[table] == pytest.approx(golden[table], rel=1e-7), table


if __name__ == "__main__":
    for scenario in SCENARIOS:
        text = json.dumps(recorded(scenario), indent=0, sort_keys=True)
        (GOLDEN / f"{scenario}.json").write_text(text + "\n")
