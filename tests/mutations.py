"""Ways to spoil a scenario, an experiment and the words of a command line, from seeded luck.

Text is spoiled as bytes and lines; a tree of YAML nodes part by part, without reading it anew.
"""

import copy
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from sim.scenario.text.nodes import MappingNode, Node, ScalarNode, SequenceNode, composed

Luck = random.Random
Place = tuple[int, ...]
"""Where a node stands: the number of the child at each step; of a mapping 2k is a key, 2k+1 its
value."""

NUMBERS = (
    "0", "-0.0", "1", "-1", "2", "0.5", "1.0000001", "-1e-9", ".nan", "-.nan", ".inf", "-.inf",
    "1e308", "-1e308", "1e400", "1e-320", "5e-324", "1e-9", "1e9", "1e15", "1.1e15", "9999999",
    "10000000", "10000001", "1000000000", "1.5", "3.7", "200", "201", "1000", "1001", "4000",
    "9223372036854775807", "9223372036854775808", "1" + "0" * 400, "0x1F", "0o17", "0b1", "1_000",
    "1:30", "1e5", "100000", "20100", "0.999999", "0.9999999999999999", "1e-6", "1e-7", "١٢",
)  # fmt: skip
WORDS = (
    "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "N", "True", "TRUE", "nan",
    "NaN", "inf", "Infinity", "'0.5'", '"0.5"', "x", "ü", "日本", "🛩", "a b", "-", "a-b", "a_b",
    "A", "__class__", "model_config", "_text", "name", "value", "'\\n'", '"\\n"', '"\\0"',
    '"\\x1b[31m"', '"\\u2028"', '"a\\nb"', "'%s'", '"{raw}"', "2025-01-05", "2025-13-40",
    "2025-02-29", "0001-01-01", "9999-12-31", "2025-01-05T00:00:00Z", "2025-1-5", "1970-01-01",
    "'2025-01-05'", "45 km", "'45 km'", "1 USD", "5 %", "1/h", "km", "MUSD", "1e5 day", "3 parsec",
    "'1 km/h/h'", "'1 ((('", "'1 km**999999'", "-.inf km", "[]", "{}", "[[]]", "[1, 2]", "{a: b}",
    "[a, a]", "{value: 1}", "{value: 0.5, assumed: x}", "{value: 0.5, source: nobody1900}",
    "{value: 1, low: 0, high: 2, assumed: x}", "{value: 1, low: 2, high: 0, assumed: x}",
    "{value: 1, low: -.inf, high: .inf, assumed: x}", "{value: 1, assumed: ' '}",
    "{value: 1, low: 1e-320, high: 1e308, law: lognormal, assumed: x}", "{kind: direct}",
    "{kind: nobody}", "{kind: [direct]}", "&a 1", "!!float 1", "!!str 1", "!!binary aGk=",
    "!!python/object:os.system {}", "!!set {a}", "!!omap [a: 1]", "!own 1", "!!int x",
    "!!timestamp x", "!!bool 2", "!!null x", "? [a]\n: b", "{a: 1, a: 2}", "{<<: {a: 1}}",
    "{1: 2}", "{null: 1}", "{true: 1}", "{2025-01-05: 1}", "{'': 1}", "{a.b: 1}",
    "'" + "x" * 5000 + "'", "[" * 50 + "]" * 50, "{a: " * 45 + "1" + "}" * 45,
)  # fmt: skip
DATES = (
    "2025-01-01", "2025-01-03", "2025-01-05", "2025-01-12", "2025-01-13", "2024-12-31",
    "2024-05-31", "1970-01-01", "0001-01-01", "9999-12-31", "2036-01-01",
)  # fmt: skip
_BITS = (
    b"\x00", b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf0\x9f\x9b\xa9", b"\xef\xbb\xbf", b"\x1b",
    b"\t", b"\r\n", b"\r", b"\n", b"\xc2\x85", b"\xe2\x80\xa8", b":", b": ", b"- ", b"#", b"&a ",
    b"*a", b"!!float ", b"<<: *a", b"%YAML 1.1\n---\n", b"---\n", b"...\n", b"|", b">", b"{", b"}",
    b"[", b"]", b",", b"'", b'"', b"? ", b"@", b"`", b"~", b"null", b".nan", b".inf", b"1e400",
    b"x" * 3000, b"[" * 60, b"[" * 1500, b"{a: " * 50, b"yes", b"0o7",
)  # fmt: skip
_BOMB = b"a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n"


