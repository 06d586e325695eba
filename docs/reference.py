"""The pages of docs/ that are written from the code, so that they cannot say another thing.

`python docs/reference.py` writes them, for who reads them where the code is hosted; a test holds
them to the code, and the site takes them from the code itself. What has no words in the code, or
words for what is not there, stops both.
"""

import ast
import datetime
import importlib
import inspect
import pkgutil
import re
import textwrap
import types
import typing
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import flow_charts
import notebook
import typer
from pydantic import AfterValidator, BaseModel, Discriminator, WrapValidator
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

import sim.rules
from sim.cli import app
from sim.scenario.figure import LARGEST, Figure
from sim.scenario.schema import Name, Own, Scenario
from sim.scenario.schema.history import PeriodName
from sim.scenario.text.units import spellings

ROOT = Path(__file__).parents[1]
TOUR = ROOT / "docs" / "tour.ipynb"
KEY = re.compile(r"\b[a-z]+(?:_[a-z]+)*(?:1[89]|20)\d\d[a-z]?\b")
"""The form of a key of the register of sources."""
API = (
    "sim.load",
    "sim.run",
    "sim.compare",
    "sim.sweep",
    "sim.run_experiment",
    "sim.sensitivity",
    "sim.discover",
    "sim.calibrate",
    "sim.weigh",
    "sim.choose",
    "sim.forecast",
    "sim.read",
    "sim.Answer",
    "sim.Record",
    "sim.Contrast",
    "sim.Scenario",
    "sim.Figure",
    "sim.War",
    "sim.Negotiator",
    "sim.Announced",
    "sim.war.agents.attacker.Attacker",
    "sim.war.agents.defender.Defender",
    "sim.Cluster",
    "sim.ScenarioError",
    "sim.ExperimentError",
    "sim.WorkerError",
    "sim.SettingsError",
)
"""The public names in Python, in the order in which they are met."""


class UntoldError(Exception):
    """Something that the code leaves without words, or words for something that is not there."""


# --- commands ------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments and options."""
    parts = [
        "# Command line",
        "This page lists the arguments and options of all commands, as `sim COMMAND --help` prints "
        "them. [Commands](commands.md) explains the commands with examples.",
    ]
    for name, command in _leaves(typer.main.get_command(app), "sim"):
        parts += [f"## {name}", _told(command.help, name)]
        context = command.make_context(name, [], resilient_parsing=True)
        kept = [parameter for parameter in command.params if parameter.name != "help"]
        rows = [_option(parameter, context) for parameter in kept]
        parts.append(_table(("argument or option", "default", "description"), rows) if rows else "")
    return _page(parts)


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", {})
    if not inner or command.invoke_without_command:
        yield name, command
    for word in command.list_commands(None) if inner else ():
        yield from _leaves(inner[word], f"{name} {word}")


def _option(parameter: Any, context: Any) -> tuple[str, ...]:
    """The row of an argument or option, from what `--help` prints of it."""
    name, printed = parameter.get_help_record(context)
    _told(parameter.help, f"{context.info_name} {parameter.name}")
    told, _, notes = printed.partition("  [")
    kinds = {"str": "TEXT", "list[str]": "TEXT", "int": "N", "int range": "N", "float range": "X"}
    written = re.sub(r"<(.*)>", lambda kind: kinds.get(kind[1], kind[1]), name)
    if parameter.param_type_name == "argument":
        written = written.split()[0]
    given = [_in_words(note) for note in notes.rstrip("]").split("; ") if note]
    return f"`{written}`".replace("|", r"\|"), _cell(", ".join(given)), _cell(told)


def _in_words(note: str) -> str:
    """A note of `--help` in the words of this page."""
    bounds = re.fullmatch(r"(?:(\S+)<=)?x(?:(<=|>=)(\S+))?", note)
    if bounds:
        low, sign, high = bounds.groups()
        if sign == ">=":
            low, high = high, None
        is_end = high is not None and float(high) < 1e15
        return f"from {_number(float(low))}" + (f" to {_number(float(high))}" if is_end else "")
    return re.sub(r"default: (.*)", r"`\1`", note)


