"""Every key of an experiment's file, of every kind, is honoured or refused: none is in vain."""

import json

import pytest
from strategies import RAID, figure, war

from sim.experiment.errors import ExperimentError
from sim.experiment.questions import choose, impulse, play, sweep, theories
from sim.experiment.questions.signs import answer as answer_of_theories
from sim.experiment.questions.surface import answer as answer_of_sweep
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import EXPERIMENTS, Stimulus
from sim.scenario.load import load_experiment

P_HIT = "weapons.fpv.p_hit"
LEVERS = {
    "years": 2.0,
    "budget": ["1 MUSD"],
    "levers": {
        "sold": {
            "none": {},
            "some": {
                "count": figure(2),
                "price": {
                    "buying": {
                        "value": 1000,
                        "low": 500,
                        "high": 2000,
                        "unit": "USD",
                        "source": "a",
                    }
                },
                "set": {"mechanisms.cost.per_loss": 0.9},
            },
        }
    },
}
ASKED = {
    "sweep": {
        "design": "latin_hypercube",
        "points": 4,
        "levers": {"theory": {"a": {"mechanisms.cost.on": False}, "b": {}}},
        "uncertainties": {P_HIT: "0.2:0.8"},
        "without": ["publics"],
        "constants": {"front.p_move": 0.5},
        "outcomes": ["r_u_end"],
        "contrast": "theory",
        "titles": {"theory": "what acts"},
    },
    "theories": {
        "mechanisms": ["cost", "rally"],
        "region": {"half_width": 0.005, "because": "small"},
        "odds": {"times": {"cost": 2.0}, "because": "a test"},
    },
    "impulse": {
        "without": ["publics"],
        "set": {"mechanisms.cost.per_loss": 0.4},
        "mechanisms": ["cost", "rally"],
        "stimuli": {
            "blow": {
                "title": "A blow",
                "set": {"minds.attacker.p_win": 0.4},
                "events": {
                    "blow": {"kind": "blow", "title": "Blow", "date": "2025-01-10",
                             "on": "attacker", "loss": figure(0.2)}
                },
            }
        },
        "predicted": {"cost": {"blow": ["-", "0"]}},
    },
    "choice": {
        "runs": 20,
        "sources": "sources.yaml",
        "without": ["publics"],
        "constants": {"minds.attacker.cost": 0.1},
        "options": LEVERS | {
            "levers": {"aim": {"drawn": {}, "known": {"set": {P_HIT: 0.5}}}} | LEVERS["levers"]
        },
        "uncertainties": {
            "hope": {
                "low": {"chance": 0.5, "because": "a test", "set": {"minds.attacker.p_win": 0.4}},
                "high": {"chance": 0.5, "because": "a test"},
            }
        },
        "theories": {
            "mechanisms": ["cost"], "odds": {"times": {"cost": 2.0}, "because": "a test"},
        },
        "objectives": {
            "r_u_end": {"better": "large", "weight": 1.0}, "price_usd": {"better": "small"},
        },
        "constraints": {"some": {"outcome": "z_end", "at_least": -9.0, "in_share": 0.5}},
        "more": 40,
    },
    "game": {
        "runs": 20,
        "sources": "sources.yaml",
        "without": ["publics"],
        "constants": {"minds.attacker.cost": 0.1},
        "players": {
            "one": {"options": LEVERS, "wants": {"outcome": "r_u_end", "better": "large"}},
            "other": {
                "options": {"levers": {"hit": {"rare": {"set": {P_HIT: 0.1}}, "often": {}}}},
                "wants": {"outcome": "r_u_end", "better": "small"},
            },
        },
    },
}  # fmt: skip
"""An experiment of each kind in which every key of its schema stands."""

KINDS = [kind for kind in EXPERIMENTS if kind != "weighing"]
"""A weighing takes a thousand wars: `test_weighing` holds its keys."""

SHARED = {"name": "small", "title": "Small", "question": "What?", "scenario": "war.yaml",
          "runs": 4, "seed": 1}  # fmt: skip

