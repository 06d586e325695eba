"""What is wrong with a file or a question, each in one line."""

from collections.abc import Iterable
from dataclasses import dataclass


def one_line(text: str) -> str:
    """Text without line breaks and control characters, whatever a file contains."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: where, at which path, what, and what was expected."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        parts = (place, self.path, self.message) if self.path else (place, self.message)
        return one_line(": ".join(parts))


class ScenarioError(ValueError):
    """A scenario that cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class ExperimentError(ValueError):
    """A question that cannot be asked or answered; the message is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))