# --- scenario ------------------------------------------------------------------------------------


class Part(NamedTuple):
    """What stands behind a key: words for it, and the blocks inside, each by what leads to it."""

    words: str
    blocks: tuple[tuple[str, type[BaseModel]], ...] = ()


def scenario() -> str:
    """Every block and figure of a scenario, with unit, bounds, default and meaning."""
    meanings = YAML(typ="safe").load((ROOT / "docs" / "meanings.yaml").read_text(encoding="utf-8"))
    places = _places()
    untold = set(meanings) - {block.__name__ for block in places}
    if untold:
        raise UntoldError(f"docs/meanings.yaml has blocks that no scenario has: {sorted(untold)}")
    parts = [
        "# Scenario file",
        "This page lists every block and every figure that a scenario may have. `NAME` stands for "
        "a name of your own, `SIDE` for that of a side, `WEAPON` for that of a weapon, and so on. "
        "A *required* key must be there if its block is. The [tutorial](tutorial.md) shows how to "
        "start, and [ODD](odd.md) says what the model does with each figure.",
        "A *figure* is written `{value: 0.4, low: 0.2, high: 0.6, assumed: why}`. Its unit is that "
        "of the table, or another of the same kind: a speed may be in `m/s`. It needs `source` "
        "(keys of the register) or `assumed`. With `low` and `high` it is drawn once a run, by "
        "`law`: `triangular` (the default), `uniform`, `pert`, `normal` or `lognormal`.",
        "Units, and how else they may be spelt: "
        + "; ".join(
            f"`{unit}`" + (f" ({', '.join(f'`{word}`' for word in words)})" if words else "")
            for unit, words in spellings().items()
        )
        + ". They combine with `/` (or `per`, `a`), as in `1/h`, `per day`, `% a day`. Money may "
        "be written `$5 million` or `2.5 bn USD`; other currencies are to be converted, and the "
        "rate and its day told. A unit that begins with `%` stands in quotes.",
    ]
    for block, paths in places.items():
        parts += _section(block, paths, meanings.get(block.__name__, {}))
    anchors = {block.__name__: _anchor(_heading(block, paths)) for block, paths in places.items()}
    if len(set(anchors.values())) < len(anchors):
        raise UntoldError("two blocks of the schema have headings that lead to one place")
    return re.sub(r"\(#([A-Z]\w*)\)", lambda link: f"(#{anchors[link[1]]})", _page(parts))


def _section(block: type[BaseModel], paths: list[str], meanings: dict[str, str]) -> list[str]:
    name = block.__name__
    is_kind = _kind(block) is not None
    fields = {k: f for k, f in block.model_fields.items() if k != "kind" or not is_kind}
    if set(fields) != set(meanings):
        apart = sorted(set(fields) ^ set(meanings))
        raise UntoldError(f"docs/meanings.yaml and {name} of the schema differ in {apart}")
    hints = typing.get_type_hints(block, include_extras=True)
    rows = []
    for key, field in fields.items():
        left_out = field.get_default(call_default_factory=True)
        if left_out is PydanticUndefined:
            default = "required"
        elif left_out in (None, {}, ()) or isinstance(left_out, BaseModel):
            default = ""
        else:
            default = f"`{str(left_out).lower() if isinstance(left_out, bool) else left_out}`"
        words = _part(hints[key]).words
        ends = {type(mark).__name__: mark for mark in field.metadata}
        if "Ge" in ends:
            words = f"number, from {ends['Ge'].ge:g} to {ends['Le'].le:g}"
        rows.append((f"`{key}`", words, default, _cell(meanings[key])))
    if block is Own:
        any_name = "figure, or one a side", "", "a figure under a name of your own"
        rows.append(("`NAME`", *any_name))
    where = " Also: " + ", ".join(f"`{path}`" for path in paths[1:]) + "." if paths[1:] else ""
    told = _told(block.__doc__, name)
    return [
        f"## {_heading(block, paths)}",
        told + where,
        _table(("key", "value", "default", "meaning"), rows),
    ]


