"""What is handed out: the wheel, the source distribution, the archive, and what they say of it."""

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

import sim

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CODEMETA = json.loads((ROOT / "codemeta.json").read_text())
CITATION = YAML(typ="safe").load(ROOT / "CITATION.cff")
RUN = ("run", "spiderweb", "--runs", "20", "--json")
ANSWER = ("answer.json", "manifest.json")


def done(*words: object, cwd: Path, **environment: str) -> str:
    """What a process wrote, its exit code being 0."""
    ended = subprocess.run(
        [*map(str, words)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def built(tree: Path, folder: Path, *targets: str) -> list[Path]:
    """What hatchling makes of a tree, without a network."""
    asked = [word for target in targets for word in ("-t", target)]
    done(sys.executable, "-m", "hatchling", "build", "-d", folder, *asked, cwd=tree)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (file,) = built(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")
    return file


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    (file,) = built(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Calls the `sim` of an environment with the wheel, in an empty folder with an empty home.

    The libraries are those of this environment; what installs the checkout here is not seen there.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    install = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    done(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    site = Path(
        done(
            python, "-c", "import sysconfig as s; print(s.get_path('purelib'))", cwd=folder
        ).strip()
    )
    libraries = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (site / "libraries.pth").write_text("\n".join(libraries))
    home, empty = folder / "home", folder / "empty"
    home.mkdir()
    empty.mkdir()
    alone = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "PYTHONPATH": ""}

    def call(*words: str) -> str:
        return done(folder / "bin" / "sim", *words, cwd=empty, **alone)

    where = done(python, "-c", "import sim; print(sim.__file__)", cwd=empty, **alone)
    assert Path(where.strip()).is_relative_to(site)
    return call


# --- wheel and source distribution -------------------------------------------------------------


def test_the_wheel_holds_all_that_the_package_and_its_wars_are(wheel: Path) -> None:
    """No file is left out, and nothing that was made here comes along."""
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if kept.returncode:
        pytest.skip("this is no clone")
    there = {name for name in kept.stdout.splitlines() if (ROOT / name).is_file()}
    wanted = {name for name in there if name.startswith("sim/")}
    wanted |= {
        f"sim/shipped/{name}" for name in there if name.startswith(("scenarios/", "experiments/"))
    }
    shown = {
        "weighing": ("answer.json", "headline.csv"),
        **dict.fromkeys(("air-base", "when-to-talk"), (*ANSWER, "options.csv", "worth.csv")),
        **dict.fromkeys(("city-budget", "saturation-game"), (*ANSWER, "mixes.csv")),
    }
    wanted |= {
        f"sim/shipped/results/{name}/{file}" for name, files in shown.items() for file in files
    }
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == wanted


def test_the_source_distribution_builds_the_same_wheel(
    wheel: Path, unpacked: Path, tmp_path: Path
) -> None:
    (again,) = built(unpacked, tmp_path, "wheel")
    assert again.name == wheel.name
    assert (
        hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()
    )


def test_the_source_distribution_can_be_read_tested_and_cited(unpacked: Path) -> None:
    for name in ("README.md", "LICENSE", "CITATION.cff", "codemeta.json", "Makefile", ".ci/run"):
        assert (unpacked / name).is_file(), name
    for name in ("docs/odd.md", "docs/trace.md", "tests/conftest.py", "results/theories"):
        assert (unpacked / name).exists(), name


@pytest.mark.thorough
def test_an_installed_wheel_gives_the_answer_of_the_checkout(
    installed: Callable[..., str], tmp_path: Path
) -> None:
    ours = json.loads(done(sys.executable, "-m", "sim.cli", *RUN, cwd=tmp_path))
    theirs = json.loads(installed(*RUN))
    assert Path(theirs.pop("folder")).name == Path(ours.pop("folder")).name
    assert theirs.pop("seconds") > 0.0
    assert ours.pop("seconds") > 0.0
    assert theirs == ours
    assert "spiderweb" in installed("results")


@pytest.mark.thorough
def test_an_installed_wheel_verifies_itself(installed: Callable[..., str]) -> None:
    verified = json.loads(installed("verify", "--json"))
    assert verified["agree"] == verified["all"] > 200


@pytest.mark.slow
def test_an_installed_wheel_finds_its_wars_and_tells_its_commands(
    installed: Callable[..., str],
) -> None:
    assert "weapons.drone.p_hit" in installed("check", "minimal")
    ours = done(sys.executable, "-m", "sim.cli", "--help", cwd=ROOT)
    assert installed("--help").partition("\n\n")[2] == ours.partition("\n\n")[2] > ""


# --- what is said of it ------------------------------------------------------------------------


def test_the_version_is_one() -> None:
    assert {sim.__version__, CODEMETA["version"], CITATION["version"]} == {PROJECT["version"]}
    assert f"version {PROJECT['version']}" in (ROOT / "README.md").read_text()
    released = CITATION["date-released"].isoformat()
    assert released == CODEMETA["datePublished"]
    assert f"\n## [{PROJECT['version']}] - {released}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_the_changelog_has_each_heading_and_entry_once() -> None:
    """Merging two changes of it by joining them may leave parts of an older one behind."""
    text = (ROOT / "CHANGELOG.md").read_text()
    entries = re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE)
    assert len(entries) == len(set(entries)) > 150
    for version in text.split("\n## ")[1:]:
        headings = re.findall(r"^##+ .*$", version, re.MULTILINE)
        kinds = [heading for heading in headings if heading.startswith("### ")]
        assert len(kinds) == len(set(kinds))
        assert set(kinds) <= {
            "### Added",
            "### Changed",
            "### Deprecated",
            "### Removed",
            "### Fixed",
            "### Security",
        }


def test_name_licence_authors_and_words_are_one() -> None:
    assert CODEMETA["name"] == CITATION["title"]
    assert CODEMETA["identifier"] == PROJECT["name"]
    assert CODEMETA["license"] == f"https://spdx.org/licenses/{CITATION['license']}"
    assert CITATION["license"] == PROJECT["license"]
    assert CODEMETA["description"] == PROJECT["description"] == CITATION["abstract"].rstrip(".")
    names = [author["name"] for author in PROJECT["authors"]]
    assert (
        names == [a["name"] for a in CODEMETA["author"]] == [a["name"] for a in CITATION["authors"]]
    )
    assert set(CODEMETA["keywords"]) == set(CITATION["keywords"]) == set(PROJECT["keywords"])


def test_requirements_are_one() -> None:
    needed = map(Requirement, PROJECT["dependencies"])
    told = {one["name"]: one["version"] for one in CODEMETA["softwareRequirements"]}
    assert told.keys() == {Requirement(text).name for text in PROJECT["dependencies"]}
    assert all(Requirement(f"x{told[one.name]}").specifier == one.specifier for one in needed)
    assert CODEMETA["programmingLanguage"]["version"] == PROJECT["requires-python"]


def test_codemeta_is_of_version_3_and_its_files_are_there() -> None:
    assert CODEMETA["@context"] == "https://w3id.org/codemeta/3.0"
    assert CODEMETA["@type"] == "SoftwareSourceCode"
    for key in ("readme", "buildInstructions", "releaseNotes", "continuousIntegration"):
        assert (ROOT / CODEMETA[key].partition("#")[0]).is_file(), key


def test_the_citation_has_what_the_format_asks_for() -> None:
    needed = {"cff-version", "message", "title", "authors"}
    known = needed | {"type", "version", "abstract", "license", "keywords", "doi", "date-released"}
    known |= {"repository-code", "url", "identifiers", "references", "preferred-citation"}
    assert needed <= set(CITATION) <= known
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "software"


# --- the archive -------------------------------------------------------------------------------


def clone(folder: Path) -> Path:
    """A clone of this repository with the Makefile as it stands here."""
    asked = ["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(folder)]
    if subprocess.run(asked, capture_output=True).returncode:
        pytest.skip("this is no clone")
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text())
    return folder


def test_the_archive_is_the_commit_and_the_same_each_time(tmp_path: Path) -> None:
    tree = clone(tmp_path / "clone")
    digests = set()
    for zone in ("UTC", "Asia/Tokyo"):
        done("make", "archive", cwd=tree, TZ=zone)
        (file,) = (tree / "dist").iterdir()
        digests.add(hashlib.sha256(file.read_bytes()).hexdigest())
        file.rename(tmp_path / file.name)
    assert len(digests) == 1
    kept = done("git", "ls-tree", "-r", "--name-only", "HEAD", cwd=tree).splitlines()
    with zipfile.ZipFile(tmp_path / file.name) as archive:
        assert archive.comment.decode() == done("git", "rev-parse", "HEAD", cwd=tree).strip()
        names = {name for name in archive.namelist() if not name.endswith("/")}
    assert names == {f"{file.stem}/{name}" for name in kept}


def test_without_a_commit_there_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    ended = subprocess.run(
        ["make", "archive"], cwd=tmp_path, capture_output=True, text=True, env=outside(tmp_path)
    )
    assert ended.returncode
    assert ended.stderr.startswith("make archive packs a commit: run it in a clone")


def outside(folder: Path) -> dict[str, str]:
    """An environment in which no repository is looked for above a folder."""
    return {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}


# --- the workflows and hooks -------------------------------------------------------------------


WORKFLOWS = ROOT / ".github" / "workflows"
PYTHONS = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if "Python :: 3." in c]


def jobs(name: str = "tests") -> dict[str, Any]:
    workflow = YAML(typ="safe").load(WORKFLOWS / f"{name}.yml")
    assert workflow["permissions"] == {"contents": "read"}
    return dict(workflow["jobs"])


def test_the_workflow_calls_what_a_change_must_pass_on_every_python() -> None:
    ci = jobs()["ci"]
    assert [step["run"] for step in ci["steps"] if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert ci["strategy"]["matrix"]["python"] == PYTHONS
    systems = {system.partition("-")[0] for system in ci["strategy"]["matrix"]["system"]}
    assert systems == {"ubuntu", "macos"}


def test_the_newest_libraries_are_tried_on_every_python_without_being_asked() -> None:
    tried = jobs("newest")["newest"]
    assert [step["run"] for step in tried["steps"] if "run" in step] == [
        "make newest",
        "make thorough",
    ]
    assert tried["strategy"]["matrix"]["python"] == PYTHONS
    assert "cron:" in (WORKFLOWS / "newest.yml").read_text()
    assert os.access(ROOT / ".ci" / "newest", os.X_OK)
    named = re.search(r"quick=\(([a-z_/\s]+)\)", (ROOT / ".ci" / "newest").read_text())
    assert named
    files = [f"{name.replace('/', '/test_')}.py" for name in named[1].split()]
    assert [file for file in files if not (ROOT / "tests" / file).exists()] == []


@pytest.mark.parametrize("file", sorted(WORKFLOWS.iterdir()), ids=lambda file: file.stem)
def test_the_workflow_uses_what_is_pinned_and_no_secret(file: Path) -> None:
    text = file.read_text()
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v[\d.]+", one) for one in used)
    assert "secrets" not in text


def test_hooks_are_what_lint_calls() -> None:
    """In the versions of the environment: nothing is fetched."""
    (repository,) = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    recipe = (ROOT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    called = re.findall(r"(?:-m |\$\(VENV\)/bin/)([a-z-]+(?: check| format)?)", recipe)
    entries = [hook["entry"] for hook in repository["hooks"]]
    hooked = [
        re.search(r"(?:-m |bin/)([a-z-]+(?: check| format)?)(?: --\S+)?$", e)[1] for e in entries
    ]
    assert hooked == called
