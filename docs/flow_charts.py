"""The flow charts of docs/odd.md, drawn from the code's own order of calls.

A step is a call of a function of ours: its name, and the first sentence of its docstring. Loops and
conditions are frames around the steps in them. So a chart says what the code does, in its order.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any, NamedTuple

from sim.raid import fly as raids
from sim.raid import kernel
from sim.war.agents.attacker import Attacker
from sim.war.agents.defender import Defender
from sim.war.agents.mediator import Mediator
from sim.war.agents.negotiator import Negotiator
from sim.war.model import War
from sim.war.record import Recorder

WIDTH, LINE, GAP, PAD = 860, 17, 16, 14
_LETTERS_A_LINE = 82
_OWNERS: Mapping[str, Any] = {
    "self": War,
    "attacker": Attacker,
    "defender": Defender,
    "negotiator": Negotiator,
    "self.mediator": Mediator,
    "self.recorder": Recorder,
}


class Step(NamedTuple):
    """A call: whose it is, and what it does."""

    name: str
    summary: str


class Frame(NamedTuple):
    """Steps that are taken again, or only where something holds."""

    label: str
    inside: "list[Step | Frame]"


Flow = list[Step | Frame]


class UndrawableError(Exception):
    """A step without words for it."""


def day() -> str:
    """A day of the war: what `War.step` calls, a raid's own calls among it."""
    return svg("A day", flow(War.step, _of_the_war))


def raid() -> str:
    """A raid in one run: what `kernel.fly` calls."""
    return svg("A raid", flow(kernel.fly, _of_the_kernel))


def flow(function: Any, step_of: Callable[[ast.Call], "Step | Flow | None"]) -> Flow:
    """The steps of a function in the order of its code; `step_of` says which calls are steps."""
    source = textwrap.dedent(inspect.getsource(getattr(function, "py_func", function)))
    return list(_in_block(ast.parse(source).body[0].body, step_of))  # type: ignore[attr-defined]


def _in_block(body: list[ast.stmt], step_of: Callable[[ast.Call], Any]) -> Iterator[Step | Frame]:
    for place, statement in enumerate(body):
        if isinstance(statement, ast.For | ast.If):
            is_loop = isinstance(statement, ast.For)
            asked = statement.iter if isinstance(statement, ast.For) else statement.test
            yield from _in_calls(asked, step_of)
            inside = list(_in_block(statement.body, step_of))
            if not inside:
                continue
            each = f"{ast.unparse(statement.target)} in " if isinstance(statement, ast.For) else ""
            yield Frame(f"{'for' if is_loop else 'if'} {each}{ast.unparse(asked)}", inside)
            if isinstance(statement.body[-1], ast.Return):
                yield Frame("else", list(_in_block(body[place + 1 :], step_of)))
                return
        elif not isinstance(statement, ast.Raise):
            yield from _in_calls(statement, step_of)


def _in_calls(node: ast.AST, step_of: Callable[[ast.Call], Any]) -> Iterator[Step | Frame]:
    """The steps of an expression, what is inside a call before the call."""
    for child in ast.iter_child_nodes(node):
        yield from _in_calls(child, step_of)
    if isinstance(node, ast.Call):
        step = step_of(node)
        if isinstance(step, list):
            yield from step
        elif step is not None:
            yield step


def _of_the_war(call: ast.Call) -> "Step | Flow | None":
    owner, _, name = ast.unparse(call.func).rpartition(".")
    if name == "do":  # of Mesa's: each agent of a class
        agents = ast.unparse(call.func).split("agents_by_type[")[1]
        kind, method = agents.split("]")[0], call.args[0]
        found = next(o for o in _OWNERS.values() if o.__name__ == kind)
        return _step(found, method.value)  # type: ignore[attr-defined]
    if owner == "self" and name in ("_raid", "_fly"):
        return flow(getattr(War, name), _of_the_war)
    if not owner and name in ("fly", "fly_once"):
        return Step(name, _summary(getattr(raids, name)))
    if owner not in _OWNERS or name == "draw":
        return None
    return _step(_OWNERS[owner], name)


def _of_the_kernel(call: ast.Call) -> "Step | None":
    name = ast.unparse(call.func)
    function = getattr(kernel, name, None)
    return None if function is None else Step(name, _summary(function))


def _step(owner: type, name: str) -> Step:
    return Step(f"{owner.__name__}.{name}", _summary(getattr(owner, name)))


def _summary(function: Any) -> str:
    words = inspect.getdoc(getattr(function, "py_func", function))
    if not words:
        raise UndrawableError(
            f"{function.__qualname__} says nothing of itself, expected a docstring"
        )
    return " ".join(words.split("\n\n")[0].split()).replace("`", "")


# --- drawing -------------------------------------------------------------------------------------


def svg(title: str, steps: Flow) -> str:
    """The chart as an SVG of plain shapes and texts."""
    parts, height = _drawn(steps, PAD, PAD, WIDTH - 2 * PAD)
    size = f'width="{WIDTH}" height="{height + PAD}" viewBox="0 0 {WIDTH} {height + PAD}"'
    style = (
        "text{font:13px sans-serif;fill:#222}.name{font-family:monospace;font-weight:bold}"
        ".where{font-family:monospace;fill:#555}rect{fill:#fff;stroke:#555}"
        ".frame{fill:#0000000a;stroke:#999;stroke-dasharray:5 3}path{stroke:#555;fill:none}"
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
        f"<style>{style}</style>",
        f'<rect x="0" y="0" width="{WIDTH}" height="{height + PAD}" style="stroke:none"/>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _drawn(steps: Flow, x: int, y: int, width: int) -> tuple[list[str], int]:
    """Steps below each other from `y` on, with arrows; and where they end."""
    parts: list[str] = []
    for place, step in enumerate(steps):
        if place:
            parts.append(_arrow(x + width // 2, y))
            y += GAP
        drawn, y = _box(step, x, y, width) if isinstance(step, Step) else _frame(step, x, y, width)
        parts += drawn
    return parts, y


def _arrow(x: int, y: int) -> str:
    tip = y + GAP - 2
    return f'<path d="M{x} {y}V{tip}M{x - 4} {tip - 5}L{x} {tip}L{x + 4} {tip - 5}"/>'


def _box(step: Step, x: int, y: int, width: int) -> tuple[list[str], int]:
    lines = textwrap.wrap(step.summary, _LETTERS_A_LINE)
    height = LINE * len(lines) + 12
    texts = [_text(x + 246, y + 17 + LINE * k, line) for k, line in enumerate(lines)]
    box = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3"/>'
    return [box, _text(x + 8, y + 17, step.name, "name"), *texts], y + height


def _frame(frame: Frame, x: int, y: int, width: int) -> tuple[list[str], int]:
    inside, end = _drawn(frame.inside, x + PAD, y + 26, width - 2 * PAD)
    height = end + PAD - y
    box = f'<rect class="frame" x="{x}" y="{y}" width="{width}" height="{height}" rx="3"/>'
    return [box, _text(x + 8, y + 18, frame.label, "where"), *inside], y + height


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f'<text{mark} x="{x}" y="{y}">{escape(words)}</text>'
