"""The plots as pictures, held against small ones kept in tests/golden/plots.

Letters are left out, as each version of the drawing library sets them differently: what is written
is tested as words. Both pictures are averaged over blocks of dots, so that a line a hair elsewhere
is let pass and a mark that is gone is not. The numbers drawn are made up here: a change of the
model changes no picture. To write them anew after a change of the
plots on purpose, and then to look at each: `python tests/report/test_plots_images.py`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Circle
from matplotlib.text import Text
from PIL import Image
from test_plots_experiments import (
    MOMENTS,
    NAMES,
    SIDES,
    STIMULI,
    TITLES,
    impulse_of,
    theories_of,
)

from sim.experiment.record import FAN_QUANTILES, POSITIONS, Record
from sim.raid.arrays import FATES
from sim.report import plots
from sim.report.plots.analysis.impulse import draw_impulse
from sim.report.plots.analysis.theories import draw_theories
from sim.report.plots.map import draw_map
from sim.report.plots.picture import Picture
from sim.report.plots.run.history import draw_history
from sim.report.plots.style import house_style
from sim.scenario.load import load
from sim.scenario.schema import Scenario, snake

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "golden" / "plots"
RUNS = 40
DPI, BLOCK = 160, 4
"""A kept picture has 40 dots an inch, each the mean of 16."""
MOST_OFF = 1.0
"""The root mean square difference let pass, of 255. The same drawing library is off by 0.1; of
matplotlib 3.10 the pictures are off by up to 4.5 to those of 3.11, as room is made for letters."""
MOST_CHANGED = 0.0005
"""The share of dots let be off by more than `PLAIN`: those of a mark of 5 by 5 dots."""
PLAIN = 40


def spread_out(n: int, most: float, shift: float = 0.0) -> np.ndarray:
    """Numbers from 0 to `most` that look drawn by chance and are the same everywhere."""
    return most * ((np.arange(1, n + 1) * 0.6180339887 + shift) % 1.0)


def made_up(name: str) -> Record:
    """A record of a shipped scenario with made-up numbers: every dated raid and the focus flown."""
    scenario = load(ROOT / "scenarios" / f"{name}.yaml")
    flown = [raid for raid, it in scenario.raids.items() if it.date or raid == scenario.focus]
    frames = {
        "runs": _runs(scenario, flown),
        "raids": _raids(scenario, flown),
        "losses": _losses(scenario, flown),
        "fans": _fans(scenario),
    }
    frames["defence"] = _defence(scenario, frames["raids"])
    return Record(scenario, 1, RUNS, frames)


def _runs(scenario: Scenario, flown: list[str]) -> pd.DataFrame:
    columns: dict[str, object] = {"run": np.arange(RUNS)}
    for k, raid in enumerate(scenario.raids):
        word = snake(raid)
        columns[f"{word}_flown"] = np.full(RUNS, float(raid in flown))
        for group in scenario.groups:
            columns[f"{word}_{group}_hit"] = np.floor(spread_out(RUNS, 30.0, 0.1 * k))
            columns[f"{word}_{group}_destroyed"] = np.floor(spread_out(RUNS, 15.0, 0.1 * k))
        for j, money in enumerate(("spent", "lost", "fired")):
            columns[f"{word}_{money}_usd"] = 10.0 ** (5 + j + spread_out(RUNS, 2.0, 0.1 * k))
        for j, ratio in enumerate(("cost", "loss")):
            columns[f"{word}_{ratio}_exchange"] = 10.0 ** spread_out(RUNS, 3.0 - j, 0.1 * k)
    return pd.DataFrame(columns)


def _raids(scenario: Scenario, flown: list[str]) -> pd.DataFrame:
    rows = []
    for raid in flown:
        it = scenario.raids[raid]
        day = (it.date - scenario.start).days if it.date else 3
        for wave in it.waves.values():
            for k, site in enumerate(wave.at):
                numbers = np.floor(spread_out(len(FATES), 6.0 + k)).astype(int)
                fates = dict(zip(FATES, numbers, strict=True))
                told = {"raid": raid, "day": day, "site": site, "weapon": wave.weapon}
                rows += [{"run": run, **told, **fates} for run in range(RUNS)]
    return pd.DataFrame(rows)


def _defence(scenario: Scenario, raids: pd.DataFrame) -> pd.DataFrame:
    """What was jammed and shot down, dealt to the units that can, one drone after the other."""
    by = {"jammer": "jammed", "shooter": "shot_down"}
    rows = []
    for (run, raid, day), fates in raids.groupby(["run", "raid", "day"], sort=False)[list(FATES)]:
        enemy = scenario.enemy_of(scenario.raids[raid].by)
        sites = {name: site for name, site in scenario.sites.items() if site.side == enemy}
        for kind, fate in by.items():
            units = [
                (site, unit)
                for site, it in sites.items()
                for unit in it.defence
                if scenario.units[unit].kind == kind
            ]
            told = {"run": run, "raid": raid, "day": day}
            for k, (site, unit) in enumerate(units):
                stopped = len(range(k, int(fates[fate].sum()), len(units)))
                rows.append({**told, "site": site, "unit": unit, "stopped": stopped})
    return pd.DataFrame(rows)


def _losses(scenario: Scenario, flown: list[str]) -> pd.DataFrame:
    rows = []
    for raid in flown:
        sites = dict.fromkeys(s for w in scenario.raids[raid].waves.values() for s in w.at)
        for k, site in enumerate(sites):
            destroyed = np.floor(spread_out(RUNS, 3.0 + k, 0.3)).astype(int)
            hit = destroyed + np.floor(spread_out(RUNS, 4.0 + 2 * k)).astype(int)
            told = {"raid": raid, "site": site}
            rows += [
                {"run": run, **told, "first_hit_by_raid": hit[run], "destroyed": destroyed[run]}
                for run in range(RUNS)
            ]
    return pd.DataFrame(rows)


def _fans(scenario: Scenario) -> pd.DataFrame:
    rows = []
    for k, position in enumerate(POSITIONS):
        for day in range(scenario.days):
            middle = 0.3 + 0.08 * k + 0.05 * np.sin(day / 9 + k)
            ends = {f"q{round(100 * q):02d}": middle + 0.2 * (q - 0.5) for q in FAN_QUANTILES}
            rows.append({"day": day, "position": position, **ends, "runs": RUNS})
    return pd.DataFrame(rows)


def _recorded() -> Record:
    """Of the whole war, which is read from its scenario, with made-up lines beneath."""
    scenario = load(ROOT / "scenarios" / "ukraine-2022-2025.yaml")
    runs = pd.DataFrame({"run": np.arange(RUNS)})
    return Record(scenario, 1, RUNS, {"runs": runs, "fans": _fans(scenario)})


PICTURES: dict[str, Callable[[], Picture | None]] = {
    **{name: lambda draw=draw: draw(made_up("spiderweb")) for name, draw in plots.DRAWINGS.items()},
    "history": lambda: draw_history(_recorded()),
    "map_legs": lambda: draw_map(made_up("massive-assault")),
    "map_disputed": lambda: draw_map(made_up("india-pakistan")),
    "map_plain": lambda: draw_map(load(ROOT / "scenarios" / "city-defence.yaml")),
    "theories": lambda: draw_theories(*theories_of(NAMES[:5], MOMENTS), TITLES),
    "impulse": lambda: draw_impulse(*impulse_of(NAMES[:4], STIMULI), SIDES),
}


def small(picture: Picture | None) -> np.ndarray:
    """A picture (height, width, 3) of 0 to 255, each dot the mean of a block."""
    assert picture is not None
    for text in picture.findobj(Text):
        text.set_alpha(0.0)
        text.set_bbox(None)
    with house_style():
        picture.set_dpi(DPI)
        picture.canvas.draw()
        dots = np.asarray(picture.canvas.buffer_rgba())[..., :3].astype(float)
    height, width = (n // BLOCK * BLOCK for n in dots.shape[:2])
    blocks = dots[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3)
    return blocks.mean(axis=(1, 3))


def differences(found: np.ndarray, name: str) -> tuple[float, float]:
    """How far a picture is from the kept one: root mean square, and the share of dots changed."""
    with Image.open(KEPT / f"{name}.png") as image:
        kept = np.asarray(image.convert("RGB")).astype(float)
    assert found.shape == kept.shape, f"{name} is {found.shape}, was {kept.shape}"
    off = found - kept
    changed = (np.abs(off).max(axis=2) > PLAIN).mean()
    return float(np.sqrt((off**2).mean())), float(changed)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did(name: str) -> None:
    off, changed = differences(small(PICTURES[name]()), name)
    assert off <= MOST_OFF
    assert changed <= MOST_CHANGED


def test_every_kept_picture_is_looked_at() -> None:
    assert {file.stem for file in KEPT.glob("*.png")} == set(PICTURES)


@pytest.mark.parametrize("fault", ["a disc is gone", "a colour is another", "all is moved"])
def test_a_fault_is_seen(fault: str) -> None:
    picture = PICTURES["map"]()
    assert picture is not None
    axes = picture.axes[0]
    if fault == "a disc is gone":
        max(axes.findobj(Circle), key=lambda disc: disc.radius * disc.get_fill()).remove()
    elif fault == "a colour is another":
        axes.set_facecolor("#FFFFFF")
    else:
        axes.set_xlim(*(np.array(axes.get_xlim()) + 60.0))
    off, changed = differences(small(picture), "map")
    assert off > MOST_OFF or changed > MOST_CHANGED


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for shown, draw_it in PICTURES.items():
        dots = np.rint(small(draw_it())).astype(np.uint8)
        Image.fromarray(dots).save(KEPT / f"{shown}.png", optimize=True)
