"""Put text of any origin, such as a scenario's, on one line and show invisible characters."""

import re

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def in_one_line(text: str) -> str:
    """The text with every line break replaced by a space; leading spaces are kept."""
    return _BREAKS.sub(" ", text).rstrip()


def written_out(text: str) -> str:
    """The text with control characters and the like written as `\\x1b`; line breaks are kept."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n"
        else " " if c.isspace() else c.encode("unicode_escape").decode()
        for c in text
    )  # fmt: skip
