"""A mutation test: break the model, its experiments and its sentences, and see what notices it.

    .venv/bin/python tests/mutate.py --sample 100           # of rules, the raid and the agents
    .venv/bin/python tests/mutate.py --sample 60 kernel     # sixty mutants of one file
    .venv/bin/python tests/mutate.py --sample 60 answers    # of experiments, evidence and sentences

A mutant is the project with one sign, factor, bound, comparison, order, side or condition changed.
It is caught when a case of `sim verify`, else the golden record, else a test of its file fails, or
where it does not run or end; above the model only tests can notice one. Each is tried in a process
of its own, in a copy of the project; the project is not touched. Nothing of this is collected by
pytest: tests/project/test_mutants.py tries a few.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ("sim", "tests", "scenarios", "experiments", "results", "docs", "pyproject.toml")
FILES: dict[str, Path] = {}
for _folder in ("rules", "raid", "war"):
    for _path in sorted((ROOT / "sim" / _folder).rglob("[a-z]*.py")):
        _stem = _path.stem
        FILES[f"{_path.parent.name}/{_stem}" if _stem in FILES else _stem] = _path
ABOVE = {
    f"{path.parent.name}/{path.stem}": path
    for folder in (
        "experiment",
        "experiment/questions",
        "experiment/statistics",
        "experiment/storage",
        "experiment/execution",
        "evidence",
        "evidence/nights",
        "evidence/polls",
        "evidence/calibration",
        "report",
        "report/answers",
    )
    for path in sorted((ROOT / "sim" / folder).glob("[a-z]*.py"))
}
"""What stands on the model, under its folder's name, as several have the same: `report/sweep`."""
FILES |= ABOVE
LONGEST_S = 150  # of the processor's time, cases or tests; what takes longer does not end

_OF_RAIDS = ("test_rules", "test_raid_closed_forms", "test_raid_judge")
_OF_MINDS = ("test_rules", "test_minds")
_OF_WARS = ("test_talks", "test_minds", "test_left_out", "test_war")
TESTS = {
    **dict.fromkeys(("beliefs", "front", "hardening", "publics", "reports"), _OF_MINDS),
    "patron": ("test_patronage", "test_patrons"),
    "patronage": ("test_patronage", "test_patrons", "test_history"),
    "history": ("test_history",),
    **dict.fromkeys(
        ("screening", "agents/screening", "estimate"), ("test_rules", "test_screening")
    ),
    **dict.fromkeys(("damage", "delivery", "detection", "geometry", "interception"), _OF_RAIDS),
    **dict.fromkeys(("aggregate", "heap", "orders", "arrays"), _OF_RAIDS[1:]),
    "kernel": (*_OF_RAIDS[1:], "test_replay"),
    "fly": ("test_room", "test_raid_judge", "test_experiments", "test_verify"),
    "bargaining": ("test_rules", "test_talks", "test_minds"),
    "laws": ("test_figure", "test_rules"),
    "event_log": ("test_replay",),
    "mechanisms": (*_OF_WARS, "test_own_mechanism"),
    "model": (*_OF_WARS, "test_experiments"),
    "money": ("test_rules", "test_war"),
    "salvo": _OF_RAIDS[:2],
    "public": ("test_minds", "test_polls"),
}
"""The files of tests that try a file's mutants, by name; the others are `_OF_WARS`."""

