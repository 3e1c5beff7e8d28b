"""Slicing finds the statements of a notebook that a cell needs, in order, without training."""

import pytest

from autograder.protocol.slicing import find_names, read_statements, select_needed


def needed(notebook, cell):
    """Return the statements of a notebook that a cell needs."""
    statements = read_statements(notebook)
    return [statements[i].source for i in select_needed(statements, find_names(cell))]


def describe(source):
    """Return the only statement of a source."""
    (statement,) = read_statements(source)
    return statement


@pytest.mark.parametrize(
    ("source", "uses", "binds", "changes"),
    [
        ("a = b + c", "b c", "a", ""),
        ("a: int = b", "int b", "a", ""),
        ("a, (b, *c) = d", "d", "a b c", ""),
        ("a = b = c", "c", "a b", ""),
        ("a += b", "a b", "a", ""),
        ("a[b] = c", "a b c", "", "a"),
        ("a[b] += c", "a b c", "", "a"),
        ("a.b.c = d", "a d", "", "a"),
        ("a[0].b, c = d", "a d", "c", "a"),
        ("a.append(b)", "a b", "", "a"),
        ("a[0].b(c).d(e)", "a c e", "", "a"),
        ("f(a)", "f a", "", ""),
        ("np.add.at(a, b, 1)", "np a b", "", "np"),
        ("a", "a", "", ""),
        ("(a := b)", "b", "a", ""),
        ("del a", "", "a", ""),
        ("def f():\n    a[0] = 1\n    a.append(2)", "a", "f", ""),
        ("assert a, b", "a b", "", ""),
        ("f'{a} {b!r:>{c}}'", "a b c", "", ""),
        ("def f():\n    global a\n    a += 1", "a", "f", ""),
        ("def f():\n    a = 1\n    a += 1", "", "f", ""),
    ],
)
def test_plain_statements(source, uses, binds, changes):
    statement = describe(source)
    assert statement.uses == set(uses.split()) | set(changes.split())
    assert statement.binds == set(binds.split())
    assert statement.changes == set(changes.split())
    assert statement.source == source


@pytest.mark.parametrize(
    "source",
    [
        "if a:\n    b, c = a, 1",
        "for b in a:\n    c = b",
        "while a:\n    b, c = a",
        "with a as b:\n    c = b",
        "try:\n    b = a\nexcept OSError as c:\n    c = 1",
    ],
)
def test_a_branch_may_leave_an_earlier_value(source):
    """So the earlier statement is needed, too."""
    statement = describe(source)
    assert not statement.binds
    assert {"b", "c"} <= statement.changes <= statement.uses
    assert "a" in statement.uses
    assert needed(f"a = 1\nb = 2\nc = 3\n{source}", "b") == ["a = 1", "b = 2", "c = 3", source]


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("[a for a in b if a > c]", "b c"),
        ("{a: d for a, d in b}", "b"),
        ("lambda a, b=c: a + b + d", "c d"),
        ("def f(a, b=c):\n    d = a\n    return d + e", "c e"),
        ("def f():\n    def g():\n        return a\n    return g", "a"),
        ("@a\n@b(c)\ndef f():\n    pass", "a b c"),
        ("def f(a: b) -> c:\n    global d\n    d = 1", "b c"),
        ("class A(b, metaclass=c):\n    d = e\n    def f(self):\n        return g", "b c e g"),
        ("async def f():\n    async with a as b:\n        await b", "a"),
    ],
)
def test_local_names_are_not_needed(source, uses):
    assert set(uses.split()) <= describe(source).uses
    assert not describe(source).uses & (set("abcdefg") - set(uses.split()) - {"d"})


def test_decorators_belong_to_the_source():
    source = "@first\n@second(1)\ndef f():\n    return 1"
    statements = read_statements(f"a = 1\n{source}\nb = 2")
    assert [s.source.rstrip() for s in statements] == ["a = 1", source, "b = 2"]


@pytest.mark.parametrize("import_", ["import a", "import a.b", "from c import a", "import c as a"])
def test_imports(import_):
    statement = describe(import_)
    assert statement.binds == statement.imports == {"a"}


