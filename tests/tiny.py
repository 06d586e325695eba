"""A tiny valid war as YAML text, and small questions asked of it."""

from pathlib import Path

SOURCES = """\
field2025: {title: A report from the field}
price2024: {title: A price list}
"""

# Two sides, two sites, one raid, two meetings. Tests name lines and columns of this text.
WAR = """\
# a comment in line 1
name: tiny
title: A tiny war
question: What does one raid do to two meetings?
sources: sources.yaml
start: 2025-01-01
end: 2025-01-10
sides:
  hares:
    title: Hares
    role: underdog
    arsenal:
      dart: {stock: {value: 40, low: 30, high: 50, assumed: guess}}
  bears: {title: Bears, role: favourite}
weapons:
  dart:
    title: Dart
    unit_cost: {value: 2, low: 1, high: 4, unit: kUSD, source: price2024}
    speed: {value: 120, unit: km/h, assumed: guess}
    p_works: {value: 0.9, low: 0.8, high: 1, assumed: guess}
    signature: {value: 1, assumed: the reference}
    jam_susceptibility: {value: 1, assumed: the reference}
    p_hit: {value: 0.5, low: 0.2, high: 0.7, source: field2025}
    p_destroy: {value: 0.4, source: [field2025, price2024]}
assets:
  plane:
    title: Plane
    group: aircraft
    value: {value: 3, low: 1, high: 9, law: lognormal, unit: MUSD, assumed: guess}
    repair_cost: {value: 20, unit: percent, assumed: guess}
    repair_time: {value: 2, unit: week, assumed: guess}
units:
  gun:
    kind: shooter
    title: Gun
    range: {value: 4, unit: km, assumed: guess}
    detection_rate: {value: 60, unit: 1/h, assumed: guess}
    reaction: {value: 6, unit: s, assumed: guess}
    channels: {value: 1, assumed: guess}
    service: {value: 0.5, unit: min, assumed: guess}
    max_shots: {value: 2, assumed: guess}
    salvo: {value: 1, assumed: guess}
    magazine: {value: 10, assumed: guess}
    round_cost: {value: 100, unit: USD, assumed: guess}
    p_kill: {dart: {value: 0.3, low: 0.1, high: 0.5, assumed: guess}}
sites:
  north:
    title: North
    side: bears
    position: {lat: 51.0, lon: 37.0, assumed: made up}
    assets: {plane: {count: {value: 6, assumed: guess}}}
    defence: {gun: {count: {value: 2, assumed: guess}}}
  south:
    title: South
    side: bears
    position: {lat: 50.5, lon: 36.5, assumed: made up}
    assets: {plane: {count: {value: 4, low: 2, high: 8, assumed: guess}}}
launch_areas:
  wood: {title: Wood, side: hares, position: {lat: 50.2, lon: 36.0, assumed: made up}}
raids:
  dawn:
    title: Dawn
    by: hares
    date: 2025-01-05
    delivery: {kind: direct}
    waves:
      first: {weapon: dart, count: {value: 20, assumed: guess}, at: [north, south], launch_from: \
wood}
reports:
  hares:
    overclaim: {value: 1.5, assumed: guess}
    underclaim: {value: 0.5, assumed: guess}
    leader: {truth: {value: 1, assumed: guess}, own_report: {value: 0, assumed: guess}, \
enemy_report: {value: 0, assumed: guess}}
    public: {truth: {value: 0, assumed: guess}, own_report: {value: 1, assumed: guess}, \
enemy_report: {value: 1, assumed: guess}}
  bears:
    overclaim: {value: 1.2, assumed: guess}
    underclaim: {value: 0.4, assumed: guess}
    leader: {truth: {value: 1, assumed: guess}, own_report: {value: 1, assumed: guess}, \
enemy_report: {value: 0, assumed: guess}}
    public: {truth: {value: 0, assumed: guess}, own_report: {value: 1, assumed: guess}, \
enemy_report: {value: 0, assumed: guess}}
front:
  rungs: {value: 10, assumed: guess}
  start: {value: 5, assumed: guess}
  p_move: {value: 0.1, assumed: guess}
  p_underdog_advances: {value: 0.4, assumed: guess}
minds:
  hares:
    p_win: {value: 0.6, low: 0.4, high: 0.7, assumed: guess}
    confidence: {value: 10, assumed: guess}
    cost: {value: 0.15, assumed: guess}
    demand: {value: 0.9, assumed: guess}
    expected_loss: {value: 0.02, assumed: guess}
    expected_gain: {value: 0.02, assumed: guess}
    foresight: {value: 5, assumed: guess}
  bears:
    p_win: {value: 0.7, low: 0.5, high: 0.8, assumed: guess}
    confidence: {value: 10, assumed: guess}
    cost: {value: 0.1, assumed: guess}
    demand: {value: 0.9, assumed: guess}
    expected_loss: {value: 0.01, assumed: guess}
    expected_gain: {value: 0.02, assumed: guess}
    foresight: {value: 5, assumed: guess}
mechanisms:
  cost:
    on: true
    per_loss: {value: 0.5, low: 0.1, high: 2, assumed: guess}
    lasts: {value: 2, unit: month, assumed: guess}
  rally:
    on: false
    per_surprise: {value: 0.01, low: -0.02, high: 0.06, assumed: guess}
    lasts: {value: 45, unit: day, assumed: guess}
talks:
  meetings: {before: 2025-01-03, after: 2025-01-07}
  protocol: {kind: nash, underdog_weight: {value: 0.5, assumed: guess}}
  issues:
    land:
      title: Land
      ideal: {hares: {value: 1, assumed: guess}, bears: {value: 0, assumed: guess}}
      salience: {hares: {value: 1, assumed: guess}, bears: {value: 1, assumed: guess}}
  ceasefire: {p_violation: {value: 0.3, assumed: guess}}
reported:
  their_count:
    outcome: dawn_aircraft_hit
    by: the hares
    kind: claim
    used_for: validation
    figure: {value: 6, source: field2025}
"""

# Each of its own kind, and as quick as one can be.
THEORIES = """\
kind: theories
name: small
title: Small
question: Who hardens?
scenario: focused.yaml
mechanisms: [cost]
region: {half_width: 0.005, because: small}
runs: 6
"""
IMPULSE = """\
kind: impulse
name: small
title: Small
question: What does a blow do?
scenario: focused.yaml
mechanisms: [cost]
runs: 2
stimuli:
  blow:
    title: Blow
    events:
      first: {kind: blow, title: B, on: bears, date: 2025-01-04, loss: {value: 0.1, assumed: a}}
"""
CHOICE = """\
kind: choice
name: small
title: Small
question: What should the bears buy?
scenario: focused.yaml
options: {levers: {cover: {none: {}, some: {set: {weapons.dart.p_hit: 0.3}}}}}
objectives: {z_end: {better: large}, price_usd: {better: small}}
runs: 20
more: 20
"""


def write_questions(folder: Path) -> None:
    """The questions, and the war they are asked of; its sources lie there already."""
    (folder / "focused.yaml").write_text(f"{WAR}focus: dawn\n", encoding="utf-8")
    (folder / "theories.yaml").write_text(THEORIES, encoding="utf-8")
    (folder / "impulse.yaml").write_text(IMPULSE, encoding="utf-8")
    (folder / "choice.yaml").write_text(CHOICE, encoding="utf-8")
