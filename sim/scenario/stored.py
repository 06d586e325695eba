"""A scenario as a manifest stores it, and the hash of its content."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.schema import Scenario


def stored(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a manifest has it: enough to read it back without any file."""
    return {
        "overrides": list(scenario.overrides),
        "scenario_text": scenario.text,
        "scenario_as_run": scenario.model_dump(mode="json", exclude_none=True),
        "sources": scenario.cited,
        "code": scenario.code,
    }


def from_stored(entries: Mapping[str, Any]) -> Scenario:
    """The scenario that `stored` gave the entries of.

    Raises KeyError where one is missing, ScenarioError where one is damaged.
    """
    try:
        scenario = Scenario.model_validate(entries["scenario_as_run"])
    except ValidationError:
        message = "is no scenario, expected it as it was stored"
        raise ScenarioError([Problem("manifest.json", 0, 0, "scenario_as_run", message)]) from None
    scenario._text, scenario._overrides = entries["scenario_text"], tuple(entries["overrides"])
    scenario._cited, scenario._code = entries["sources"], entries["code"]
    return scenario


def content_hash(scenario: Scenario, *others: object) -> str:
    """The SHA-256 of all the content of a scenario, and of whatever else decides a result."""
    digest = hashlib.sha256(scenario.model_dump_json(exclude={"sources"}).encode())
    for name, code in sorted(scenario.code.items()):
        digest.update(f"\0{name}\0{code}".encode())
    for other in others:
        digest.update(b"\0" + repr(other).encode())
    return digest.hexdigest()