_OF_SWEEPS = ("test_judge_of_sweeps", "test_sweep", "test_experiment_keys")
_OF_THEORIES = ("test_judge_of_theories", "test_deconvolution", "test_experiments")
_OF_IMPULSE = ("test_judge_of_impulse", "test_experiments")
_OF_ANALYSES = ("test_judge_of_analyses", "test_coverage", "test_sensitivity")
_OF_BOXES = ("test_judge_of_analyses", "test_prim", "test_discovery")
_OF_NUMBERS = ("test_estimate", "test_coverage", "test_judge_of_runs")
_OF_FOLDERS = ("test_store", "test_stopping_rule", "test_executors")
_OF_NIGHTS = ("test_nights", "test_judge_of_nights", "test_sequential", "test_forecast_of_nights")
_OF_POLLS = ("test_judge_of_polls", "test_polls")
_OF_REPORTS = ("test_judge_of_calibration", "test_calibration")
TESTS |= {
    **dict.fromkeys(
        ("questions/sweep", "questions/surface", "experiment/design",),
        _OF_SWEEPS,
    ),
    "experiment/factorial": ("test_experiments", "test_judge_of_theories"),
    **dict.fromkeys(
        ("questions/theories", "questions/signs", "questions/verdicts",
         "statistics/deconvolution", "questions/sign_tree", "answers/theories",),
        _OF_THEORIES,
    ),
    **dict.fromkeys(
        ("questions/impulse", "answers/impulse",),
        _OF_IMPULSE,
    ),
    **dict.fromkeys(
        ("questions/sensitivity", "statistics/indices", "answers/sensitivity",),
        _OF_ANALYSES,
    ),
    **dict.fromkeys(
        ("questions/discovery", "questions/prim", "answers/discovery",),
        _OF_BOXES,
    ),
    "questions/condition": ("test_discovery", "test_stopping_rule"),
    "statistics/estimate": _OF_NUMBERS,
    **dict.fromkeys(
        ("experiment/contrast", "experiment/effects", "statistics/paired"),
        ("test_estimate", "test_judge_of_comparisons"),
    ),
    "statistics/significance": ("test_judge_of_impulse", "test_estimate"),
    "experiment/record": (*_OF_NUMBERS, "test_store", "test_judge_of_pages"),
    "experiment/replay": ("test_replay",),
    "storage/catalogue": ("test_catalogue",),
    "execution/stopping_rule": ("test_stopping_rule",),
    **dict.fromkeys(
        ("storage/store", "execution/runner", "execution/workers",),
        _OF_FOLDERS,
    ),
    **dict.fromkeys(
        ("calibration/aim", "calibration/calibration", "calibration/measurement",
         "calibration/posterior", "calibration/predictive", "calibration/weighted",
         "polls/walk", "calibration/population", "answers/calibration",),
        _OF_REPORTS,
    ),
    **dict.fromkeys(
        ("nights/baselines", "nights/beta_binomial", "nights/validation", "nights/file",
         "nights/fit", "nights/rows", "nights/national_defence", "nights/forgetting",
         "nights/filter", "nights/families", "nights/defence", "nights/sequential",
         "nights/forecasting",
         "nights/national_scenario",
         "evidence/scores", "answers/sequential",
         "answers/nights",),
        _OF_NIGHTS,
    ),
    **dict.fromkeys(
        ("polls/forecast", "polls/polls", "polls/residuals", "polls/attitude_fit",
         "polls/public_fit", "polls/ensemble", "answers/polls",),
        _OF_POLLS,
    ),
    **dict.fromkeys(
        ("evidence/reported", "answers/reported",),
        ("test_judge_of_runs", "test_cli"),
    ),
    "answers/run": ("test_judge_of_runs", "test_judge_of_comparisons", "test_judge_of_analyses"),
    "answers/summary": ("test_judge_of_runs",),
    **dict.fromkeys(
        ("experiment/comparison", "answers/comparison",),
        ("test_judge_of_comparisons",),
    ),
    "render/json": ("test_judge_of_pages", "test_answers"),
    "answers/sweep": ("test_judge_of_sweeps", "test_sweep"),
    "answers/verification": ("test_verify",),
    **dict.fromkeys(
        ("render/lines", "answers/register", "report/publish", "answers/catalogue",
         "report/timeline",),
        ("test_judge_of_pages", "test_report", "test_timeline"),
    ),
}  # fmt: skip

CONCERNED = {
    "aggregate": ("salvo", "textbook"),
    "attacker": ("policies", "money", "ceasefire"),
    "bargaining": ("bargaining", "packages", "ceasefire", "exchanges", "promises", "unknown"),
    "beliefs": ("surprise", "learning", "mechanisms"),
    "damage": ("arrival", "between_raids", "interception"),
    "defender": ("between_raids", "money", "front"),
    "detection": ("detection", "between_raids"),
    "fly": ("money", "interception"),
    "geometry": ("detection", "launch"),
    "hardening": ("mechanisms", "spiral"),
    "heap": ("interception", "jamming", "queues"),
    "interception": ("between_raids", "interception", "jamming", "queues"),
    "kernel": (
        "money", "decoys", "arrival", "between_raids", "delivery", "launch", "jamming",
        "interception", "detection", "salvo", "queues",
    ),
    "mediator": ("bargaining", "packages", "ceasefire", "exchanges"),
    "model": ("ceasefire", "policies", "front", "surprise", "reports", "mechanisms"),
    "money": ("money", "between_raids"),
    "negotiator": ("mechanisms", "landmarks", "reports", "ceasefire"),
    "orders": ("launch", "delivery", "detection", "arrival", "money"),
    "outcomes": ("money", "ceasefire", "exchanges", "front"),
    "believer": ("reports", "surprise", "patrons"),
    "patron": ("patrons",),
    "patronage": ("patrons", "history"),
    "public": ("publics",),
    **dict.fromkeys(("screening", "agents/screening", "estimate"), ("unknown", "inferred")),
    "record": ("money", "bargaining", "ceasefire", "arrival"),
}  # fmt: skip
"""The modules of cases that are tried first; the others follow."""