# --- text --------------------------------------------------------------------------------------


def spoiled_text(text: str, luck: Luck) -> bytes:
    """The text after one to three changes of its bytes and lines."""
    raw = text.encode()
    for _ in range(luck.randint(1, 3)):
        raw = luck.choice(_OF_TEXT)(raw, luck)
    return raw


def _flip(raw: bytes, luck: Luck) -> bytes:
    at = luck.randrange(len(raw) + 1)
    return raw[:at] + bytes([luck.randrange(256)]) + raw[at + 1 :]


def _insert(raw: bytes, luck: Luck) -> bytes:
    at = luck.randrange(len(raw) + 1)
    return raw[:at] + luck.choice(_BITS) + raw[at + luck.choice((0, 0, 1, 3)) :]


def _cut(raw: bytes, luck: Luck) -> bytes:
    at = luck.randrange(len(raw) + 1)
    return raw[:at] if luck.random() < 0.5 else raw[at:]


def _of_lines(change: Callable[[list[bytes], int, Luck], None]) -> Callable[[bytes, Luck], bytes]:
    def changed(raw: bytes, luck: Luck) -> bytes:
        lines = raw.split(b"\n")
        change(lines, luck.randrange(len(lines)), luck)
        return b"\n".join(lines)

    return changed


def _drop_line(lines: list[bytes], at: int, luck: Luck) -> None:
    del lines[at : at + luck.choice((1, 1, 1, 3, 10))]


def _double_line(lines: list[bytes], at: int, luck: Luck) -> None:
    lines.insert(luck.randrange(len(lines)), lines[at])


def _swap_lines(lines: list[bytes], at: int, luck: Luck) -> None:
    other = luck.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _indent_line(lines: list[bytes], at: int, luck: Luck) -> None:
    kept = lines[at].lstrip()
    lines[at] = luck.choice((b"", b" ", b"  ", b"    ", b"\t", b" \t", b"      ")) + kept


def _value_in_line(lines: list[bytes], at: int, luck: Luck) -> None:
    word = luck.choice(NUMBERS + WORDS).encode()
    places = list(re.finditer(rb"(?<=: )[^,:{}]+", lines[at]))
    if places:
        place = luck.choice(places)
        lines[at] = lines[at][: place.start()] + word + lines[at][place.end() :]


def _key_in_line(lines: list[bytes], at: int, luck: Luck) -> None:
    places = list(re.finditer(rb"[\w-]+(?=:)", lines[at]))
    if places:
        place, word = luck.choice(places), luck.choice(WORDS).encode()
        lines[at] = lines[at][: place.start()] + word + lines[at][place.end() :]


_OF_TEXT: tuple[Callable[[bytes, Luck], bytes], ...] = (
    _flip,
    _insert,
    _insert,
    _cut,
    *map(_of_lines, (_drop_line, _double_line, _swap_lines, _indent_line)),
    *map(_of_lines, (_value_in_line, _value_in_line, _key_in_line)),
    lambda raw, _: raw.replace(b"\n", b"\r\n"),
    lambda raw, _: b"\xef\xbb\xbf" + raw,
    lambda raw, luck: raw + luck.choice((_BOMB, b"\n---\na: 1\n", b"\n" * 2000, b"#" * 70000)),
    lambda raw, luck: raw.decode("utf-8", "replace").encode(luck.choice(("utf-16", "latin-1")),
                                                            "replace"),
)  # fmt: skip


# --- trees -------------------------------------------------------------------------------------


def tree_of(text: str) -> Node:
    """The nodes of a YAML text."""
    return composed(text)


def text_of(tree: Node) -> str:
    """A tree as YAML, to be kept."""
    events = (yaml.DocumentStartEvent(), *_events(tree), yaml.DocumentEndEvent())
    return yaml.emit((yaml.StreamStartEvent(), *events, yaml.StreamEndEvent()))


