"""The mechanisms of a war in the order they act: those of the house, then the user's own."""

from sim.rules.hardening import MECHANISMS, Mechanism
from sim.scenario.code import own_function
from sim.scenario.schema import Own, Scenario


def mechanisms_of(scenario: Scenario) -> dict[str, Mechanism]:
    """The mechanisms that are on, by name. Runs the code of the user's own anew."""
    acts: dict[str, Mechanism] = {}
    for name in scenario.mechanisms.switched_on:
        block = getattr(scenario.mechanisms, name)
        if isinstance(block, Own):
            modules = {file: text for file, text in scenario.code.items() if file.endswith(".py")}
            code = scenario.code[name]
            acts[name] = own_function(f"mechanisms.{name}", block.path, code, modules)
        else:
            acts[name] = MECHANISMS[name]
    return acts