def test_a_call_of_a_module_does_not_change_it():
    """Otherwise a cell that draws would need each plt.plot() of the notebook."""
    notebook = "import a\na.draw()\nb = a.load()\nb.fit()\na.show(b)"
    assert needed(notebook, "a.draw()") == ["import a"]
    assert needed(notebook, "b") == ["import a", "b = a.load()", "b.fit()"]


def test_only_the_last_value_counts():
    assert needed("a = f()\nb = a\na = 2\nc = 3", "a") == ["a = 2"]


def test_changes_of_a_needed_value_are_needed():
    notebook = "a = [1]\nb = 5\na[0] = b\na.append(2)\na += [3]\nc = 4"
    assert needed(notebook, "a") == notebook.split("\n")[:-1]


def test_a_function_reads_names_when_it_is_called():
    """A name may be bound below the definition, and bound again."""
    notebook = "def f():\n    return a\na = 1\ndef g():\n    return f()\nb = 2\na = 3"
    assert needed(notebook, "g()") == [
        "def f():\n    return a",
        "def g():\n    return f()",
        "a = 3",
    ]


def test_two_functions_that_call_each_other():
    notebook = "def f():\n    return g()\ndef g():\n    return f() + a\na = 1\nb = 1"
    assert needed(notebook, "f()") == [s.source for s in read_statements(notebook)[:-1]]


def test_builtin_names_need_no_statement():
    assert needed("print = 1\nlen = 2\na = 3", "print(len(a))") == ["a = 3"]


def test_a_cell_that_binds_all_its_names_needs_nothing():
    assert needed("a = 1\nb = a", "a = 1\nc = 2") == []
    assert needed("", "a") == []


def test_names_that_a_cell_reads_and_binds_are_needed():
    """The order of its statements is ignored, so that too much is found rather than too little."""
    assert needed("a = 1", "b = a\na = 2") == needed("a = 1", "a = 2\nb = a") == ["a = 1"]


@pytest.mark.parametrize(
    "source",
    ["if", "a = (", "def f(:", "a b", "x = 1\n  y = 2", "\0", "a = 0777", "((" * 10**4, "a = 1 +"],
)
def test_unreadable_code_has_no_statements(source):
    assert read_statements(source) == []
    assert find_names(source) == frozenset()


@pytest.mark.parametrize(
    "source",
    [
        "def f(a, a): pass",
        "nonlocal a",
        "def f():\n    a = 1\n    global a",
        "def f():\n    from a import *",
        "from __future__ import braces",
        "[a := 1 for a in b]",
    ],
)
def test_code_with_invalid_names_has_no_statements(source):
    assert read_statements(source) == []


def test_magics_are_left_out():
    notebook = "%load_ext autoreload\n!ls\na = 1\n%matplotlib inline\nb = a % 2"
    assert needed(notebook, "%%time\nb") == ["a = 1", "b = a % 2"]


@pytest.mark.parametrize(
    "cell", ["a?\nb", "c = !ls\nb", "if b:\n    %time b", "c = %timeit -o b\nb", "?a\nb"]
)
def test_cells_with_other_ipython_syntax(cell):
    assert "b = 2" in needed("a = 1\nb = 2", cell)


def test_statements_on_one_line_and_non_ascii_letters():
    sources = [s.source for s in read_statements("é = 'ü'; ß = é\nname = '✓' ; b = ß")]
    assert sources == ["é = 'ü'", "ß = é", "name = '✓'", "b = ß"]


def test_each_statement_of_a_selection_can_run_alone():
    notebook = """
import math as m
class A:
    x = m.pi
    def area(self, r): return self.x * r ** 2
@staticmethod
def f(r): return A().area(r) * scale
scale = 0
for i in range(4):
    scale += i
skipped = 1 / 0
"""
    names = {}
    for source in needed(notebook, "f(2)"):
        exec(source, names)
    assert names["f"](1) == pytest.approx(6 * 3.14159265)