Notice = Callable[[str], str]
"""Called with a file's name; gives what fails, or "" where nothing does."""


class Mutant(NamedTuple):
    """One change: in which file and function, on which line, from what to what, and the source."""

    file: str
    function: str
    line: int
    was: str
    now: str
    source: str
    is_compiled: bool

    def __str__(self) -> str:
        return f"{self.file}.{self.function}:{self.line}: {self.was} -> {self.now}"


# --- what is changed -----------------------------------------------------------------------------

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
EITHER = ("min", "max", "minimum", "maximum")
SIDES = (("underdog", "favourite"), ("favourite", "underdog"), ("own", "enemy"), ("enemy", "own"))


def variants(node: ast.AST, names: frozenset[str]) -> Iterator[ast.AST]:
    """What a piece of code may be changed to; `names` are those there are in its file."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other()])
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        yield _with(node, op=OPERATORS[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.IfExp):
        yield _with(node, body=node.orelse, orelse=node.body)
    elif isinstance(node, ast.If | ast.While) and not isinstance(node.test, ast.Compare):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield _with(node, value=_with(node.value, elts=node.value.elts[::-1]))
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        field = "id" if isinstance(node, ast.Name) else "attr"
        name = getattr(node, field)
        for side, enemy in SIDES:
            if (swapped := name.replace(side, enemy)) != name and swapped in names:
                yield _with(node, **{field: swapped})


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Bounds dropped, branches and arguments swapped."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    args = node.args
    if name in EITHER and len(args) == 2:
        yield from args
    elif name == "where" and len(args) == 3:
        yield _with(node, args=[args[0], args[2], args[1]])
    elif name == "clip" and len(args) == 3:
        yield args[0]
    elif len(args) >= 2:
        yield _with(node, args=[args[1], args[0], *args[2:]])


def _with(node: ast.AST, **fields: Any) -> Any:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def mutants(file: str) -> list[Mutant]:
    """All mutants of a file: every change of every function's body, one at a time."""
    text = FILES[file].read_text()
    tree = ast.parse(text)
    names = frozenset(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    texts = [ast.unparse(part) for part in tree.body]
    found = []
    for place, name, function in _functions(tree):
        is_compiled = any(
            isinstance(mark, ast.Name) and mark.id in ("compiled", "inlined")
            for mark in function.decorator_list
        )
        for parent, field, index, node in _pieces(function):
            for variant in variants(node, names):
                changed = _changed(tree.body[place], parent, field, index, variant)
                if changed == texts[place]:
                    continue
                source = "\n".join([*texts[:place], changed, *texts[place + 1 :]])
                change = (node.lineno, _short(node), _short(variant))
                found.append(Mutant(file, name, *change, source, is_compiled))
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[int, str, ast.FunctionDef]]:
    """The functions of a file and those of its classes: in which of its parts, and by name."""
    for place, part in enumerate(tree.body):
        if isinstance(part, ast.FunctionDef):
            yield place, part.name, part
        elif isinstance(part, ast.ClassDef):
            for method in part.body:
                if isinstance(method, ast.FunctionDef):
                    yield place, f"{part.name}.{method.name}", method


def _pieces(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, int | None, Any]]:
    """The nodes of a function's body, and where each hangs."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    waiting: list[ast.AST] = []
    for place, statement in enumerate(body, len(function.body) - len(body)):
        yield function, "body", place, statement
        waiting.append(statement)
    while waiting:
        parent = waiting.pop(0)
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns", "type_comment"):
                continue
            for place, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST):
                    yield parent, field, place, node
                    waiting.append(node)


def _changed(part: ast.AST, parent: ast.AST, field: str, place: int | None, node: ast.AST) -> str:
    """The text of a part of a file with another node in one place of it."""
    held = getattr(parent, field)
    if place is None:
        setattr(parent, field, node)
    else:
        held[place], kept = node, held[place]
    try:
        return ast.unparse(part)
    finally:
        if place is None:
            setattr(parent, field, held)
        else:
            held[place] = kept


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:67]}..."


# --- whether it is noticed -----------------------------------------------------------------------


def copied(folder: Path) -> Path:
    """A copy of the project in which it can be tried."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy2(source, folder / name)
    return folder


