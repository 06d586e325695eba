"""The how-tos done as they are written: files made, commands and code run, output compared.

A page is a row of code blocks, each with the words before it. These words say in a fixed form what
the block is for: "... into `FILE`" writes it there; "In `FILE`, find `OLD` and replace it with
this" (or "find the line `OLD`") replaces OLD, which must stand there once; sh is run; a python
block without a file is run; text is the output of what ran last, with `...` between parts that
follow one another.
"""

import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from sim import cli

ROOT = Path(__file__).parents[1]
ELSEWHERE = ("make", "git", "cd", ".", "dask", "python3", "polars/bin/python", "Rscript")
"""First words of lines that set things up, on this machine or on others."""
ALONE = ("rehearse.py",)
"""Scripts that are run as processes, as they start others."""


class Outcome(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Step(NamedTuple):
    """A block of a page: its kind, its text, and the paragraph before it."""

    kind: str
    text: str
    before: str


def steps(page: str) -> Iterator[Step]:
    """The blocks of a page in its order."""
    end, text = 0, (ROOT / page).read_text()
    for block in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        before = text[end : block.start()].strip().split("\n\n")[-1]
        yield Step(block[1], block[2], " ".join(before.split()))
        end = block.end()


def follow(page: str, folder: Path) -> int:
    """Do what a page says in a folder, which holds what a clone does. Returns how much was run."""
    said, ran = "", 0
    for step in steps(page):
        if step.kind == "sh":
            outputs = [run(words, folder) for words in lines(step.text)]
            said, ran = " ".join(outputs), ran + len(outputs)
        elif step.kind == "text":
            in_order(step.text, said)
        elif step.kind != "math" and not put_down(step, folder):
            assert step.kind == "python", step
            said, ran = run([".venv/bin/python", "-c", step.text], folder), ran + 1
    return ran


def lines(text: str) -> Iterator[list[str]]:
    """The command lines that can be run anywhere."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] not in ELSEWHERE and "--scheduler" not in words:
            yield words


def run(words: list[str], folder: Path) -> str:
    """What a command puts out; fails with it."""
    if words[0] == "sim":
        code, out, err = called(words[1:], folder)
    elif words[0] == ".venv/bin/python" and words[1] not in ALONE:
        code, out, err = 0, of_script(words[1:], folder), ""
    else:
        ours = {".venv/bin/python": [sys.executable]}
        done = subprocess.run(
            [*ours.get(words[0], words[:1]), *words[1:]],
            cwd=folder, capture_output=True, encoding="utf-8", timeout=120,
        )  # fmt: skip
        code, out, err = done.returncode, done.stdout, done.stderr
    assert code == 0, f"{shlex.join(words)}: {err}"
    return " ".join(out.split())


def of_script(words: Sequence[str], folder: Path) -> str:
    """What a script of a page prints, by its file or after `-c`: in this process, as `sim` is."""
    text = words[1] if words[0] == "-c" else (folder / words[0]).read_text()
    beside = str((folder / words[0]).parent)
    out, path, loaded = io.StringIO(), list(sys.path), set(sys.modules)
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        sys.path.insert(0, beside)
        try:
            exec(compile(text, words[0], "exec"), {"__name__": "__main__"})
        finally:
            sys.path[:] = path
            for name in set(sys.modules) - loaded:
                if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                    del sys.modules[name]  # another page may have a module of that name
    return out.getvalue()


def called(arguments: Sequence[str], folder: Path) -> Outcome:
    """Code, output and errors of `sim ...` in a folder: in this process, which has loaded all."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = exit_code(arguments)
    return Outcome(code, out.getvalue(), err.getvalue())


def exit_code(arguments: Sequence[str]) -> int:
    """What `sim ...` exits with, called in this process."""
    before, sys.argv = sys.argv, ["sim", *arguments]
    try:
        with pytest.raises(SystemExit) as stop:
            cli.main()
    finally:
        sys.argv = before
    return int(stop.value.code or 0)


def written_by_options() -> list[tuple[list[str], str]]:
    """Each command with each of its options that name where something is written."""
    found = []
    places = [([], typer.main.get_command(cli.app))]
    while places:
        words, place = places.pop()
        inner = getattr(place, "commands", {})
        places += [([*words, name], command) for name, command in inner.items()]
        found += [
            (words, option)
            for one in place.params
            for option in one.opts
            if option in ("--out", "--publish", "--to")
        ]
    return found


def put_down(step: Step, folder: Path) -> bool:
    """Write or change the file that a block is for; False if it is for none."""
    form = r"[Ii]n `([^`]+)`, find (the line )?`([^`]+)` and replace it with this"
    change = re.search(form, step.before)
    if change:
        file, old = folder / change[1], change[3]
        text = f"\n{file.read_text()}"
        old = f"\n{old}\n" if change[2] else old
        assert text.count(old) == 1, f"{change[3]} stands {text.count(old)} times in {change[1]}"
        new = f"\n{step.text}" if change[2] else step.text.rstrip("\n")
        file.write_text(text.replace(old, new)[1:])
        return True
    new_file = re.search(r"into `([^`]+)`", step.before)
    if new_file:
        (folder / new_file[1]).write_text(step.text)
    return new_file is not None


def in_order(expected: str, said: str) -> None:
    """Whether parts of an output stand there one after the other."""
    place = 0
    for part in expected.split("\n...\n"):
        part = " ".join(part.split())
        found = said.find(part, place)
        assert found >= 0, f"not put out, or not in this place: {part}\n--- but ---\n{said}"
        place = found + len(part)
