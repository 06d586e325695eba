"""Words that would do something if a format took them for its own: one corpus for every format."""

import unicodedata
from typing import Any

WORDS = (
    # LaTeX
    "Harmless\n\\input{/etc/passwd}",
    "%\n\\immediate\\write18{id}",
    "a}\\input{/etc/passwd}\\url{b",
    "^^5cinput{x} \\catcode`\\@=0 @input ~ $x_1$ # & _ { }",
    "https://x.org/}\\input{/etc/passwd}\\url{",
    "https://x.org/^^5cinput%7b#&$_~\\",
    # HTML and SVG
    "<script>alert(1)</script>",
    "</title></svg></script><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)\" '><b>",
    "<!--><script>alert(1)</script>-->",
    "]]><![CDATA[<script>",
    "&lt;script&gt; &#60;b&#62; &amp;",
    "javascript:alert(1)",
    "{{ 7 * 7 }} ${7 * 7} <%= 7 %>",
    # Markdown
    "[click](javascript:alert(1)) ![x](https://x.org/a.png)",
    "<https://x.org> [a]: https://x.org",
    "# heading ##", "> quoted", "- item", "1. item", "+ item", "=== ", "--- ", "``` ", "    code",
    "*strong* _em_ ~~gone~~ `code` | cell | a_b_c",
    "a\n\n# b\n\n---\n| - |",
    "`x`{=html} \\` \\\\` \\[x](y)",
    # spreadsheets
    "=HYPERLINK(\"https://x.org?\"&A1)", "=cmd|' /C calc'!A0", "+SUM(1;2)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "'=1+1", "''@x",
    # the terminal
    "Q \x1b[2J\x1b[1;1H gone",
    "\x1b]0;title\x07 \x1b]8;;https://x.org\x1b\\link \x9b31m",
    "a\rb\x08\x08c\x7f\x00d",
    "[bold]rich[/bold] [link=https://x.org]x[/link]",
    "left \u202eright\u202c zero\u200bwidth \u2028 line \u2029 par",
    # tables, shells, YAML
    "=HYPERLINK(\"https://x.org\")",
    "'; touch hacked; ' $(touch hacked) `touch hacked`",
    "a: {b: c} # d\n- e: *f",
    "%s %d %n {0} {x.__class__}",
)  # fmt: skip
"""None holds what YAML cannot say; joined they are one word with everything in it."""

_FREE = ("title", "question", "assumed", "url", "note")


def is_refused(word: str) -> bool:
    """Whether no scenario may have a word: it holds a control character."""
    return any(unicodedata.category(c) == "Cc" and c not in "\n\r\t" for c in word)


def with_words(data: Any, words: list[str]) -> Any:
    """Data of a scenario with every free text replaced, the words taken one after the other."""
    if isinstance(data, dict):
        return {
            key: _next(words)
            if key in _FREE and isinstance(value, str)
            else with_words(value, words)
            for key, value in data.items()
        }
    return [with_words(item, words) for item in data] if isinstance(data, list) else data


def _next(words: list[str]) -> str:
    words.append(words.pop(0))
    return words[-1]