class Bench:
    """Where mutants are tried: a project, which is not changed, and room for what they leave."""

    def __init__(self, project: Path, room: Path) -> None:
        self.project, self.room = project, room

    def caught_by(self, file: str, mutant: Mutant | None, notices: Sequence[Notice]) -> str:
        """What notices a mutant of a file first: a test's file, a case of `sim verify`, or "".

        Without a mutant nothing may be noticed: the project as it is.
        """
        told = self.room / "caught"
        told.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            self._try(file, mutant, notices, told)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "does not end" if os.WTERMSIG(status) == signal.SIGXCPU else "dies"
        return told.read_text()

    def _try(self, file: str, mutant: Mutant | None, notices: Sequence[Notice], told: Path) -> None:
        """In the child: run what may notice the mutant, and end."""
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            os.chdir(self.project)
            sys.path[:0] = [str(self.project), str(self.project / "tests")]
            if mutant is not None:
                self._plant(mutant)
            told.write_text(next((by for notice in notices if (by := _timed(notice, file))), ""))
        except BaseException as fault:
            told.write_text(f"fault: {type(fault).__name__}: {fault}"[:200])
        finally:
            os._exit(0)

    def _plant(self, mutant: Mutant) -> None:
        """Put a mutant in place: where it is compiled in the file, else in memory.

        What is compiled is kept by the hash of all sources, so a rule that is not compiled is
        better changed in memory: the raid then need not be compiled again.
        """
        path = FILES[mutant.file].relative_to(ROOT)
        if mutant.is_compiled:
            package = self.room / f"{Path(mutant.file).name}-{os.getpid()}"
            shutil.copytree(self.project / "sim", package / "sim")
            (package / path).write_text(mutant.source)
            for name in COPIED[2:]:
                (package / name).symlink_to(self.project / name)
            sys.path.insert(0, str(package))
            os.environ["XDG_CACHE_HOME"] = str(package / "cache")
            return
        module = ".".join(path.with_suffix("").parts)
        sys.meta_path.insert(0, _InMemory(module, mutant.source, self.project / path))

    def clear(self) -> None:
        """Remove what compiled mutants left."""
        for left in self.room.glob("*-[0-9]*"):
            shutil.rmtree(left, ignore_errors=True)


