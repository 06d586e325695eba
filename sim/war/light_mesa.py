"""Mesa without the parts that no war uses, until somebody asks for one.

Mesa imports its spaces and experiments with itself, and these networkx and SciPy's spatial part: a
quarter of what a command imports. Here they are modules that load when a name of theirs is read.

To name its loggers Mesa also asks who calls it, and Python then looks up the source of every frame
of the stack among all modules that are loaded. Here it gets the frames without their source.
"""

import contextlib
import importlib.util
import inspect
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UNUSED = ("mesa.space", "mesa.discrete_space", "mesa.experimental")


def put_off(name: str, folder: Path) -> None:
    """Let a part of a package load when a name in it is first read; `folder` is the package's."""
    own = folder / name.rpartition(".")[2]
    if not own.is_dir() and not own.with_suffix(".py").exists():
        return  # another Mesa has no such part
    module = types.ModuleType(name)
    if own.is_dir():
        module.__path__ = [str(own)]

    def load(word: str) -> Any:
        if word.startswith("__"):  # who looks through all modules asks for nothing in it
            raise AttributeError(word)
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(importlib.import_module(name), word)

    module.__getattr__ = load  # type: ignore[method-assign]
    sys.modules[name] = module


def frames_without_source(frame: types.FrameType | None, _: int = 1) -> list[inspect.FrameInfo]:
    """A frame and those that called it, as `inspect.getouterframes` gives them, but no lines."""
    found = []
    while frame is not None:
        code = frame.f_code
        place = frame, code.co_filename, frame.f_lineno, code.co_name
        found.append(inspect.FrameInfo(*place, None, None))
        frame = frame.f_back
    return found


@contextlib.contextmanager
def quick_frames() -> Iterator[None]:
    """Within it, who asks for the stack gets it without its source."""
    before = inspect.getouterframes
    inspect.getouterframes = frames_without_source  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getouterframes = before


if "mesa" not in sys.modules:
    found = importlib.util.find_spec("mesa")
    for name in UNUSED:
        put_off(name, Path(str(found and found.origin)).parent)

with quick_frames():
    import mesa  # noqa: F401  now, with the others put off
