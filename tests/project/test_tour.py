"""The tour of docs/tour.ipynb: it runs, and its prose says what its own code works out."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import notebook as page

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "tour.ipynb"

STATED = (
    # the story, as the scenario has it
    "{war.day_of(spider.date) - war.day_of(assault.date)} days earlier",
    "{sum(wave.count.value for wave in assault.waves.values()):.0f} drones and missiles",
    "{spider.waves['fpv'].count.value:.0f} cheap drones",
    "The next day, {war.talks.meetings['istanbul-2']:%-d %B %Y}",
    "{told['minutes_2']['low']:.0f} to {told['minutes_2']['high']:.0f} minutes",
    "{spider.date:%-d %B %Y}",
    # 1: figures
    "{p_hit.value:.2f}, from {p_hit.low:.2f} to {p_hit.high:.2f}",
    "from ${price.low:,.0f} to ${price.high:,.0f}",
    # 2: one war
    "war number {model.runs[0]} of seed {SEED}",
    # 3: losses
    "the raid hits {hit['median']:.0f} ±{hit['median_error']:.1g} aircraft"
    " ({hit['low']:.0f} to {hit['high']:.0f} in 90 % of the wars)",
    "The claim of {told['sbu_hit']['value']:.0f} is reached in"
    " {100 * told['sbu_hit']['reached']:.1f} % of them",
    "In {100 * flown['share']:.0f} ±{100 * flown['share_error']:.0f} % of the wars",
    "Of {len(aircraft)} reports, {len(aircraft) - len(missed)} lie inside",
    # 4: money
    "Ukraine spends ${spent['median'] / 1e6:.2f} M",
    "Russia loses ${lost['median'] / 1e9:.1f} bn (${lost['low'] / 1e9:.1f} bn to"
    " ${lost['high'] / 1e9:.1f} bn)",
    "${assault_spent['median'] / 1e9:.2f} bn",
    "${assault_lost['median'] / 1e9:.2f} bn",
    "claim of ${told['sbu_lost_usd']['low'] / 1e9:.0f} bn to"
    " ${told['sbu_lost_usd']['high'] / 1e9:.0f} bn",
    # 5: talks
    "{talks.loc['istanbul-2', 'model, minutes']:.0f} minutes",
    "{100 * stopped['share']:.0f} ±{100 * stopped['share_error']:.0f} % of the wars",
    # 6: the paired effect
    "Ukraine's goes up by {up(day['r_u'])} that day",
    "Russia's by {up(day['r_d'])}",
    "by {up(last['r_u'])} for Ukraine",
    "and by {up(last['r_d'])} for Russia",
    "{1000} wars",
    # 7: mechanisms
    "{len(names)} mechanisms",
    "{len(on)} of them on",
    "Alone, {listed('r_d', 1)} harden Russia that day; {listed('r_d', -1)} soften it",
    "Ukraine is hardened by {listed('r_u', 1)}",
    "Without punishment (`cost`) Russia's change of that day is {up(less['cost']['r_d'])},"
    " without the leader's image it is {up(less['image']['r_d'])}",
    "one test in 20",
    # 8: the sweep
    "from {per_loss.low:g} to {per_loss.high:g}",
    "from {up(sweep[0]['r_d'])} to {up(sweep[-1]['r_d'])}",
    # 9: how sure
    "{100 * shares.loc['spiders_web_aircraft_hit', 'epistemic_share']:.0f} %"
    " of the variance of the aircraft hit",
    "{100 * shares.loc['z_end', 'epistemic_share']:.0f} % of that of the zone at the end",
    "±{first['mean_error']:.1f} after {first['runs']} wars and ±{hit['mean_error']:.1f} after all",
    # 10: what it is not
    "Of {totals['figures']} figures {totals['assumed']} rest on an assumption alone",
    "{100 * stopped['share']:.0f} % of the wars end in a ceasefire",
)
"""What the prose says in numbers, as f-strings over what the notebook's code works out."""

PLAIN = ("95 % of cases",)
"""Numbers in the prose that state no result."""


def prose(notebook: Any) -> str:
    """The text of the notebook without headings and the targets of links, in one line."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"^#.*$|(?<=\])\([^)]*\)", "", text, flags=re.MULTILINE)
    return " ".join(text.split())


@pytest.fixture(scope="module")
def saved() -> Any:
    """The notebook as it is in the repository."""
    return nbformat.read(FILE, as_version=4)


@pytest.fixture(scope="module")
def stated(saved: Any, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the prose should say: the notebook is run, and asked in its last cell."""
    notebook = nbformat.from_dict(saved)
    asked = f"import json; json.dumps([eval('f' + repr(said)) for said in {STATED!r}])"
    notebook.cells.append(nbformat.v4.new_code_cell(asked))
    folder = tmp_path_factory.mktemp("reader")
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    client.execute()
    assert list(folder.iterdir()) == []
    return list(json.loads(eval(notebook.cells[-1].outputs[0].data["text/plain"])))


def test_the_tour_is_saved_without_outputs(saved: Any) -> None:
    cells = [cell for cell in saved.cells if cell.cell_type == "code"]
    assert len(cells) == 10
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


@pytest.mark.slow
def test_the_prose_says_what_the_library_says(saved: Any, stated: list[str]) -> None:
    text = prose(saved)
    assert [said for said in stated if said not in text] == []


@pytest.mark.slow
def test_the_prose_has_no_other_number(saved: Any, stated: list[str]) -> None:
    text = prose(saved)
    for said in sorted((*stated, *PLAIN), key=len, reverse=True):
        text = text.replace(said, "")
    text = re.sub(r"`[^`]*`", "", text)
    assert re.findall(r".{0,30}\d.{0,30}", text) == []


def test_the_page_of_the_site_has_every_cell_and_what_it_gives(tmp_path: Path) -> None:
    v4 = nbformat.v4
    given = [
        v4.new_output("stream", text="printed < 1"),
        v4.new_output(
            "display_data", {"image/png": "QUJD\nRA=="}, metadata={"image/png": {"alt": 'a "map"'}}
        ),
        v4.new_output(
            "execute_result",
            {"text/html": "<style scoped>td {}</style><table></table>", "text/plain": "a table"},
        ),
        v4.new_output("execute_result", {"text/plain": "41"}),
    ]
    cells = [v4.new_markdown_cell("# Heading"), v4.new_code_cell("40 + 1", outputs=given)]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "it.ipynb")
    text = page.as_markdown(tmp_path / "it.ipynb", is_run=False)
    assert text.startswith("# Heading\n\n*The notebook [it.ipynb](it.ipynb), without what")
    wanted = (
        "```python\n40 + 1\n```",
        "```text\nprinted < 1\n```",
        '<img src="data:image/png;base64,QUJDRA==" alt="a &quot;map&quot;">',
        '<div class="output"><table></table></div>',
        "```text\n41\n```",
    )
    places = [text.index(part) for part in wanted]
    assert places == sorted(places)
