"""Words of a scenario, of whoever wrote it: on one line, and with what no one sees written out."""

import re

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def in_one_line(text: str) -> str:
    """The text with each break of a line a space; spaces it begins with stay."""
    return _BREAKS.sub(" ", text).rstrip()


def written_out(text: str) -> str:
    """The text with control characters and the like as `\\x1b`; breaks of lines stay."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n"
        else " " if c.isspace() else c.encode("unicode_escape").decode()
        for c in text
    )  # fmt: skip
