"""Words on one line, whatever breaks of lines a scenario has in them."""

import re

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def in_one_line(text: str) -> str:
    """The text with each break of a line a space; spaces it begins with stay."""
    return _BREAKS.sub(" ", text).rstrip()