class _InMemory(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Gives one module another source than its file's."""

    def __init__(self, module: str, source: str, path: Path) -> None:
        self.module, self.source, self.path = module, source, path

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_filename(self, name: str) -> str:
        return str(self.path)

    def get_data(self, path: str) -> bytes:
        return self.source.encode()


def _timed(notice: Notice, file: str) -> str:
    """What a notice finds, which ends the process where it takes too long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + LONGEST_S
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    return notice(file)


def by_tests(file: str) -> str:
    """The first file of tests that fails, of those a file has."""
    return _failing(*TESTS.get(file, _OF_WARS))


def by_golden(_: str) -> str:
    """The golden record, where it is another: it notices a change but not what is right."""
    return _failing("test_golden")


def _failing(*names: str) -> str:
    import hypothesis
    import pytest

    import tests.examples  # noqa: F401  # names the profile

    found = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # which example matters not
    hypothesis.settings.register_profile(
        "mutants", hypothesis.settings.get_profile("thorough"), database=None, phases=found
    )
    for name in names:
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        options += ["--hypothesis-profile", "mutants"]
        options += ["-m", "not slow and not thorough"]
        (file,) = Path("tests").glob(f"*/{name}.py")
        if pytest.main([*options, str(file)]) != pytest.ExitCode.OK:
            return file.as_posix()
    return ""


def by_checks(file: str) -> str:
    """The first case of `sim verify` that differs; those a file concerns come first."""
    return _by_cases(*_checks_of(file))


def by_its_checks(file: str) -> str:
    """The first case that differs, of those a file concerns."""
    return _by_cases(_checks_of(file)[0])


def _by_cases(*groups: list[Any]) -> str:
    from sim.evidence.verify.suite import verify

    cases = (case for group in groups for case in verify(checks=group))
    return next((f"sim verify: {case.name}" for case in cases if not case.agrees), "")


def _checks_of(file: str) -> tuple[list[Any], list[Any]]:
    """The checks that a file concerns, and the others."""
    from sim.evidence.verify.suite import CHECKS

    modules = CONCERNED.get(file, (file,))
    where = {check: check.cases.__module__.rpartition(".")[2] for check in CHECKS}
    mine = [check for module in modules for check in CHECKS if where[check] == module]
    return mine, [check for check in CHECKS if check not in mine]


def warm_up() -> None:
    """Import the libraries once, so that each child finds them."""
    for name in (
        "hypothesis", "matplotlib", "mesa", "numba", "numpy", "pandas", "pydantic",
        "pyarrow", "pytest", "scipy.stats", "scipy.special", "typer", "yaml",
    ):  # fmt: skip
        importlib.import_module(name)


def main() -> None:
    """Try the mutants asked for, and tell which survive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "files", nargs="*", choices=[*FILES, "answers", []], default=[], metavar="FILE"
    )
    parser.add_argument("--sample", type=int, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a file with one line of JSON a mutant")
    asked = parser.parse_args()
    files = list(asked.files) or [file for file in FILES if file not in ABOVE]
    if "answers" in files:
        files = [file for file in ABOVE if file in TESTS]
    every = [mutant for file in files for mutant in mutants(file)]
    tried = every
    if asked.sample and asked.sample < len(every):
        tried = random.Random(asked.seed).sample(every, asked.sample)
    warm_up()
    caught: list[tuple[Mutant, str]] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        bench = Bench(copied(Path(folder) / "project"), Path(folder))
        some = sorted({mutant.file for mutant in tried})
        for notice in all_notices(some):
            if noticed := bench.caught_by(some[0], None, (notice,)):
                sys.exit(f"the project as it is: {noticed} fails")
        for number, mutant in enumerate(tried, 1):
            notices = (by_tests,) if mutant.file in ABOVE else NOTICES
            by = bench.caught_by(mutant.file, mutant, notices)
            bench.clear()
            print(f"{number}/{len(tried)} {mutant}: {by or 'SURVIVES'}", flush=True)
            if asked.out:
                with asked.out.open("a") as file:
                    line = mutant._asdict() | {"caught_by": by}
                    file.write(json.dumps({k: v for k, v in line.items() if k != "source"}) + "\n")
            caught.append((mutant, by))
    for line in rates(caught, Counter(mutant.file for mutant in every)):
        print(line)
    for mutant, by in caught:
        if not by:
            print(f"survives: {mutant}")


NOTICES: tuple[Notice, ...] = (by_checks, by_golden, by_tests)


def all_notices(files: Sequence[str]) -> tuple[Notice, ...]:
    """All that may notice a mutant of any of these files: none may fail where nothing is broken."""
    names = dict.fromkeys(name for file in files for name in TESTS.get(file, _OF_WARS))
    of_tests = [partial(_of_one, name) for name in names]
    return (*of_tests,) if set(files) <= set(ABOVE) else (by_checks, by_golden, *of_tests)


def _of_one(name: str, _: str) -> str:
    return _failing(name)


BY = ("cases", "golden", "tests", "does not run", "survives")


def rates(caught: Sequence[tuple[Mutant, str]], there_are: Mapping[str, int]) -> Iterator[str]:
    """What noticed the mutants, by file, and the share that was, with its central 90 %."""
    yield f"{'file':14}{'are':>6}{'drawn':>7}" + "".join(f"{by:>14}" for by in BY)
    files = list(dict.fromkeys(sorted(mutant.file for mutant, _ in caught)))
    for name, chosen in [(name, (name,)) for name in files] + [("all", tuple(files))]:
        seen = Counter(_kind(by) for mutant, by in caught if mutant.file in chosen)
        are = sum(there_are[file] for file in chosen)
        yield f"{name:14}{are:6}{seen.total():7}" + "".join(f"{seen[by]:14}" for by in BY)
    n = len(caught)
    k = n - seen["survives"]
    low, high = interval(k, n)
    yield f"{k} of {n} caught: {k / n:.1%}, 90 % interval {low:.1%} to {high:.1%}"


def _kind(by: str) -> str:
    if not by:
        return "survives"
    if by.startswith("sim verify: "):
        return "cases"
    if by.startswith("tests/war/test_golden"):
        return "golden"
    return "tests" if by.startswith("tests/") else "does not run"


def interval(k: int, n: int) -> tuple[float, float]:
    """The central 90 % of a share, k of n being seen (Clopper and Pearson 1934)."""
    from scipy import stats

    low = float(stats.beta.ppf(0.05, k, n - k + 1)) if k else 0.0
    return low, float(stats.beta.ppf(0.95, k + 1, n - k)) if k < n else 1.0


if __name__ == "__main__":
    main()