OTHER = {
    "name": "other",
    "title": "Another",
    "question": "What else?",
    "scenario": "calm.yaml",
    "runs": 6,
    "seed": 2,
    "sweep.design": "random",
    "sweep.points": 6,
    "sweep.levers": {"theory": {"a": {"mechanisms.rally.on": False}, "b": {}}},
    "sweep.uncertainties": {P_HIT: "0.3:0.9"},
    "sweep.without": ["publics", "sides.defender.tempo"],
    "sweep.constants": {"front.p_move": 0.1},
    "sweep.outcomes": ["r_d_end"],
    "sweep.contrast": None,
    "sweep.titles": {"theory": "which theory"},
    "theories.mechanisms": ["cost", "image"],
    "theories.region": {"half_width": 0.05, "because": "small"},
    "theories.odds": {"times": {"cost": 3.0}, "because": "a test"},
    "impulse.without": ["publics", "sides.defender.tempo"],
    "impulse.set": {"mechanisms.cost.per_loss": 0.9},
    "impulse.mechanisms": ["cost", "rally", "image"],
    "impulse.stimuli": {"blow": {"title": "Nothing"}},
    "impulse.predicted": {"cost": {"blow": ["+", "0"]}},
    "choice.runs": 24,
    "choice.sources": "others.yaml",
    "choice.without": ["publics", "sides.defender.tempo"],
    "choice.constants": {"minds.attacker.cost": 0.2},
    "choice.options": LEVERS | {"years": 3.0, "levers": {"sold": {"none": {}}}},
    "choice.uncertainties": {},
    "choice.theories": None,
    "choice.objectives": {"r_d_end": {"better": "large"}},
    "choice.constraints": {},
    "choice.more": 0,
    "game.runs": 24,
    "game.sources": "others.yaml",
    "game.without": ["publics", "sides.defender.tempo"],
    "game.constants": {"minds.attacker.cost": 0.2},
    "game.players": {
        "first": ASKED["game"]["players"]["one"],
        "second": ASKED["game"]["players"]["other"],
    },
}
"""Another value of each key, which an answer has to show."""

IN_VAIN = {
    "sweep.without": ["no.such.part"],
    "sweep.constants": {"no.such.path": 1},
    "sweep.outcomes": ["no_such_outcome"],
    "sweep.contrast": "no such lever",
    "sweep.titles": {"no such factor": "x"},
    "sweep.levers": {"theory": {"a": {"no.such.path": 1}, "b": {}}},
    "sweep.uncertainties": {"no.such.path": "0.1:0.2"},
    "theories.mechanisms": ["no-such"],
    "theories.odds": {"times": {"no-such": 2.0}, "because": "a test"},
    "impulse.without": ["no.such.part"],
    "impulse.set": {"no.such.path": 1},
    "impulse.mechanisms": ["no-such"],
    "impulse.predicted": {"cost": {"no-such-stimulus": ["+", "0"]}},
    "choice.sources": "no-such.yaml",
    "choice.without": ["no.such.part"],
    "choice.constants": {"no.such.path": 1},
    "choice.options": {"levers": {"sold": {"some": {"set": {"no.such.path": 1}}}}},
    "choice.uncertainties": {
        "hope": {"low": {"chance": 1.0, "because": "a test", "set": {"no.such.path": 1}}}
    },
    "choice.theories": {"mechanisms": ["no-such"]},
    "choice.objectives": {"no_such_outcome": {"better": "large"}},
    "choice.constraints": {"some": {"outcome": "no_such", "at_most": 1.0, "in_share": 0.5}},
    "game.sources": "no-such.yaml",
    "game.without": ["no.such.part"],
    "game.constants": {"no.such.path": 1},
    "game.players": {
        "one": ASKED["game"]["players"]["one"],
        "other": ASKED["game"]["players"]["other"]
        | {"wants": {"outcome": "no_such_outcome", "better": "small"}},
    },
}


@pytest.fixture
def folder(tmp_path):
    for name, p_win in (("war", 0.9), ("calm", 0.8)):
        data = war()
        data["minds"]["defender"]["p_win"] = figure(p_win)
        data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.2, high=0.8)
        data["focus"] = RAID
        del data["sides"]["attacker"]["tempo"]
        (tmp_path / f"{name}.yaml").write_text(json.dumps(data, default=str))
    (tmp_path / "sources.yaml").write_text("a: {title: A}")
    (tmp_path / "others.yaml").write_text("a: {title: B}")
    return tmp_path


@pytest.fixture(autouse=True)
def resampled_seldom(monkeypatch):
    """How sure a mix is is told from a few wars drawn anew: which keys matter hangs on none."""
    monkeypatch.setattr(play, "_RESAMPLED", 5)


def asked(folder, kind, **changes):
    file = folder / "experiment.yaml"
    file.write_text(json.dumps({"kind": kind} | SHARED | ASKED[kind] | changes))
    return load_experiment(file)