def _events(node: Node) -> Iterator[yaml.Event]:
    """What writes a node: every tag and every anchor as it is."""
    if isinstance(node, ScalarNode):
        yield yaml.ScalarEvent(node.anchor, node.tag, (False, False), node.value)
        return
    of_list = yaml.SequenceStartEvent, yaml.SequenceEndEvent
    of_pairs = yaml.MappingStartEvent, yaml.MappingEndEvent
    start, end = of_pairs if isinstance(node, MappingNode) else of_list
    yield start(node.anchor, node.tag, implicit=False)
    for child in _children(node):
        yield from _events(child)
    yield end()


class Trees:
    """Trees that differ from a sound one in a few places; what is not changed is shared."""

    def __init__(self, text: str) -> None:
        self.sound = tree_of(text)
        self.places = list(_places(self.sound, ()))
        self.numbers = [tree_of(word) for word in NUMBERS]
        self.pieces = [tree_of(word) for word in WORDS if word]
        self.keys = [key for key in map(self._at, self.places) if isinstance(key, ScalarNode)]
        self.values = [place for place in self.places if place and place[-1] % 2]
        self.figures = [place for place in self.values if self._is(place, ":float", ":int")]
        self.dates = [place for place in self.values if self._is(place, ":timestamp")]
        self.days = [tree_of(day) for day in DATES]

    def _is(self, place: Place, *tags: str) -> bool:
        node = self._at(place)
        return isinstance(node, ScalarNode) and str(node.tag).endswith(tags)

    def _at(self, place: Place, tree: Node | None = None) -> Node:
        node = tree or self.sound
        for step in place:
            node = _children(node)[step]
        return node

    def spoiled(self, luck: Luck) -> Node:
        """A tree after one to three changes of its parts."""
        tree = self.sound
        for _ in range(luck.choice((1, 1, 1, 2, 3))):
            draw = luck.random()
            if draw < 0.08 and self.dates:
                place, change = luck.choice(self.dates), self._day
            elif draw < 0.45:
                place, change = luck.choice(self.figures), self._number
            elif draw < 0.8:
                place, change = luck.choice(self.values), self._any
            else:
                place, change = luck.choice(self.places), self._shape
            tree = _changed(tree, place, lambda node, change=change: change(node, luck))
        return tree

    def _day(self, _: Node, luck: Luck) -> Node:
        return luck.choice(self.days)

    def _number(self, node: Node, luck: Luck) -> Node:
        if luck.random() < 0.6:
            return luck.choice(self.numbers)
        try:
            near = float(node.value) * luck.choice((-1, 0.5, 2, 10, 1e3, 1e6, 1.000001))
        except (TypeError, ValueError):
            return luck.choice(self.numbers)
        return tree_of(f"{near:.8g}" if near % 1 or abs(near) > 1e15 else str(int(near)))

    def _any(self, node: Node, luck: Luck) -> Node:
        draw = luck.random()
        if draw < 0.5:
            return luck.choice(self.pieces)
        if draw < 0.75:
            return self._at(luck.choice(self.places))
        return self._shape(node, luck)

    def _shape(self, node: Node, luck: Luck) -> Node:
        """A node of another shape: entries dropped, doubled, renamed, a tag, an anchor, a frame."""
        if isinstance(node, ScalarNode) or not node.value or luck.random() < 0.15:
            return self._framed(node, luck)
        new, at = copy.copy(node), luck.randrange(len(node.value))
        new.value = list(node.value)
        act = luck.randrange(5)
        if act == 0:
            del new.value[at]
        elif act == 1:
            new.value.insert(luck.randrange(len(new.value)), new.value[at])
        elif act == 2:
            new.value = []
        elif isinstance(node, MappingNode):
            if act == 3:
                new.value[at] = (luck.choice((*self.keys, *self.pieces)), new.value[at][1])
            else:
                new.value.append((luck.choice(self.keys), self._at(luck.choice(self.places))))
        else:
            new.value[at] = luck.choice(self.pieces)
        return new

    def _framed(self, node: Node, luck: Luck) -> Node:
        frame = luck.randrange(5)
        if frame == 0:
            return _like(SequenceNode, "seq", [node], node)
        if frame == 1:
            return _like(MappingNode, "map", [(luck.choice(self.keys), node)], node)
        new = copy.copy(node)
        if frame == 2:
            new.anchor = "a"
        elif frame == 3:
            tags = ("float", "int", "str", "bool", "null", "timestamp", "map", "seq", "binary")
            new = _like(type(node), luck.choice(tags), node.value, node)
        else:
            for _ in range(luck.choice((3, 38, 45, 200))):
                new = _like(SequenceNode, "seq", [new], node)
        return new


