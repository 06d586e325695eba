"""YAML read a second way: by ruamel.yaml, a reader of YAML 1.2 in Python that shares no code."""

import datetime
import warnings
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sim.scenario.shipped import shipped
from sim.scenario.text.document import Document, nodes
from sim.scenario.text.nodes import MappingNode, Node, SequenceNode
from tests import mutations
from tests.tiny import WAR

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [
        *shipped("scenarios").glob("*.yaml"),
        *shipped("experiments").glob("*.yaml"),
        *(ROOT / "tests").glob("*.yaml"),
    ]
)


_WRITTEN = {"None": "null", "True": "true"}


def judge() -> YAML:
    return YAML(typ="safe", pure=True)


def named(value: Any) -> Any:
    """The same with every key the word that is written, as ours are."""
    if isinstance(value, dict):
        return {_WRITTEN.get(str(key), str(key)): named(one) for key, one in value.items()}
    return [named(one) for one in value] if isinstance(value, list) else value


def read(text: str) -> tuple[Any, list[str]]:
    """What we read of a text, and what we find wrong."""
    document = Document("text")
    node = document._compose(text)
    value = None if node is None else document._plain(node, ())
    return value, [problem.message for problem in document.problems]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_says_what_another_reader_finds_in_it(file: Path) -> None:
    document = Document(str(file))
    document.read(file)
    found = named(judge().load(file.read_text(encoding="utf-8")))
    assert repr(document.data) == repr(found)  # 1 is not 1.0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_part_stands_where_another_reader_sees_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    with warnings.catch_warnings(action="ignore"):
        other = judge().compose(text)
    assert list(places(nodes(text))) == list(places(other))


def places(node: Any) -> Any:
    """Line, column and place in the text of every part, ends of the last parts too."""
    mark = node.start_mark
    yield mark.line, mark.column, mark.index
    if not isinstance(node.value, list):
        yield node.end_mark.line, node.end_mark.column, node.end_mark.index
        return
    for one in node.value:
        for part in one if isinstance(one, tuple) else (one,):
            yield from places(part)


@pytest.mark.parametrize("word", sorted({*mutations.NUMBERS, *mutations.WORDS, *mutations.DATES}))
def test_a_word_is_what_another_reader_takes_it_for_or_is_refused(word: str) -> None:
    value, problems = read(word)
    if problems:
        return
    with warnings.catch_warnings(action="ignore"):
        other = judge().load(word)
    if isinstance(other, datetime.datetime):  # of a time nothing is asked: it stays a word
        assert value == word
    elif "<<" in word:
        assert value == {"<<": {"a": 1}}  # which no block has
    else:
        assert repr(named(other)) == repr(value)


@pytest.mark.parametrize("seed", range(60))
def test_a_spoiled_text_is_refused_by_both_or_says_the_same(seed: int) -> None:
    """Where one reads what the other refuses, it is ours that refuses, or the text is odd."""
    luck = mutations.random.Random(seed)
    raw = mutations.spoiled_text(WAR, luck)
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return
    try:
        ours, problems = read(text)
    except Exception:
        return
    if problems:
        return
    with warnings.catch_warnings(action="ignore"):
        assert repr(named(judge().load(text))) == repr(ours)


def test_a_tree_is_written_and_read_again_as_it_was() -> None:
    trees, kept = mutations.Trees(WAR), 0
    for seed in range(60):
        tree = trees.spoiled(mutations.random.Random(seed))
        if depth(tree) > 40:
            continue
        kept += 1
        assert parts(mutations.tree_of(mutations.text_of(tree))) == parts(tree)
    assert kept > 40


def depth(node: Node) -> int:
    return 1 + max((depth(child) for child in mutations._children(node)), default=0)


def parts(node: Node) -> Any:
    if isinstance(node, MappingNode | SequenceNode):
        return node.tag, node.anchor, [parts(child) for child in mutations._children(node)]
    return node.tag, node.anchor, node.value