def answer(folder, kind, **changes):
    """All that an answer says: words, figures and tables."""
    read = asked(folder, kind, **changes)
    shown = [read.name, read.title, read.question]  # the folder, the heading, the first words
    if kind == "impulse":
        table, figures = impulse.run_impulse(read, folder)
        return [*shown, figures, table.to_csv()]
    if kind == "theories":
        store = theories.Store(folder / "out", theories.question(read, folder))
        theories.run_into(store, workers=1)
        figures, table, _ = answer_of_theories(store)
        return [*shown, figures, table.to_csv()]
    if kind in ("choice", "game"):
        found = (
            (choose if kind == "choice" else play)
            .Question(read, folder)
            .answer(folder / "out", workers=1)
        )
        tables = [table.to_csv() for table in found.frames.values()]
        return [*shown, found.figures, *tables]
    question = sweep.question(read, folder)
    results = sweep.store_of(folder / "out", question)
    sweep.run_into(results, question, workers=1)
    figures, table = answer_of_sweep(results, question)
    return [*shown, figures, table.to_csv()]


def test_every_key_stands_in_what_is_tried():
    for kind in KINDS:
        schema = EXPERIMENTS[kind]
        assert set(schema.model_fields) == {"kind", *SHARED, *ASKED[kind]}
        assert {f"{kind}.{key}" for key in ASKED[kind]} <= set(OTHER)
    assert set(ASKED["impulse"]["stimuli"]["blow"]) == set(Stimulus.model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_another_value_of_any_key_is_another_answer(folder, kind):
    as_it_is = repr(answer(folder, kind))
    for key in (*SHARED, *ASKED[kind]):
        changed = {key: OTHER.get(f"{kind}.{key}", OTHER.get(key))}
        assert repr(answer(folder, kind, **changed)) != as_it_is, key


def test_each_part_of_a_stimulus_is_another_answer(folder):
    as_it_is = repr(answer(folder, "impulse"))
    stimulus = ASKED["impulse"]["stimuli"]["blow"]
    for changed in ({"title": "Another"}, {"set": {"minds.attacker.p_win": 0.3}}, {"events": {}}):
        told = answer(folder, "impulse", stimuli={"blow": stimulus | changed})
        assert repr(told) != as_it_is, changed


@pytest.mark.parametrize("key", IN_VAIN)
def test_what_would_be_read_in_vain_is_refused(folder, key):
    kind, _, name = key.partition(".")
    with pytest.raises((ExperimentError, ScenarioError)) as told:
        answer(folder, kind, **{name: IN_VAIN[key]})
    assert "expected" in str(told.value) or "did you mean" in str(told.value)


@pytest.mark.parametrize(
    ("kind", "key", "twice"),
    [
        ("sweep", "outcomes", ["z_end", "z_end"]),
        ("theories", "mechanisms", ["cost", "cost"]),
        ("impulse", "mechanisms", ["cost", "cost"]),
    ],
)
def test_what_stands_twice_is_refused(folder, kind, key, twice):
    with pytest.raises(ScenarioError, match="is given twice"):
        answer(folder, kind, **{key: twice})


def test_neither_order_nor_names_of_what_is_varied_matter(folder):
    """Means are those of the levels, wherever they stand and whatever they are called."""
    levers = {
        "aim": {"fixed": {f"raids.{RAID}.waves.wave.aim": "assigned"},
                "free": {f"raids.{RAID}.waves.wave.aim": "opportune"}},
        "theory": {"a": {"mechanisms.cost.on": False, "front.p_move": 0.1}, "b": {}},
    }  # fmt: skip
    plain = {"design": "grid", "points": None, "uncertainties": {}, "contrast": "aim",
             "without": [], "constants": {}, "titles": {}}  # fmt: skip
    one = answer(folder, "sweep", **plain, levers=levers)[3]
    turned = {
        name: dict(reversed([(label, dict(reversed(list(settings.items()))))
                             for label, settings in levels.items()]))
        for name, levels in reversed(levers.items())
    }  # fmt: skip
    other = answer(folder, "sweep", **plain, levers=turned)[3]
    for name, levels in one["alone"]["r_u_end"].items():
        for level, found in levels.items():
            assert other["alone"]["r_u_end"][name][level] == pytest.approx(found)
    renamed = {
        "how": {"1": levers["aim"]["fixed"], "2": levers["aim"]["free"]}, "theory": levers["theory"]
    }  # fmt: skip
    named = answer(folder, "sweep", **(plain | {"contrast": "how"}), levers=renamed)[3]
    means = [[found["mean"] for found in told["alone"]["r_u_end"][name].values()]
             for told, name in ((one, "aim"), (named, "how"))]  # fmt: skip
    assert means[0] == means[1]
    places = [told["contrast"]["r_u_end"]["places"] for told in (one, named)]
    assert [place["mean"] for place in places[0]] == [place["mean"] for place in places[1]]
