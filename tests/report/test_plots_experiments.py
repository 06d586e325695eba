"""The plots of experiments: told in words, the same each time, and no text over another."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle
from test_plots import check_texts, texts_of

from sim.experiment.factorial import fractions
from sim.experiment.questions import signs
from sim.experiment.questions.impulse import predictions, run_impulse, separable
from sim.experiment.questions.theories import MOVED, Store, numbers_of, question, run_into
from sim.experiment.questions.verdicts import SIGN_OF_HARDENING, VERDICTS
from sim.report.plots.analysis.impulse import decay_words, draw_impulse, size_words
from sim.report.plots.analysis.theories import draw_theories, quadrants
from sim.report.plots.colours import BLUE, ORANGE, PALE, PAPER
from sim.report.plots.picture import Picture
from sim.report.plots.words import readable, sentence
from sim.scenario.load import load_experiment

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
TITLES = {"r_u": "Ukraine", "r_d": "Russia", "raid": "Operation Spider's Web"}
SIDES = {"r_u": "underdog", "r_d": "favourite"}
NAMES = (
    "cost", "learning", "reference", "image", "rally", "threshold", "sunk", "weariness",
    "turbulence", "spiral", "sacred", "audience", "ripeness",
)  # fmt: skip
DAYS = 40


def theories_of(mechanisms, moments, scale=0.05, told=True):
    """An answer in which each mechanism adds its own, to be drawn; with `told` off all noise."""
    luck = np.random.default_rng(1)
    on = np.concatenate(fractions(len(mechanisms)))
    theories = pd.DataFrame({"theory": numbers_of(on), "wars": 4})
    theories[list(mechanisms)] = on
    for moment, word in itertools.product(moments, MOVED):
        effect = on @ luck.normal(0.0, scale, len(mechanisms))
        sign = SIGN_OF_HARDENING[word] * np.sign(effect) * (np.abs(effect) > scale) * told
        theories[f"{word}, {moment}"] = effect
        theories[f"{word}, {moment} verdict"] = np.array(["softens", "no effect", "hardens"])[
            sign.astype(int) + 1
        ]
    decay = theories[["theory"]].merge(pd.DataFrame({"days_after": range(DAYS)}), how="cross")
    for word in MOVED:
        start = theories.set_index("theory")[f"{word}, {moments[0]}"]
        decay[word] = decay["theory"].map(start) * 0.97 ** decay["days_after"]
    half = {"theories": 100, "halved": 70, "low": 2.0, "median": 9.0, "high": 30.0}
    never = {"theories": 0, "halved": 0, "low": None, "median": None, "high": None}
    figures = {
        "mechanisms": list(mechanisms),
        "theories": len(theories),
        "wars": 8 * len(theories),
        "runs": 4,
        "seed": 7,
        "region": {"half_width": scale, "because": "a small effect"},
        "verdicts": {moment: counted(theories, moment) for moment in moments},
        "half_lives": dict.fromkeys(MOVED, half if told else never),
        "mechanisms_decide": {
            word: {m: signs.mechanism_shares(theories, word, m, mechanisms) for m in moments}
            for word in MOVED
        },
    }
    return figures, theories, decay


def counted(theories, moment):
    """Shares of theories by verdict, as an answer has them; those who draw need no errors."""
    told = {word: theories[f"{word}, {moment} verdict"] for word in MOVED}
    harder, softer = (
        pd.concat([told[word] == verdict for word in ("r_u", "r_d")], axis=1)
        for verdict in ("hardens", "softens")
    )
    return {w: {v: float((told[w] == v).mean()) for v in VERDICTS} for w in MOVED} | {
        "both harden": float(harder.all(axis=1).mean()),
        "both soften": float(softer.all(axis=1).mean()),
        "opposite": float((harder.any(axis=1) & softer.any(axis=1)).mean()),
    }


def impulse_of(mechanisms, stimuli, seed=1, half_life=True):
    """A table of chance signs, one in ten not as predicted."""
    luck = np.random.default_rng(seed)
    rows = [
        {
            "stimulus": stimulus,
            "mechanism": mechanism,
            "side": side,
            "size": float(luck.normal() * 10.0 ** luck.uniform(-6, 0)),
            "half-life, days": float(luck.integers(0, 60)) if half_life and luck.random() < 0.5
            else None,
            "sign": str(luck.choice(["+", "-", "0"])),
        }
        for stimulus in stimuli
        for mechanism in mechanisms
        for side in ("underdog", "favourite")
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table["predicted"] = np.where(luck.random(len(table)) < 0.1, "0", table["sign"])
    table["as predicted"] = table["predicted"] == table["sign"]
    figures = {
        "runs": 500,
        "seed": 7,
        "mechanisms": list(mechanisms),
        "stimuli": stimuli,
        "predictions": predictions(table.assign(still=False)),
        "separable": separable(table),
    }
    return figures, table


MOMENTS = ["the raid's day", "istanbul-2", "istanbul-3"]
LONG = "A strike that the favourite's public, misinformed, never hears of"
STIMULI = {f"stimulus-{k}": "Nothing happens" if k % 2 else LONG for k in range(10)}
LONG_TITLES = {
    "r_u": "Federation of the Northern Islands",
    "r_d": "Incomprehensibilities",
    "raid": "An operation with a name of many words that never comes to an end",
}

THEORIES: dict[str, Callable[[], Picture]] = {
    "thirteen": lambda: draw_theories(*theories_of(NAMES, MOMENTS), TITLES),
    "three": lambda: draw_theories(*theories_of(NAMES[:3], MOMENTS), TITLES),
    "one moment": lambda: draw_theories(*theories_of(NAMES, MOMENTS[:1]), TITLES),
    "long titles": lambda: draw_theories(*theories_of(NAMES[:5], MOMENTS), LONG_TITLES),
    "many moments": lambda: draw_theories(
        *theories_of(NAMES[:5], MOMENTS + [f"round-number-{k}" for k in range(9)]), TITLES
    ),
    "nothing": lambda: draw_theories(*theories_of(NAMES[:4], MOMENTS, 0.0, False), TITLES),
    "noise": lambda: draw_theories(*theories_of(NAMES, MOMENTS, 1e-4, False), TITLES),
    "one day": lambda: draw_theories(*one_day(), TITLES),
    "crowded": lambda: draw_theories(*crowded(), TITLES),
}


def shipped_stimuli():
    return {
        name: stimulus.title
        for name, stimulus in load_experiment(EXPERIMENTS / "impulse.yaml").stimuli.items()
    }


IMPULSES: dict[str, Callable[[], Picture]] = {
    "thirteen by ten": lambda: draw_impulse(*impulse_of(NAMES, STIMULI), SIDES),
    "three by two": lambda: draw_impulse(
        *impulse_of(NAMES[:3], dict(list(STIMULI.items())[:2])), SIDES
    ),
    "one by one": lambda: draw_impulse(*impulse_of(NAMES[:1], {"strike": LONG}), SIDES),
    "no half-life": lambda: draw_impulse(*impulse_of(NAMES, STIMULI, half_life=False), SIDES),
    "many stimuli": lambda: draw_impulse(
        *impulse_of(NAMES, {f"stimulus-{k}": LONG for k in range(20)}), LONG_TITLES
    ),
    "those shipped": lambda: draw_impulse(*impulse_of(NAMES, shipped_stimuli()), SIDES),
}


def crowded():
    """Thousands of theories in one cell."""
    figures, theories, decay = theories_of(NAMES, MOMENTS)
    effects = [column for column in theories if str(column).startswith(("r_", "z,"))]
    numbers = theories[effects].select_dtypes("number").columns
    theories.loc[theories["theory"] % 8 > 0, numbers] = 0.0
    return figures, theories, decay


def one_day():
    """An answer about a raid on the last day."""
    figures, theories, decay = theories_of(NAMES[:4], MOMENTS[:1])
    return figures, theories, decay[decay["days_after"] == 0]


def words_of(picture):
    return [text.get_text() for text in texts_of(picture)]


# --- no text over another ----------------------------------------------------------------------


@pytest.mark.parametrize("draw", [*THEORIES.values(), *IMPULSES.values()],
                         ids=[*THEORIES, *IMPULSES])  # fmt: skip
def test_no_text_lies_over_another_or_leaves_the_paper(draw):
    picture = draw()
    assert picture.get_figheight() < 10.0  # a page
    check_texts(picture)


@pytest.mark.parametrize("draw", [THEORIES["three"], IMPULSES["three by two"]])
def test_the_same_bytes_each_time(draw, tmp_path):
    first, again = (draw().write_to(tmp_path / name, "figure") for name in ("one", "other"))
    for one, other in zip(first, again, strict=True):
        assert one.stat().st_size > (100 if one.suffix == ".txt" else 10_000)
        assert one.read_bytes() == other.read_bytes(), one.name


# --- theories ------------------------------------------------------------------------------------


def test_the_answer_is_told_in_words():
    figures, theories, decay = theories_of(NAMES[:5], MOMENTS)
    picture = draw_theories(figures, theories, decay, TITLES)
    told = figures["verdicts"]["the raid's day"]
    assert f"hardens Ukraine under {100 * told['r_u']['hardens']:.0f} %" in picture.title
    assert f"both under {100 * told['both harden']:.0f} %" in picture.title
    effects = {n: d["effect"] for n, d in
               figures["mechanisms_decide"]["z"]["the raid's day"].items()}  # fmt: skip
    largest = max(effects, key=lambda name: abs(effects[name]))
    assert f"changes the effect on Zone (Z) most: {largest}" in picture.description
    assert picture.description.startswith(picture.title)
    assert any("32 theories, 256 wars" in text and "seed 7" in text for text in words_of(picture))


def test_quadrants_hold_every_theory_once():
    effects = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1], [1, 1], [0, 1], [0, 0], [1, 1]]) * 0.1
    theories = pd.DataFrame(effects, columns=[f"{w}, the raid's day" for w in ("r_u", "r_d")])
    verdict = np.where(effects > 0, "hardens", np.where(effects < 0, "softens", "no effect"))
    verdict[0, 1] = "undecided"
    theories[[f"{w}, the raid's day verdict" for w in ("r_u", "r_d")]] = verdict
    assert quadrants(theories) == {
        (1, 1): (3 / 8, 2 / 8),
        (1, -1): (1 / 8, 1 / 8),
        (-1, 1): (1 / 8, 1 / 8),
        (-1, -1): (1 / 8, 1 / 8),
    }


@pytest.mark.parametrize("mechanisms", [NAMES[:3], NAMES])
def test_the_map_shows_every_theory(mechanisms):
    figures, theories, decay = theories_of(mechanisms, MOMENTS)
    picture = draw_theories(figures, theories, decay, TITLES)
    cells = next(
        part for axes in picture.axes for part in axes.collections
        if isinstance(part, PolyCollection) and part.get_array() is not None
    )  # fmt: skip
    assert cells.get_array().sum() == len(theories) == 2 ** len(mechanisms)


def test_what_hardens_and_what_softens_are_told_apart_in_grey():
    greys = [np.dot(to_rgb(c), (0.299, 0.587, 0.114)) for c in (BLUE, ORANGE, PALE, PAPER)]
    assert min(np.diff(greys)) > 0.14


def test_bars_of_verdicts_fill_the_width():
    figures, theories, decay = theories_of(NAMES[:5], MOMENTS)
    axes = draw_theories(figures, theories, decay, TITLES).axes[0]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_width() for bar in bars) == pytest.approx(100.0 * len(MOVED) * len(MOMENTS))
    harder = [bar.get_width() for bar in bars if to_hex(bar.get_facecolor()).upper() == ORANGE]
    told = [figures["verdicts"][m][w]["hardens"] for m in MOMENTS for w in MOVED]
    assert harder == pytest.approx([100.0 * share for share in told])


def test_a_zone_that_widens_is_drawn_as_softer():
    figures, theories, decay = theories_of(NAMES[:3], MOMENTS)
    for word in MOVED:
        figures["mechanisms_decide"][word]["the raid's day"] = {
            name: {"effect": 0.1, "alone": 0.3, "pairs": 0.0} for name in NAMES[:3]
        }
    picture = draw_theories(figures, theories, decay, TITLES)
    found = [
        {to_hex(patch.get_facecolor()).upper() for patch in axes.patches}
        for axes in picture.axes if axes.get_xlabel() == "Added (share of the stakes)"
    ]  # fmt: skip
    assert found == [{ORANGE}, {ORANGE}, {BLUE}]


def test_decay_is_of_the_theories_in_which_the_raid_flew():
    figures, theories, decay = theories_of(NAMES[:5], MOMENTS)
    grounded = decay.assign(theory=decay["theory"] + 1000, r_u=9.0, r_d=9.0, z=9.0)
    plain = draw_theories(figures, theories, decay, TITLES)
    more = draw_theories(figures, theories, pd.concat([decay, grounded]), TITLES)
    assert more.description == plain.description
    assert [axes.get_ylim() for axes in more.axes] == [axes.get_ylim() for axes in plain.axes]


def test_where_nothing_is_told_nothing_is_said_to_halve():
    words = words_of(THEORIES["nothing"]())
    assert words.count("no theory has a sure effect") == 3
    assert sum(text.endswith(": theories do not differ") for text in words) == 3


def test_moments_that_find_no_room_are_counted():
    words = words_of(THEORIES["many moments"]())
    assert any(text.startswith("5 of 12 moments shown; ") for text in words)
    assert sum("both harden" in text for text in words) == 5
    assert any(text.startswith("Round number 8") for text in words)  # the last is there


def test_an_effect_that_never_halves_is_said_to():
    figures, theories, decay = theories_of(NAMES[:3], MOMENTS)
    half = figures["half_lives"]["r_u"]
    figures["half_lives"]["r_u"] = half | {"halved": 0, "low": None, "median": None}
    words = words_of(draw_theories(figures, theories, decay, TITLES))
    assert f"none halves by day {DAYS - 1}" in words
    assert words.count(f"70 % halve by day {DAYS - 1} (median day 9)") == 2


# --- impulses ------------------------------------------------------------------------------------


def test_a_cell_says_sign_size_and_decay():
    figures, table = impulse_of(NAMES[:1], {"strike": "A strike"})
    table = table.assign(
        sign=["+", "-"], predicted=["+", "-"], size=[0.031, -0.12], **{"as predicted": True}
    )
    table["half-life, days"] = [40.0, np.nan]
    picture = draw_impulse(figures, table, SIDES)
    words = words_of(picture)
    assert all(text in words for text in ("+3.1", "40 d", "−12", "stays"))
    halves = [patch for patch in picture.axes[0].patches if isinstance(patch, Rectangle)]
    assert [to_hex(half.get_facecolor()).upper() for half in halves] == [ORANGE, BLUE]
    assert halves[0].get_y() < halves[1].get_y()  # the axis points down: the underdog above
    assert "A strike: cost, underdog +3.1 hundredths, 40 d; cost, favourite" in picture.description
    assert picture.description.endswith("Not as predicted: none.")


def test_a_sign_that_is_not_as_predicted_is_marked():
    figures, table = impulse_of(NAMES, STIMULI)
    picture = draw_impulse(figures, table, SIDES)
    wrong = table[~table["as predicted"]]
    assert len(wrong) > 5
    assert words_of(picture).count("≠0") == len(wrong)
    frames = [patch for patch in picture.axes[0].patches if not patch.get_fill()]
    assert len(frames) == len(wrong)
    first = wrong.iloc[0]
    assert f"{first['mechanism']} under {first['stimulus']}, {first['side']}" in picture.description
    assert "≠ not the predicted sign" in words_of(picture)


def test_what_is_not_told_from_zero_has_no_figures():
    figures, table = impulse_of(NAMES, STIMULI)
    words = words_of(draw_impulse(figures, table, SIDES))
    told = table[table["sign"] != "0"]
    decays = [text for text in words if text == "stays" or text.endswith(" d")]
    assert len(decays) == len(told)
    assert decays.count("stays") == told["half-life, days"].isna().sum()


def test_a_gate_neither_hardens_nor_softens():
    figures, table = impulse_of(["ripeness"], {"silence": "Nothing happens"})
    picture = draw_impulse(figures, table.assign(sign="+"), SIDES)
    words = words_of(picture)
    colours = {to_hex(patch.get_facecolor()).upper() for patch in picture.axes[0].patches}
    assert not colours & {ORANGE, BLUE}
    assert "† more or fewer wars in earnest" in words
    assert "hardens" not in words
    assert "ripeness †" in words


def test_every_stimulus_that_is_shipped_is_drawn():
    words = words_of(IMPULSES["those shipped"]())
    assert not any("stimuli shown" in text for text in words)
    assert {sentence(readable(name)) for name in shipped_stimuli()} <= set(words)


def test_stimuli_that_find_no_room_are_counted():
    words = words_of(IMPULSES["many stimuli"]())
    assert any(text.startswith("12 of 20 stimuli shown; ") for text in words)


def test_sizes_and_decay_in_words():
    sizes = (0.42, -0.0995, 0.031, -0.0034, 0.0007, 0.00002)
    assert [size_words(size) for size in sizes] == ["+42", "−10", "+3.1", "−0.3", "+0.07", "<0.01"]
    assert [decay_words(days) for days in (0.0, 40.0, None, np.nan)] == [
        "0 d", "40 d", "stays", "stays",
    ]  # fmt: skip


# --- the project's own experiments ---------------------------------------------------------------


def test_the_experiments_that_come_with_the_project_are_drawn(tmp_path):
    few = {"runs": 24, "mechanisms": NAMES[:3]}
    three = few | {"odds": None}
    asked = load_experiment(EXPERIMENTS / "theories.yaml").model_copy(update=three)
    store = Store(tmp_path, question(asked, EXPERIMENTS))
    run_into(store, workers=1)
    picture = draw_theories(*signs.answer(store), TITLES)
    assert "Istanbul 3: Ukraine (r_u)" in picture.description
    impulse = load_experiment(EXPERIMENTS / "impulse.yaml")
    stimuli = {name: impulse.stimuli[name] for name in ("silence", "strike")}
    few |= {
        "stimuli": stimuli,
        "predicted": {name: impulse.predicted[name] for name in NAMES[:3]},
    }
    table, figures = run_impulse(impulse.model_copy(update=few), EXPERIMENTS)
    drawn = draw_impulse(figures, table, SIDES)
    assert sum(map(int, re.findall(r"of (\d+)", drawn.title))) == 2 * 3 * len(stimuli)
