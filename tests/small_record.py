"""A made-up war of three months with its record and polls, and a weighing of it, as files."""

import datetime
import json

import numpy as np
from scipy.special import expit
from strategies import RAID, figure, war

COUNTS = {
    "title": "Swaps", "half_life_days": 365, "because": "a test",
    "numbers": {
        "title": "N", "rows": {"2025-01": 3, "2025-02": 1, "2025-03": 2}, "assumed": "made up",
    },
    "sizes": {"title": "Came home", "rows": {"2025-01": 100, "2025-02": 50, "2025-03": 200},
              "assumed": "made up"},
}  # fmt: skip
REGION = {"half_width": 0.005, "because": "a test"}


def record(folder, planted=None):
    """A made-up war of three months with its record, waves of two polls, and a weighing of it.

    The waves are flat, or those of a side that tires: they follow `planted` (logits by day).
    """
    data = war(start="2025-01-01", end="2025-03-31")
    data |= {"raids": {}, "focus": None, "events": {}, "war_began": "2025-01-01"}
    for side in data["sides"].values():
        side.pop("tempo", None), side.pop("retaliation", None)
    data["front"] |= {"p_move": figure(0), "rungs": figure(100), "start": figure(50)}
    lost = {f"2025-{month:02}": 1000.0 for month in range(1, 4)}
    data["history"] = {
        "losses": {
            side: {
                "places_hit": {"title": "P", "rows": lost, "assumed": "made up"},
                "loss_per_place": figure(2e-5),
            }
            for side in data["sides"]
        }
    }
    data["mechanisms"] = {
        "cost": {"on": True, "per_loss": wide(0.5, 0.2, 1), "lasts": days(60)},
        "weariness": {"on": True, "per_decade": wide(0.2, 0.1, 0.3), "days_per_loss": days(0)},
        "rally": {"on": True, "per_surprise": wide(0.01, 0, 0.05), "lasts": days(15)},
    }
    asked = np.arange(5, 90, 5)
    logits = np.zeros(len(asked)) if planted is None else planted(asked)
    start = datetime.date(2025, 1, 1)
    waves = [
        {"date": str(start + datetime.timedelta(int(day))), "soft": figure(float(expit(x)))}
        for day, x in zip(asked, logits, strict=True)
    ]
    data["polls"] = {
        side: {
            "title": f"Poll in {side}", "of": side, "asks": "concede", "by": "nobody",
            "question": "Well?", "wording": figure(0), "n": figure(4000),
            "error_times": figure(1), "waves": waves,
        }
        for side in data["sides"]
    }  # fmt: skip
    walk = {"end_war": figure(0.2), "concede": figure(0.2)}
    data["discrepancy"] = dict.fromkeys(data["sides"], walk)
    (folder / "record.yaml").write_text(json.dumps(data), encoding="utf-8")
    because = "a test"
    weighing = {
        "kind": "weighing", "name": "small", "title": "Small", "question": "What moves them?",
        "scenario": "record.yaml", "scales": {"values": [1], "because": because},
        "pairs": [["cost", "weariness"]],
        "spreads": {"values": [0.05, 0.2], "because": because},
        "wanders": {"values": [0.05, 0.2], "because": because},
        "scored_from": "2025-02-01", "runs": 1000, "runs_alone": 100,
        "headline": {"scenario": "raid.yaml", "region": REGION, "draws": 200},
        "studies": {"storm": {"title": "Storm", "date": "2025-02-10", "days": 30}},
        "ahead": {
            "until": "2025-05-31", "as_in": "2025-02-01/2025-03-31", "because": because,
            "by": ["2025-04-30", "2025-05-31"], "seen": {"attacker": ["2025-04"]},
            "counts": {"swaps": COUNTS},
        },
        "next": {
            "respondents": 1000, "offers": [0.5],
            "steps": {"truce": {"title": "A truce", "quiet": "2025-04-01/2025-04-20"}},
        },
    }  # fmt: skip
    raided = war() | {"mechanisms": data["mechanisms"], "focus": RAID}
    del raided["sides"]["attacker"]["tempo"], raided["talks"]
    (folder / "raid.yaml").write_text(json.dumps(raided, default=str), encoding="utf-8")
    (folder / "small.yaml").write_text(json.dumps(weighing), encoding="utf-8")
    return folder / "small.yaml"


def days(value):
    return figure(value) | {"unit": "day"}


def wide(value, low, high):
    return figure(value) | {"low": low, "high": high}
