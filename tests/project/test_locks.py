"""The locks name all that is installed, so that nothing is left for pip to choose."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? \\$", re.M
)


def pins_of(lock: str) -> dict[str, str]:
    """Version by name, of what a lock installs on this Python and machine."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pins = {}
    for found in PINNED.finditer(text):
        requirement = Requirement(found[0].removesuffix(" \\"))
        if requirement.marker is None or requirement.marker.evaluate():
            name = canonicalize_name(requirement.name)
            assert name not in pins, f"{lock}: {name} is pinned twice"
            pins[name] = found["version"]
    return pins


def asked(requirement: str, extra: str = "") -> Iterator[Requirement]:
    """A requirement, if this Python and machine need it."""
    one = Requirement(requirement)
    if one.marker is None or one.marker.evaluate({**default_environment(), "extra": extra}):
        yield one


def all_that_is_needed(roots: list[str]) -> Iterator[tuple[str, Requirement]]:
    """Who asks and what for: from what the project asks for through the metadata installed here."""
    todo = [("pyproject.toml", one) for root in roots for one in asked(root)]
    seen = set()
    while todo:
        who, one = todo.pop()
        yield who, one
        for extra in ("", *one.extras):
            key = canonicalize_name(one.name), extra
            if key not in seen:
                seen.add(key)
                listed = metadata.requires(one.name) or []
                todo += [(one.name, more) for line in listed for more in asked(line, extra)]


def roots_of(*extras: str) -> list[str]:
    project = PROJECT["project"]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [*project["dependencies"], *optional, *PROJECT["dependency-groups"]["build"]]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("core", ("cluster", "dashboard")), ("dev", ("cluster", "dashboard", "dev"))],
)
def test_whatever_is_needed_stands_in_the_lock_with_a_version_that_will_do(lock, extras):
    pins = pins_of(lock)
    asks = list(all_that_is_needed(roots_of(*extras)))
    assert any(one.extras for _, one in asks)
    for who, one in asks:
        name = canonicalize_name(one.name)
        assert name in pins, f"{who} asks for {one}, which {lock}.txt lacks"
        assert one.specifier.contains(pins[name], prereleases=True), f"{who} asks for {one}"


def test_what_is_installed_here_is_what_the_lock_says():
    """Else the test above would walk through other metadata than those of the lock."""
    different = {
        name: (version, metadata.version(name))
        for name, version in pins_of("dev").items()
        if metadata.version(name) != version
    }
    assert not different


def test_both_locks_agree():
    core, dev = pins_of("core"), pins_of("dev")
    assert core.items() <= dev.items()


def test_the_locks_are_installed_as_lists_wherever_the_project_says_how():
    says = ["Makefile", "README.md", *map(str, (ROOT / "docs").glob("*.md"))]
    lines = [
        line for name in says for line in (ROOT / name).read_text().splitlines()
        if "--require-hashes" in line
    ]  # fmt: skip
    assert lines
    assert all("--no-deps" in line for line in lines)