def _like(kind: type[Node], tag: str, value: Any, node: Node) -> Node:
    return kind(f"tag:yaml.org,2002:{tag}", value, node.start_mark, node.end_mark)


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for entry in node.value for part in entry]
    return node.value if isinstance(node, SequenceNode) else []


def _places(node: Node, place: Place) -> Any:
    yield place
    for step, child in enumerate(_children(node)):
        yield from _places(child, (*place, step))


def _changed(node: Node, place: Place, change: Callable[[Node], Node]) -> Node:
    """The tree with the node at a place changed; as it is where nothing stands there any more."""
    if not place:
        return change(node)
    step, *rest = place
    children = _children(node)
    if step >= len(children):
        return node
    new = copy.copy(node)
    children = [*children[:step], _changed(children[step], tuple(rest), change),
                *children[step + 1 :]]  # fmt: skip
    is_mapping = isinstance(node, MappingNode)
    new.value = list(zip(children[::2], children[1::2], strict=True)) if is_mapping else children
    return new


# --- words of a command line -------------------------------------------------------------------

_SIGNS = ("", "=", ".", "..", ":", ",", " ", "\n", "\0", "(", ")", "+-", "é", "-", "*", "%s", "{}")


def spoiled_word(word: str, luck: Luck) -> str:
    """A word after a change of some characters, or another one."""
    if luck.random() < 0.2:
        return luck.choice(WORDS + NUMBERS)
    at = luck.randrange(len(word) + 1)
    return word[:at] + luck.choice(_SIGNS) + word[at + luck.choice((0, 1, 1, 4)) :]


def spoiled_path(paths: list[str], luck: Luck) -> str:
    """A dotted path: most are sound, some lead nowhere or to a block."""
    path, draw = luck.choice(paths), luck.random()
    if draw < 0.6:
        return path
    if draw < 0.8:
        return ".".join(path.split(".")[: luck.randint(1, 4)])
    if draw < 0.9:
        return f"{path}.{luck.choice(('value', 'low', 'on', '0', 'x', ''))}"
    return spoiled_word(path, luck)


def spoiled_value(luck: Luck) -> str:
    """A value to set something to."""
    return luck.choice(luck.choice((NUMBERS, WORDS)))


_TOKENS = (
    "and", "or", "not", "never", "(", ")", "<", "<=", "==", "!=", ">=", ">", "+", "-", "*", "/",
    "1", "0", "1e400", "1e-400", ".5", "5.", "1.2.3", "x", "é", "²", "=", "nan", "inf", "%", "\n",
    "\0", "((((", "not not", "- - -", "'", '"', "lambda", "__import__",
)  # fmt: skip


def spoiled_condition(columns: list[str], luck: Luck) -> str:
    """A condition on outcomes, sound now and then."""
    if luck.random() < 0.05:
        return luck.choice(("(", "(", "not ", "-", "1+")) * luck.choice((50, 70, 990, 990, 3000))
    sound = [
        luck.choice(columns),
        luck.choice(("<", ">=", "==", "!=")),
        luck.choice(("0", "60", luck.choice(columns))),
    ]
    for _ in range(luck.randint(0, 4)):
        at = luck.randrange(len(sound) + 1)
        sound[at : at + luck.randint(0, 1)] = [luck.choice((*_TOKENS, luck.choice(columns)))]
    return luck.choice((" ", " ", "")).join(sound)