def _kind(block: type[BaseModel]) -> str | None:
    """The word by which a block is told from others at its place."""
    field = block.model_fields.get("kind")
    words = get_args(field.annotation) if field else ()
    return words[0] if len(words) == 1 else None


def _heading(block: type[BaseModel], paths: list[str]) -> str:
    kind = _kind(block)
    return (paths[0] or "The file") + (f", kind: {kind}" if kind else "")


def _anchor(heading: str) -> str:
    """What leads to a heading, on the site and where the code is hosted."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _places() -> dict[type[BaseModel], list[str]]:
    """Every block of a scenario with the paths it may stand at, in the order of the schema."""
    found: dict[type[BaseModel], list[str]] = {}

    def visit(block: type[BaseModel], path: str) -> None:
        found.setdefault(block, []).append(path)
        hints = typing.get_type_hints(block, include_extras=True)
        for key in block.model_fields:
            for step, inner in _part(hints[key]).blocks:
                visit(inner, f"{path}.{key}{step}".lstrip("."))
        if block.__name__ == "Mechanisms":
            visit(Own, f"{path}.NAME")

    visit(Scenario, "")
    return found


def _part(hint: Any) -> Part:
    """What a type of the schema says, in words."""
    origin, args = get_origin(hint), get_args(hint)
    if hint == Name:
        return Part("name")
    if hint == PeriodName:
        return Part("period")
    if origin is Annotated:
        return _annotated(args[0], args[1:])
    if origin in (Union, types.UnionType):
        return _either([one for one in args if one is not types.NoneType])
    if origin is dict:
        return _by_name(*args)
    if origin is tuple:
        inner = _part(args[0])
        return Part(f"list: {inner.words}", tuple((f"[]{s}", b) for s, b in inner.blocks))
    if origin is Literal:
        return Part(" or ".join(f"`{one}`" for one in args))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return Part(f"[{_kind(hint) or 'block'}](#{hint.__name__})", (("", hint),))
    plain = {
        str: "text",
        float: "number",
        int: "whole number",
        datetime.date: "date",
        bool: "`true` or `false`",
    }
    if hint in plain:
        return Part(plain[hint])
    raise UntoldError(f"a type of the schema that this page has no words for: {hint}")


def _annotated(base: Any, marks: tuple[Any, ...]) -> Part:
    if base is Figure:
        (mark,) = (mark for mark in marks if isinstance(mark, WrapValidator))
        return Part(_figure(mark))
    for mark in marks:
        if isinstance(mark, AfterValidator):
            section = inspect.getclosurevars(mark.func).nonlocals.get("section")
            if section:
                return Part(f"name in `{section}`")
        if isinstance(mark, Discriminator):
            return _part(base)
    return _part(base)


def _figure(mark: WrapValidator) -> str:
    """Unit and bounds, as the validator that holds them has them."""
    bounds = inspect.getclosurevars(mark.func).nonlocals["bounds"]
    unit, least, most = bounds.unit, bounds.least, bounds.most
    parts = ["figure", "whole number" if bounds.is_count else ""]
    parts.append("" if unit == "1" else f"`{unit}`")
    above = "above" if bounds.is_open else "from"
    if least <= -LARGEST:
        span = "any size"
    elif most >= LARGEST:
        span = f"{above} {_number(least)}"
    else:
        span = f"{above} {_number(least)} to {_number(most)}"
    if most == float("inf"):
        span += ", may be `.inf`"
    return ", ".join(part for part in [*parts, span] if part)


def _number(bound: float) -> str:
    return f"{bound:,.0f}" if bound == round(bound) else f"{bound:.6g}"


def _either(choices: list[Any]) -> Part:
    parts = [_part(choice) for choice in choices]
    if len(parts) == 2 and parts[1].words == f"by side: {parts[0].words}":
        return Part(f"{parts[0].words}; one, or one a side")
    words = " or ".join(dict.fromkeys(part.words for part in parts))
    return Part(words, tuple(block for part in parts for block in part.blocks))


def _by_name(key: Any, value: Any) -> Part:
    named = _part(key).words
    section = re.search(r"`(\w+)`", named)
    name = section[1].rstrip("s").upper().replace("LAUNCH_AREA", "AREA") if section else "NAME"
    name = "PERIOD" if named == "period" else name
    inner = _part(value)
    blocks = tuple((f".{name}{step}", block) for step, block in inner.blocks)
    return Part(f"by {'name' if name == 'NAME' else name.lower()}: {inner.words}", blocks)


# --- Python --------------------------------------------------------------------------------------


def python() -> str:
    """The public names in Python, from their docstrings."""
    parts = [
        "# Python interface",
        "The public names and their docstrings. [In Python](python.md) shows how to use them. "
        "Arrays have the run as their first axis: `Floats`, `Ints` and `Bools` are arrays of "
        "float64, int64 and bool.",
    ]
    for path in API:
        parts += _api(path)
    return _page(parts)


def _api(path: str) -> list[str]:
    home, _, name = path.rpartition(".")
    what = getattr(importlib.import_module(home), name)
    if not inspect.isclass(what):
        return [f"## {path}", _signature(what), _told(what.__doc__, path)]
    parts = [f"## {path}", _told(what.__doc__, path)]
    for member, value in vars(what).items():
        function = value.fget if isinstance(value, property) else value
        of_the_house = getattr(function, "__module__", "").startswith("sim.")
        if member.startswith("_") or not inspect.isfunction(function) or not of_the_house:
            continue
        parts += [f"### {name}.{member}"]
        parts += [] if isinstance(value, property) else [_signature(function)]
        parts += [_told(function.__doc__, f"{path}.{member}")]
    return parts


def rules() -> str:
    """Every rule, from its docstring: the equation and its source."""
    parts = [
        "# Rules",
        "The rules of the model, from their docstrings: plain functions of numbers or arrays. "
        "Keys such as fearon1995 lead to the [register of sources](sources.md). "
        "[Theories](theories.md) and [The raid](the-raid.md) explain them; [ODD](odd.md) says when "
        "each acts.",
    ]
    for module in sorted(pkgutil.iter_modules(sim.rules.__path__), key=lambda one: one.name):
        home = importlib.import_module(f"sim.rules.{module.name}")
        parts += [f"## {module.name}", _told(home.__doc__, home.__name__)]
        for name, function in vars(home).items():
            function = getattr(function, "py_func", function)
            is_of_it = inspect.isfunction(function) and function.__module__ == home.__name__
            if is_of_it and not name.startswith("_"):
                told = _told(function.__doc__, f"{home.__name__}.{name}")
                parts += [f"### {module.name}.{name}", _signature(function), told]
    return re.sub(KEY, _cited, _page(parts))


def _cited(found: re.Match[str]) -> str:
    """A key of the register as a link to its entry."""
    key = found[0]
    return f"[{key}](sources.md#{key})" if key in register() else key


def _signature(function: Callable[..., Any]) -> str:
    """The signature as it is written in the source, as Python that can be read alone."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    (node,) = tree.body
    assert isinstance(node, ast.FunctionDef)
    gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    pieces = _arguments(node.args)
    line = f"def {node.name}({', '.join(pieces)}){gives}: ..."
    if len(line) > 88:
        line = f"def {node.name}(\n    " + ",\n    ".join(pieces) + f",\n){gives}: ..."
    if '"' not in line:
        line = line.replace("'", '"')  # in the style of the code
    return f"```python\n{line}\n```"


