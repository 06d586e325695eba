"""Code of the user's own that a scenario names: all of it is part of the scenario's content.

What is run is the text of the file and of the modules in its folder that it imports, as they were
read. It reads no other file and reaches no other process or machine, each war runs it anew, and
what it gives back is checked each day.
"""

import ast
import builtins
import functools
import importlib.util
import linecache
import site
import sys
import sysconfig
import threading
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.scenario.text.regular_file import NotOrdinary, read_ordinary

_LARGEST_BYTES = 1_000_000
_REMEDY = "expected its numbers in a module beside it, which it imports"
_LAST_DIGITS = 1e-9
_REACHES_OUT = (
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "socket.connect",
    "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen", "urllib.Request",
)  # fmt: skip
_here = threading.local()  # what the code that can be run now was refused


class CodeError(ValueError):
    """A user's own mechanism that cannot be used; one line names the place and the reason."""


class _RefusedError(CodeError):
    """What own code tried and may not."""


# --- reading ---------------------------------------------------------------------------------


def read_code(folder: Path, path: str) -> tuple[str, dict[str, str]]:
    """The text of the file that `FILE.py:FUNCTION` names, and of modules in its folder, by file.

    Modules are those that it imports, and those that these import. All are read and parsed, none
    is run. Raises CodeError where one cannot be read or imports what cannot be named, and
    NoFunctionError where there is no such function.
    """
    file, _, function = path.rpartition(":")
    text, tree = _parsed(folder, file)
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if function not in names:
        raise NoFunctionError(file, function, names)
    modules: dict[str, str] = {}
    _read_imported(folder, file, tree, modules)
    return text, modules


class NoFunctionError(CodeError):
    """A file that lacks the function in question; `names` are those that it has."""

    def __init__(self, file: str, function: str, names: list[str]) -> None:
        super().__init__(f"{file} has no {function!r}")
        self.function, self.names = function, names


def _parsed(folder: Path, file: str) -> tuple[str, ast.Module]:
    try:
        text = read_ordinary(folder / file, _LARGEST_BYTES).decode("utf-8")
        return text, ast.parse(text)
    except NotOrdinary as error:
        raise CodeError(f"{file} {error.strerror}") from None
    except OSError as error:
        raise CodeError(
            f"{file} cannot be read ({error.strerror}), expected a Python file"
        ) from None
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise CodeError(f"{file}:{line}: {error.args[0]}, expected Python") from None


def _read_imported(folder: Path, file: str, tree: ast.Module, modules: dict[str, str]) -> None:
    """Add to `modules` what a file imports from its folder."""
    for line, name in _imports(file, tree):
        imported = Path(file).parent / f"{name}.py"
        if (folder / imported).is_file():
            if imported.as_posix() not in modules:
                text, inner = _parsed(folder, imported.as_posix())
                modules[imported.as_posix()] = text
                _read_imported(folder, imported.as_posix(), inner, modules)
        elif not _is_installed(name):
            raise CodeError(
                f"{file}:{line}: imports {name!r}, which is no file beside it and not installed, "
                f"expected {name}.py there"
            )


