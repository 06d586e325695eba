"""docs/own-mechanism.md does what it says: its blocks are written down and run as they stand."""

import itertools
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.rules.hardening import News
from sim.scenario.calls.spelling import spelled_as_options
from sim.scenario.code import CodeError
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load
from sim.war.model import War
from tests import pages

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own-mechanism.md").read_text()
RAIDS = ("massive_assault", "spiders_web", "reprisal")


def blocks(kind):
    """The code blocks of a kind, in the order of the page."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def lines(kind="sh"):
    """The command lines of the page, in words."""
    return [shlex.split(line) for block in blocks(kind) for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path):
    """A folder as the page has it after its step 3, beside a copy of the shipped scenarios."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    commands, *files = itertools.islice(pages.steps("docs/own-mechanism.md"), 3)
    for words in pages.lines(commands.text):
        pages.run(words, tmp_path)
    for file in files:
        assert pages.put_down(file, tmp_path)
    return tmp_path


def test_the_function_has_at_most_twenty_lines():
    assert len(blocks("python")[0].splitlines()) <= 20


def test_the_commands_of_the_page_put_the_mechanism_in_every_table_it_names(folder, here):
    commands = [words[1:] for words in lines() if words[0] == "sim"]
    check, run, as_json, without, stronger, swept = (here(*words) for words in commands)
    for done in (check, run, as_json, without, stronger, swept):
        assert done.code == 0, done.err

    for figure in ("per_loss", "forgives", "lasts.ukraine", "lasts.russia"):
        assert f"mechanisms.mine.{figure} " in check.out

    assert re.search(r"mechanisms switched on \([^)]*\bmine\)", " ".join(run.out.split()))
    for side in "ud":
        assert len(re.findall(rf"^mine, r_{side} ", run.out, re.MULTILINE)) == len(RAIDS)

    assert as_json.json["found"]  # the same war is not fought twice
    assert "mine" in as_json.json["mechanisms"]
    for raid in as_json.json["raids"].values():
        assert {"u", "d"} <= set(raid["terms"]["mine"])

    means = re.findall(r"^mechanisms.mine.per.loss +\S+ +(\S+)", swept.out, re.MULTILINE)
    assert len(means) == 3
    assert 0.0 == float(means[0]) < float(means[1]) < float(means[2])

    results = next((folder / "mine" / "results").glob("*/runs.parquet")).parent
    found = {file.stem: pd.read_parquet(file) for file in results.glob("*.parquet")}
    columns = {f"h_mine_{side}_{what}" for side in "ud" for what in ("end", *by_raid())}
    assert {name for name in found["runs"] if "mine" in name} == columns
    assert "h_mine" in found["days"]
    assert {"h_mine_u", "h_mine_d"} <= set(found["meetings"])
    split = {name for name in found["split"]["outcome"] if "mine" in name}
    assert split
    assert split <= columns
    assert (found["runs"]["h_mine_d_end"] > 0.0).mean() > 0.5  # russia is struck in most wars

    last_day = without.out.partition("last day")[2]
    effects = {line.split()[0]: float(line.split()[2]) for line in last_day.splitlines()[2:7]}
    assert effects["r_d"] < 0.0 < effects["z"]  # switched off, the grudge hardens no longer


def by_raid():
    return [f"by_{raid}" for raid in RAIDS]


def test_the_page_in_python(folder):
    block = next(block for block in blocks("python") if "import sim\n" in block)
    *before, last = block.strip().splitlines()
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*before, f"print({last})"])],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.0


def test_the_second_function_remembers(folder):
    mine = folder / "mine"
    second = next(block for block in blocks("python") if "def patience" in block)
    (mine / "my_file.py").write_text("import numpy as np\n\n\n" + second)
    block = "{on: true, path: my_file.py:patience, bears: %s, hardens: %s}"
    figures = ["{value: 0.02, assumed: a test}", "{value: 0.125, assumed: a test}"]
    over = f"mechanisms.mine={block % tuple(figures)}"
    war = War(load(mine / "war.yaml", [over], allow_code=True), 20, seed=1).run()
    terms = war.negotiators["russia"].term("mine")
    assert set(np.unique(terms)) == {0.0, 0.125}  # the raid passes it in some wars, for good


def test_the_table_of_news_is_complete():
    table = PAGE.partition("| `news.` | is |")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:]))
    assert sorted(named) == sorted(News._fields)


@pytest.mark.parametrize(
    ("said", "old", "new"),
    [
        ("cannot be read", "my_file.py:", "other.py:"),
        ("my_file.py has no 'grudg', did you mean 'grudge'?", ":grudge", ":grudg"),
        ("line 9: KeyError: 'forgives'", "forgives:", "forgave:"),
        ("its result has no 'term'", '{"term"', '{"trem"'),
        ("its result has a number that is not finite", "kept + added", "np.inf + added"),
    ],
)
def test_what_goes_wrong_is_told_in_the_words_of_the_page(folder, said, old, new):
    for file in (folder / "mine" / "war.yaml", folder / "mine" / "my_file.py"):
        file.write_text(file.read_text().replace(old, new))
    assert said in PAGE
    with pytest.raises((ScenarioError, CodeError)) as told:
        War(load(folder / "mine" / "war.yaml", allow_code=True), 2)
    assert said in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_code_is_refused_without_the_option(folder):
    said = "is code, expected --allow-code if you trust it"
    assert said in PAGE
    with spelled_as_options(), pytest.raises(ScenarioError, match=said):
        load(folder / "mine" / "war.yaml")
