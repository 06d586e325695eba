"""What comes with the package is found by its name, from any folder."""

import pytest

from sim.cli.terminal import load_scenario
from sim.scenario import shipped
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load, load_experiment
from sim.scenario.shipped import named, shipped_names, titles


def test_a_name_is_a_shipped_scenario_wherever_one_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load("spiderweb").name == "spiderweb"
    assert load("verify/thinning").name == "thinning"
    assert load_experiment("impulse").kind == "impulse"


def test_a_file_of_the_readers_goes_before_a_shipped_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spiderweb").write_text("name: mine\n")
    assert str(named("spiderweb")) == "spiderweb"


@pytest.mark.parametrize("written", ["../scenarios/minimal", "minimal.yaml", "/minimal", "", "no"])
def test_what_is_no_shipped_name_stays_as_it_is_written(tmp_path, monkeypatch, written):
    monkeypatch.chdir(tmp_path)
    assert named(written) == type(tmp_path)(written)


def test_a_name_nearly_right_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="did you mean 'spiderweb'"):
        load("spiderwebb")


def test_inside_an_installed_package_its_own_are_found(tmp_path, monkeypatch):
    folder = tmp_path / "shipped" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "far.yaml").write_text("name: far\n")
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert named("far") == folder / "far.yaml"
    assert "far" in shipped_names()


def test_a_name_that_is_none_tells_names_and_titles_of_what_is_shipped(here):
    for command, kind, other in (
        ("run", "scenarios", "experiments"), ("experiment", "experiments", "scenarios")
    ):  # fmt: skip
        told = here(command, "nosuch")
        assert told.code == 2
        first, second, *rest = told.err.splitlines()
        assert first.startswith("nosuch: cannot be read")
        assert second == f"expected a file, or one of the shipped {kind}:"
        assert [line.split()[0] for line in rest] == list(titles(kind))
        assert all(t in line for t, line in zip(titles(kind).values(), rest, strict=True))
        there = next(name for name in titles(other) if name not in titles(kind))
        assert f"{other.removesuffix('s')}, run it with `sim " in here(command, there).err


def test_a_path_that_is_none_is_one_line(capsys):
    with pytest.raises(SystemExit):
        load_scenario("mine/nosuch.yaml", [])
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_titles_are_those_that_the_files_have():
    for name, title in titles("scenarios").items():
        assert load(name).title == title
    for name, title in titles("experiments").items():
        assert load_experiment(name).title == title
