"""Syntax of a newer Python is told from other mistakes by what its line looks like."""

import ast
import sys

import pytest

from assignment.support.project.manifest import ROOT
from assignment.support.project.newer_python import find_too_new, name_syntax
from autograder.intake.newer_python import find_newer

NEWER = {
    "except* ValueError:": (3, 11),
    "    except *ValueError as e:": (3, 11),
    "x = a[*index]": (3, 11),
    "x = a[0, *index]": (3, 11),
    "def f[T](x):": (3, 12),
    "class A[T]:": (3, 12),
    "type Pair[T] = tuple[T, T]": (3, 12),
    's = f"{d["a"]}"': (3, 12),
    "print(f'{d['a']:.2f}')": (3, 12),
    r's = f"{"\n".join(rows)}"': (3, 12),
    r"""s = f"{'\n'.join(rows)}" """: (3, 12),
    't"{x}"': (3, 14),
}
OLD = """except ValueError:
x = a[b * c]
dx = dout[i, :] * w
def f(x):
type = 3
x = type(y) == z
s = f"{d['a']}"
f"{{" + "}}"
f'{x}' + g('}')
f"{a}" f"{b}"
raise E(f"{a!r}, {b}")
x = {"itself": {("a", b)}}""".splitlines()


@pytest.mark.parametrize("line", NEWER)
def test_newer_syntax_is_known(line):
    found = name_syntax(line)
    assert found is not None
    assert found[1] == NEWER[line]


@pytest.mark.parametrize("line", [*OLD, "f'{" * 10_000])
def test_other_lines_are_left_alone(line):
    assert name_syntax(line) is None


def test_the_projects_own_files_need_no_newer_python():
    for path in ROOT.glob("assignment/**/*.py"):
        content = path.read_bytes()
        assert find_too_new(content, ast.parse(content)) == [], path


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="reads it")
def test_the_grader_names_both_versions():
    has = f"the grader has Python 3.{sys.version_info.minor}"
    source = "x = 1\n\ndef f[T](x: T): ...\n"
    assert find_newer([("", source)]) == [f"needs Python 3.12 for type parameters in line 3; {has}"]
    assert find_newer([("cell 2", source)]) == [
        f"needs Python 3.12 for type parameters in cell 2, line 3; {has}"
    ]
    assert find_newer([("", "x = (1,\n"), ("", "x = 1\n"), ("", "x = 1\0\n")]) == []