def _arguments(arguments: ast.arguments) -> list[str]:
    places = arguments.posonlyargs + arguments.args
    needed: list[ast.expr | None] = [None] * (len(places) - len(arguments.defaults))
    pieces = list(map(_argument, places, needed + arguments.defaults))
    named = list(map(_argument, arguments.kwonlyargs, arguments.kw_defaults))
    return [*pieces, *(["*", *named] if named else [])]


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    equals = " = " if argument.annotation else "="
    return ast.unparse(argument) + (equals + ast.unparse(default) if default else "")


# --- sources -------------------------------------------------------------------------------------


@cache
def register() -> dict[str, dict[str, str]]:
    """The register of sources, by key."""
    text = (ROOT / "scenarios" / "sources.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe").load(text))


def sources() -> str:
    """The register of sources, in its own sections."""
    parts = [
        "# Sources",
        "The register that scenarios and rules cite, `scenarios/sources.yaml`. Figures of a war "
        "are claims: the note says whose, and what was read second hand.",
    ]
    for line in (ROOT / "scenarios" / "sources.yaml").read_text(encoding="utf-8").splitlines():
        heading = re.match(r"# --- (.*?) -+$", line)
        if heading:
            parts.append(f"## {heading[1][0].upper()}{heading[1][1:]}")
        elif re.match(r"\w+:$", line):
            key = line[:-1]
            entry = register()[key]
            parts += [f"### {key}", _entry(entry)]
    return _page(parts)


