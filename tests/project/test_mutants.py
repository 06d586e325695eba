"""The net of tests and checks, tried: a few rules broken on purpose, each of which is noticed.

All mutants, and how many are caught, are the business of tests/mutate.py; see docs/verification.md.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import mutate

TESTS = Path(__file__).parents[1]
REACHED = {
    "damage": ("present",),
    "delivery": ("p_carrier_survives",),
    "detection": ("alertness",),
    "interception": ("p_kill_of_experienced",),
    "money": ("lost_usd",),
}
TRIED = """
import json, pathlib, random, sys
sys.path.insert(0, sys.argv[1])
import mutate
reached, room = json.loads(sys.argv[2]), pathlib.Path(sys.argv[3])
mutate.warm_up()
bench = mutate.Bench(mutate.ROOT, room)
sound = {file: bench.caught_by(file, None, (mutate.by_its_checks,)) for file in ("money", "damage")}
every = [m for file in reached for m in mutate.mutants(file) if m.function in reached[file]]
some = random.Random(4).sample(every, 3)
caught = {str(m): bench.caught_by(m.file, m, (mutate.by_its_checks,)) for m in some}
print(json.dumps({"sound": sound, "caught": caught}))
"""


def test_a_broken_rule_is_noticed_by_the_verification(tmp_path):
    call = [sys.executable, "-c", TRIED, str(TESTS), json.dumps(REACHED), str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, cwd=TESTS.parent)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["sound"].values()) == {""}
    assert len(told["caught"]) == 3
    assert all(by.startswith("sim verify: ") for by in told["caught"].values()), told["caught"]


NEW = [
    ("hardening", "commitment", "gain - loss", "gain + loss"),
    ("hardening", "commitment", "1.0 - figures['guarantee']", "1.0 + figures['guarantee']"),
    ("hardening", "resurrection", "figures['line'] + anger", "figures['line'] - anger"),
    ("bargaining", "leaders_least", "line - doubt", "line + doubt"),
    ("screening", "offered", "most - low", "most + low"),
    ("screening", "gives_way", "price / keeps", "price * keeps"),
    ("screening", "at_least", "np.maximum(low, least)", "low"),
    ("screening", "read", "np.where(stops, if_yes, if_no)", "np.where(stops, if_no, if_yes)"),
    (
        "screening",
        "expected_gain",
        "_summed(last, floor, top) - _summed(first, floor, top)",
        "_summed(last, floor, top) + _summed(first, floor, top)",
    ),
    ("screening", "asked_of_a_line", "np.maximum(0.0, given_away)", "given_away"),
    ("patronage", "backed", "-relief", "relief"),
    ("patronage", "opposed", "1.0 - prior", "1.0 + prior"),
    ("patronage", "leaves", "stake * rests_on_aid", "stake / rests_on_aid"),
    ("patronage", "aid_arriving", "under_way + allocated", "under_way - allocated"),
    ("publics", "readiness", "start + per_decade * decades", "start - per_decade * decades"),
    ("publics", "sunk", "-loss / scale", "-loss * scale"),
]
"""One change each in commitment, the leader's gamble, talks in ignorance, patrons and publics."""


def test_each_change_of_the_new_rules_can_be_made():
    """A rule that was written anew has another text, and its mutant would be tried by nobody."""
    there = {(m.file, m.function, m.was, m.now) for m in every_mutant_of({f for f, *_ in NEW})}
    assert [change for change in NEW if change not in there] == []


def every_mutant_of(files):
    return [mutant for file in sorted(files) for mutant in mutate.mutants(file)]


EACH = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import mutate
mutate.warm_up()
bench, told = mutate.Bench(mutate.ROOT, pathlib.Path(sys.argv[3])), {}
notices = (mutate.by_its_checks, mutate.by_tests)
for file, *change in json.loads(sys.argv[2]):
    found = [m for m in mutate.mutants(file) if [m.function, m.was, m.now] == change]
    told[f"{file}: {change}"] = bench.caught_by(file, found[0], notices) if found else "none such"
print(json.dumps(told))
"""


@pytest.mark.thorough
def test_each_new_rule_is_held_by_the_verification_or_its_tests(tmp_path):
    call = [sys.executable, "-c", EACH, str(TESTS), json.dumps(NEW), str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=1800, cwd=TESTS.parent)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) == len(NEW)
    assert all(by.startswith(("sim verify: ", "tests/")) for by in told.values()), told


def test_files_of_one_name_are_all_tried():
    """Rules and agents of talks in ignorance have one name: neither hides the other."""
    tried = set(mutate.FILES.values())
    for folder in ("rules", "raid", "war", "war/agents"):
        assert tried >= set((TESTS.parent / "sim" / folder).glob("[a-z]*.py"))
    assert {mutant.function for mutant in mutate.mutants("screening")} >= {"demands", "offered"}


def test_a_mutant_differs_by_one_change_and_is_python():
    for file in ("money", "damage", "heap"):
        found = mutate.mutants(file)
        assert len({mutant.source for mutant in found}) > 0.8 * len(found)
        for mutant in found:
            compile(mutant.source, file, "exec")
            assert mutant.was != mutant.now
            assert f"def {mutant.function}(" in mutant.source


def test_what_is_changed():
    changes = {(m.function, m.was, m.now) for m in mutate.mutants("money")}
    assert ("lost_usd", "damaged - finished", "damaged + finished") in changes
    assert ("exchange_ratio", "spent_usd > 0.0", "spent_usd >= 0.0") in changes
    assert ("bought", "budget_usd / price_usd", "budget_usd * price_usd") in changes
