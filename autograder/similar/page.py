"""Write pairs as a page that needs no script: what is alike is marked, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jinja2

from assignment.support.project.writing import write_whole
from autograder.errors import GraderError
from autograder.intake.decoding import one_line, show_invisible
from autograder.similar.pairs import Found, Snippet

__all__ = ["PageError", "write_page"]

MAX_SNIPPET, MAX_LINE = 150, 300  # lines of a snippet, characters of a line: the rest is cut

TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Similar work</title>
<style>
:root { color-scheme: light dark; --mark: #fff0b3; --line: #ccc; --soft: #666 }
@media (prefers-color-scheme: dark) { :root { --mark: #574b16; --line: #555; --soft: #aaa } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 110rem; padding: 0 1rem }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
.two > div { min-width: 0 }
@media (max-width: 50rem) { .two { grid-template-columns: 1fr } }
pre { border: 1px solid var(--line); font-size: .8rem; line-height: 1.4; overflow-x: auto;
  padding: .5rem }
h2, h3, td { overflow-wrap: anywhere }
h2 { border-top: 2px solid var(--line); padding-top: 1rem }
mark { background: var(--mark); color: inherit }
.n { color: var(--soft); display: inline-block; min-width: 4ch; user-select: none }
td, th { padding: 0 1rem .2rem 0; text-align: left }
</style>
</head>
<body>
<h1>Similar work: look at these</h1>
<p>This page accuses nobody. It lists pairs of students whose code is alike, so that a person can
read both. Small functions are alike by nature: there are few ways to write three lines of NumPy.
Students may also have followed the same book, or have worked together as the course allows.</p>
<p>Left out is what the task explains: the release, the teacher's solution, the variants that the
grader knows, and what more than 5&nbsp;% of the class (and more than three students) have. Names,
comments, blanks and texts are not compared. What remains of a student's code is the student's own;
the share says how much of it the other one has, too. The larger share of the two counts.</p>
<p>Students compared: {{ found.students }}. Pairs with a share of {{ percent(least) }} or more:
{{ found.pairs|length }}{% if found.more -%}
, and {{ found.more }} more that are not listed{% endif %}.</p>
{% if found.pairs %}
<table><tr><th>share</th><th>students</th></tr>
{% for pair in found.pairs %}
<tr><td><a href="#pair-{{ loop.index }}">{{ percent(pair.score) }}</a></td>
<td>{{ clean(pair.student) }} and {{ clean(pair.other) }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% for pair in found.pairs %}
<h2 id="pair-{{ loop.index }}">{{ clean(pair.student) }} and {{ clean(pair.other) }}:
{{ percent(pair.score) }}</h2>
{% for finding in pair.findings %}<p>{{ clean(finding) }}</p>
{% endfor %}
{% for both in pair.functions %}
<div class="two">
{% for one in both %}
<div><h3>{{ clean([pair.student, pair.other][loop.index0]) }}: {{ clean(one.file) }}
{{ clean(one.name) }}</h3>
<pre>{% for number, text, alike in lines(one) -%}
<span class="n">{{ number }} </span>{% if alike -%}
<mark>{{ text }}</mark>{% else %}{{ text }}{% endif %}
{% endfor %}</pre></div>
{% endfor %}
</div>
{% endfor %}
{% endfor %}
{% if found.findings %}
<h2>What could not be compared</h2>
<ul>
{% for student, what in found.findings %}<li>{{ clean(student) }}: {{ clean(what) }}</li>
{% endfor %}
</ul>
{% endif %}
</body>
</html>
"""


class PageError(GraderError):
    """The page cannot be written: why, in one line."""


def write_page(found: Found, path: Path, least: float) -> None:
    """Write the page.

    Raises
    ------
    PageError
        The file cannot be written.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(TEMPLATE).render(
        found=found, least=least, clean=one_line, lines=_number, percent=lambda x: f"{x:.0%}"
    )
    try:
        write_whole(path, page.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise PageError(f"cannot write {path}: {error.strerror or error}") from None


def _number(snippet: Snippet) -> Sequence[tuple[int, str, bool]]:
    """Return number and text of each line, and whether it is marked."""
    rows = []
    for number, line in enumerate(snippet.lines[:MAX_SNIPPET], snippet.first_line):
        rows.append((number, _clean(line), number in snippet.alike))
    if len(snippet.lines) > MAX_SNIPPET:
        rows.append((snippet.first_line + MAX_SNIPPET, "[cut here]", False))
    return rows


def _clean(line: str) -> str:
    text = show_invisible(line[:MAX_LINE].expandtabs(4))
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