def _entry(entry: dict[str, Any]) -> str:
    title, date = str(entry["title"]), str(entry.get("date", ""))
    words = [title.rstrip("."), date if date not in title else ""]
    words += [str(entry.get("note", "")).rstrip(".")]
    address = f" <{entry['url']}>" if "url" in entry else ""
    return ". ".join(word for word in words if word) + "." + address


# --- other files ---------------------------------------------------------------------------------


def tour() -> str:
    """The notebook, without what its cells give: that takes some twenty seconds."""
    return notebook.as_markdown(TOUR, is_run=False) + "\n"


def _file(name: str) -> Callable[[], str]:
    """A file of the top folder, its links as from docs/."""

    def page() -> str:
        return re.sub(r"\]\(docs/", "](", (ROOT / name).read_text(encoding="utf-8"))

    return page


WRITTEN: dict[str, Callable[[], str]] = {
    "command-line": commands,
    "scenario-file": scenario,
    "python-interface": python,
    "rules": rules,
    "sources": sources,
    "tour": tour,
}
"""What each written page of docs/ says, by its name."""

DRAWN: dict[str, Callable[[], str]] = {"day": flow_charts.day, "raid": flow_charts.raid}
"""The flow charts of docs/odd.md, by their name."""

PAGES = WRITTEN | {"contributing": _file("CONTRIBUTING.md"), "changelog": _file("CHANGELOG.md")}
"""What the site puts in the place of a page of docs/, by its name."""


def write() -> list[str]:
    """Write the pages and charts that say another thing than the code; returns their names."""
    pages = {ROOT / "docs" / f"{name}.md": page() for name, page in WRITTEN.items()}
    pages |= {ROOT / "docs" / f"{name}.svg": chart() for name, chart in DRAWN.items()}
    stale = {
        file: text
        for file, text in pages.items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    }
    for file, text in stale.items():
        file.write_text(text, encoding="utf-8")
    return [file.name for file in stale]


# --- Markdown ------------------------------------------------------------------------------------


def _told(words: str | None, what: str) -> str:
    if not (words or "").strip():
        raise UntoldError(f"{what} says nothing of itself, expected a docstring or a help text")
    return inspect.cleandoc(words or "")


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", r"\|")


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _page(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    print("\n".join(f"docs/{name}" for name in write()) or "all pages say what the code says")
