"""How an argument is spelled where it was given: `--vary` in a command, `vary` in a call."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_OPTIONS = {"outcomes": "--outcome", "overrides": "--set"}
_in_a_command = ContextVar("in_a_command", default=False)


@contextlib.contextmanager
def spelled_as_options() -> Iterator[None]:
    """Within it arguments are options of a command."""
    before = _in_a_command.set(True)
    try:
        yield
    finally:
        _in_a_command.reset(before)


def either(command: str, call: str) -> str:
    """The words for a command, or those for a call in Python."""
    return command if _in_a_command.get() else call


def argument(name: str) -> str:
    """An argument within a sentence: `--spend-validation`, or `spend_validation=`."""
    return either(_option(name), f"{name}=")


def place(name: str, given: object = "") -> str:
    """An argument as the place of an error, with what was given: `--vary PATH` or `vary: PATH`."""
    written = str(given)
    return either(f"{_option(name)} {written}".rstrip(), f"{name}: {written}" if written else name)


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")
