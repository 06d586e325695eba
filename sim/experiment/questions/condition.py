"""A condition on the outcomes of a war, as a user writes it: `deal_day > 60 or never(deal_day)`.

    condition  = all {"or" all}
    all        = one {"and" one}
    one        = "not" one | sum {("<" | "<=" | ">" | ">=" | "==" | "!=") sum}
    sum        = product {("+" | "-") product}
    product    = factor {("*" | "/") factor}
    factor     = "-" factor | NUMBER | COLUMN | "never" "(" COLUMN ")" | "(" condition ")"

A condition is never executed as code. What did not happen in a war (`never`) is NaN, and every
comparison with it is false except `!=`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.scenario.figure import did_you_mean

Columns = Mapping[str, NDArray[Any]]
Value = NDArray[Any]
Evaluate = Callable[[Columns], Value]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|==|!=|[-<>+*/()]))"
)
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_RECKON: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
_WORDS = ("and", "or", "not", "never")
_LONGEST, _DEEPEST = 2000, 60


class _Part(NamedTuple):
    """A part of a condition: how to evaluate it, and whether it is a condition or a number."""

    of: Evaluate
    is_condition: bool
    at: int


class Condition:
    """A condition over columns; an invalid one raises ExperimentError, which names the option."""

    def __init__(self, written: str, columns: Iterable[str], option: str = "--when") -> None:
        self.written = " ".join(written.split())
        reader = _Reader(written, list(columns), option)
        self._part = reader.whole()
        self.columns = tuple(dict.fromkeys(reader.used))

    def holds(self, columns: Columns) -> NDArray[np.bool_]:
        """In which wars it holds, shape (runs,)."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.asarray(self._part.of(columns), np.bool_)
        runs = len(next(iter(columns.values())))
        return np.broadcast_to(found, (runs,)).copy()


class _Reader:
    """Reads a condition by the grammar above, from left to right."""

    def __init__(self, written: str, columns: list[str], option: str) -> None:
        self.written, self.columns, self.option = written, columns, option
        self.used: list[str] = []
        self.depth = 0
        if len(written) > _LONGEST:
            raise ExperimentError(
                f"{option}: {len(written):,} characters, expected at most {_LONGEST:,}"
            )
        self.tokens = list(self._tokens())
        self.place = 0

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        end = len(self.written.rstrip())
        while at < end:
            match = _TOKEN.match(self.written, at)
            if match is None:
                start = at + len(self.written[at:]) - len(self.written[at:].lstrip())
                self._stop(start, self.written[start], "is no part of a condition", _EXAMPLE)
            kind = str(match.lastgroup)
            yield kind, match[kind], match.start(kind)
            at = match.end()
        yield "end", "the end", end

    def whole(self) -> _Part:
        """The condition, to its end."""
        part = self._condition(self.any())
        kind, text, at = self.tokens[self.place]
        if kind != "end":
            self._stop(at, text, "comes too late", "a comparison, and, or, or the end before it")
        return part

    def any(self) -> _Part:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._stop(self.tokens[self.place][2], "(", "is nested too deep", "fewer brackets")
        part = self._joined("or", np.logical_or, self._all)
        self.depth -= 1
        return part

    def _all(self) -> _Part:
        return self._joined("and", np.logical_and, self._one)

    def _joined(
        self, word: str, join: Callable[[Any, Any], Any], next_one: Callable[[], _Part]
    ) -> _Part:
        part = next_one()
        while self._takes(word):
            left, right = self._condition(part), self._condition(next_one())
            part = _Part(_both(join, left.of, right.of), True, left.at)
        return part

    def _one(self) -> _Part:
        at = self.tokens[self.place][2]
        turns = 0
        while self._takes("not"):
            turns += 1
        part = self._compared()
        if turns:
            of = self._condition(part).of
            is_turned = turns % 2 == 1
            return _Part(lambda c: np.logical_xor(of(c), is_turned), True, at)
        return part

    def _compared(self) -> _Part:
        first = self._sum()
        links: list[Evaluate] = []
        left = first
        while self.tokens[self.place][1] in _COMPARE:
            sign = self._next()[1]
            right = self._sum()
            pair = self._number(left), self._number(right)
            links.append(_both(_COMPARE[sign], pair[0].of, pair[1].of))
            left = right
        if not links:
            return first
        whole = links[0]
        for link in links[1:]:
            whole = _both(np.logical_and, whole, link)
        return _Part(whole, True, first.at)

    def _sum(self) -> _Part:
        return self._reckoned(("+", "-"), lambda: self._reckoned(("*", "/"), self._factor))

    def _reckoned(self, signs: tuple[str, ...], next_one: Callable[[], _Part]) -> _Part:
        part = next_one()
        while self.tokens[self.place][1] in signs:
            sign = self._next()[1]
            left, right = self._number(part), self._number(next_one())
            part = _Part(_both(_RECKON[sign], left.of, right.of), False, left.at)
        return part

    def _factor(self) -> _Part:
        kind, text, at = self._next()
        if text == "-":
            turns = 1
            while self._takes("-"):
                turns += 1
            of = self._number(self._factor()).of
            return _Part(of if turns % 2 == 0 else lambda c: np.negative(of(c)), False, at)
        if text == "(":
            part = self.any()
            self._expect(")")
            return part._replace(at=at)
        if kind == "number":
            value = np.array(float(text))
            return _Part(lambda _: value, False, at)
        if text == "never":
            self._expect("(")
            column = self._column(*self._next())
            self._expect(")")
            return _Part(lambda c: np.isnan(c[column].astype(np.float64)), True, at)
        if kind == "word" and text not in _WORDS:
            column = self._column(kind, text, at)
            return _Part(lambda c: c[column].astype(np.float64), False, at)
        self._stop(at, text, "does not fit here", "a column, a number or a bracket")

    def _column(self, kind: str, text: str, at: int) -> str:
        if kind != "word" or text in _WORDS:
            self._stop(at, text, "is no column", "one of runs.parquet")
        if text not in self.columns:
            hint = did_you_mean(text, self.columns).removeprefix(", ")
            self._stop(at, text, "is no column", hint or "one of runs.parquet")
        self.used.append(text)
        return text

    # tokens

    def _next(self) -> tuple[str, str, int]:
        token = self.tokens[self.place]
        if token[0] != "end":
            self.place += 1
        return token

    def _takes(self, text: str) -> bool:
        """Take the next token if it is this one."""
        if self.tokens[self.place][1] != text:
            return False
        self.place += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            _, found, at = self.tokens[self.place]
            self._stop(at, found, "does not fit here", repr(text))

    def _condition(self, part: _Part) -> _Part:
        if not part.is_condition:
            self._stop(part.at, self._word_at(part.at), "is a number", _EXAMPLE)
        return part

    def _number(self, part: _Part) -> _Part:
        if part.is_condition:
            self._stop(part.at, self._word_at(part.at), "begins a condition", "a number there")
        return part

    def _word_at(self, at: int) -> str:
        return next(text for _, text, start in self.tokens if start == at)

    def _stop(self, at: int, found: str, problem: str, wanted: str) -> NoReturn:
        place = f"character {at + 1}"
        wanted = wanted if wanted.startswith("did you mean") else f"expected {wanted}"
        raise ExperimentError(f"{self.option}: {place}: {found!r} {problem}, {wanted}")


_EXAMPLE = "a condition such as z_end < 0 or never(deal_day)"


def _both(join: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda columns: join(left(columns), right(columns))