def _imports(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and the name of each module that is imported, anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise CodeError(
                    f"{file}:{node.lineno}: uses a relative import but is in no package, "
                    "expected `import NAME` of a file beside it"
                )
            yield node.lineno, node.module.partition(".")[0]
        elif isinstance(node, ast.Name) and node.id == "__file__":
            raise CodeError(f"{file}:{node.lineno}: uses __file__, {_REMEDY}")


@functools.cache
def _is_installed(name: str) -> bool:
    """Whether a module is Python's own or installed, and not just found where somebody stands."""
    if name in sys.builtin_module_names or name == "sim":
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and (spec.origin == "frozen" or _is_of_installation(spec.origin or ""))


@functools.cache
def _installation() -> tuple[Path, ...]:
    """The folders of Python, of what is installed, and of this package."""
    places = sysconfig.get_paths()
    named = [places[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    named += [*site.getsitepackages(), site.getusersitepackages()]
    return (*(Path(place).resolve() for place in named), Path(__file__).resolve().parents[1])


def _is_of_installation(path: str) -> bool:
    return any(Path(path).resolve().is_relative_to(place) for place in _installation())


# --- running ---------------------------------------------------------------------------------


class _Text(NamedTuple):
    """A file's text, and the name by which it is imported."""

    file: str
    text: str


def own_function(name: str, path: str, code: str, modules: Mapping[str, str]) -> Any:
    """A mechanism of the user's, guarded: what it gives back is checked each day.

    It is run anew at each call, so that nothing it stores outlives a war. It sees the day's news,
    its memory and its figures, and can change none of them. Called again with some of the runs it
    must give the same. Raises CodeError where the code does not run, and whenever the function
    fails.
    """
    file, _, function = path.rpartition(":")
    place = f"{name}: {path}"
    folder = Path(file).parent
    importable = {Path(one).stem: _Text(one, text) for one, text in modules.items()
              if Path(one).parent == folder}  # fmt: skip
    try:
        with _watched():
            act = _run(_Text(file, code), name, importable, {})[function]
    except (Exception, SystemExit) as error:
        raise CodeError(f"{place}: {_as_message(error, file, 1, 'code that can be run')}") from None
    if not callable(act):
        raise CodeError(f"{place}: {function!r} is no function, expected one")
    first_line = getattr(getattr(act, "__code__", None), "co_firstlineno", 1)

    def called(was: Mapping[str, Any], news: Any, figures: Mapping[str, Any]) -> dict[str, Any]:
        runs = news.base.shape
        seen = type(news)(*map(_read_only, news))
        figures = {key: _read_only(value) for key, value in figures.items()}
        try:
            with _watched(), np.errstate(all="ignore"):  # what is not finite is an error below
                answer = act(was, seen, figures)
            return {
                key: np.broadcast_to(np.asarray(value, np.float64), runs)
                for key, value in answer.items()
            }
        except (Exception, SystemExit) as error:
            message = _as_message(error, file, first_line, "a dict of numbers a run")
            raise CodeError(f"{place}: {message}") from None

    def guarded(was: Mapping[str, Any], news: Any, figures: Mapping[str, Any]) -> dict[str, Any]:
        of_some = _of_some(was, news, figures)  # it may write to what it remembers
        given = called(was, news, figures)
        if "term" not in given:
            what = "has no 'term'"
        elif not all(bool(np.isfinite(value).all()) for value in given.values()):
            what = "has a number that is not finite"
        else:
            again = called(*of_some)
            if _agree({key: value[::2] for key, value in given.items()}, again):
                return {key: value.copy() for key, value in given.items()}
            raise CodeError(
                f"{place}: line {first_line}: called again for half of the runs it gives other "
                "numbers, expected a result that depends only on `was`, `news` and `figures` of "
                "the run, without chance, clock or stored state"
            )
        raise CodeError(
            f"{place}: line {first_line}: its result {what}, expected a finite term in each run"
        )

    return guarded


def _run(
    code: _Text, name: str, importable: Mapping[str, _Text], loaded: dict[str, types.ModuleType]
) -> dict[str, Any]:
    """What a file defines; what it imports from its folder is run from the texts that were read."""

    def importing(
        wanted: str, scope: Any = None, local: Any = None, names: Any = (), level: int = 0
    ) -> Any:
        first, _, inner = wanted.partition(".")
        if level or first not in importable:
            with _unwatched():
                return builtins.__import__(wanted, scope, local, names, level)
        if inner:
            raise ModuleNotFoundError(f"No module named {wanted!r}; {first!r} is not a package")
        if first not in loaded:
            _run(importable[first], first, importable, loaded)
        return loaded[first]

    loaded[name] = types.ModuleType(name)
    scope = loaded[name].__dict__
    scope["__builtins__"] = vars(builtins) | {"__import__": importing}
    linecache.cache[code.file] = (
        len(code.text), None, code.text.splitlines(keepends=True), code.file,
    )  # fmt: skip  # whoever quotes a line of it need not open it
    exec(_compiled(code), scope)
    return scope


@functools.cache
def _compiled(code: _Text) -> types.CodeType:
    return compile(code.text, code.file, "exec")


def _of_some(was: Mapping[str, Any], news: Any, figures: Mapping[str, Any]) -> tuple[Any, ...]:
    """The same for every other run."""
    runs = news.base.shape

    def some(value: Any) -> Any:
        is_by_run = isinstance(value, np.ndarray) and value.shape == runs
        return value[::2].copy() if is_by_run else value

    memory = _Memory(len(news.base[::2]), {key: some(value) for key, value in was.items()})
    of_figures = {key: some(value) for key, value in figures.items()}
    return memory, type(news)(*map(some, news)), of_figures


class _Memory(dict[str, Any]):
    """What a mechanism remembers, 0 where there is nothing yet."""

    def __init__(self, runs: int, remembered: Mapping[str, Any]) -> None:
        super().__init__(remembered)
        self.runs = runs

    def __missing__(self, key: str) -> Any:
        return np.zeros(self.runs)


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(one[key], other[key], _LAST_DIGITS, _LAST_DIGITS) for key in one
    )


def _read_only(value: Any) -> Any:
    """The same numbers, not to be written to; they are the model's own."""
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return view


# --- watching --------------------------------------------------------------------------------


@contextmanager
def _watched() -> Iterator[None]:
    """Within it nothing is opened but what is installed, and nothing outside is reached.

    Raises _RefusedError at the end too, for code that caught the first.
    """
    _watch()
    before, _here.refused = getattr(_here, "refused", None), []
    try:
        yield
        refused = _here.refused
    finally:
        _here.refused = before
    if refused:
        raise refused[0]


@contextmanager
def _unwatched() -> Iterator[None]:
    """While something installed is imported, which may read what it is set up by."""
    before, _here.refused = getattr(_here, "refused", None), None
    try:
        yield
    finally:
        _here.refused = before


@functools.cache
def _watch() -> None:
    sys.addaudithook(_see)


def _see(event: str, arguments: tuple[Any, ...]) -> None:
    refused = getattr(_here, "refused", None)
    if refused is None:
        return
    if event == "open":
        opened = arguments[0]
        path = opened.decode("utf-8", "replace") if isinstance(opened, bytes) else opened
        with _unwatched():
            is_ours = isinstance(path, str) and _is_of_installation(path)
        if not is_ours:
            refused.append(_RefusedError(f"opens {path!s:.80}, {_REMEDY}"))
            raise refused[-1]
    elif event in _REACHES_OUT:
        refused.append(_RefusedError(f"reaches outside ({event}), expected pure arithmetic"))
        raise refused[-1]


def _as_message(error: BaseException, file: str, line: int, expected: str) -> str:
    """An error as one line, with the line of the user's file it comes from, `line` if from none."""
    if isinstance(error, SyntaxError):
        line = error.lineno or line
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    message = " ".join(str(error).split())[:200]
    if isinstance(error, _RefusedError):
        return f"line {line}: {message}"
    return f"line {line}: {type(error).__name__}: {message}, expected {expected}"
