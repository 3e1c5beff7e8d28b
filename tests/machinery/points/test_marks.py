"""Points are read from the source of tests, or refused with the line."""

from __future__ import annotations

import ast

import pytest

from autograder.points.marks import PLAIN, PointsError, read_marks
from autograder.points.syntax import write_syntax

MARK = '@pytest.mark.part("affine.forward", points=0.5)\n'
TEST = "def test_one():\n    pass\n"


def read(path, source):
    path = path / "test_a.py"
    path.write_text(source, encoding="utf-8")
    return read_marks(path, "tests/public/test_a.py")


def test_marks_stand_in_decorators_and_in_names_that_these_use(tmp_path):
    source = f"""
of_relu = pytest.mark.part("activations.relu", points=2)
CASES = [case(of_relu, 1), *(case(of_relu, i) for i in "ab")]
more = [pytest.param(2, marks=pytest.mark.part("activations.elu", points=0.25))]
each = pytest.mark.parametrize("one", [*CASES, *more])


{MARK}@pytest.mark.parametrize("x", [1, 2])
{TEST}

@each
def test_two(one):
    pass


def helper():
    return pytest.mark.parametrize("x", [1])
"""
    assert read(tmp_path, source) == {
        ("affine.forward", "test_one"): 0.5,
        ("activations.relu", "test_two"): 2,
        ("activations.elu", "test_two"): 0.25,
    }


@pytest.mark.parametrize(
    "mark",
    [
        "pytest.mark.part('affine.forward', points=HALF)",
        "pytest.mark.part('affine.forward', points=1 / 2)",
        "pytest.mark.part('affine.forward', points='1')",
        "pytest.mark.part('affine.forward', points=True)",
        "pytest.mark.part('affine.forward', points=1e999)",
        "pytest.mark.part('affine.forward', points=-1)",
        "pytest.mark.part('affine.forward', 1)",
        "pytest.mark.part('affine.forward')",
        "pytest.mark.part(points=1)",
        "pytest.mark.part(NAME, points=1)",
        "pytest.mark.part(f'affine.{name}', points=1)",
        "pytest.mark.part(**options)",
    ],
)
def test_what_is_no_plain_text_and_number_is_refused(mark, tmp_path):
    with pytest.raises(PointsError) as caught:
        read(tmp_path, f"HALF = 0.5\n\n\n@{mark}\n{TEST}")
    said = str(caught.value).replace("1e309", "1e999")
    assert said == f"tests/public/test_a.py, line 4: {mark}: {PLAIN}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (TEST, f"line 1: test_one has no mark: {PLAIN}"),
        (f"@other\n{TEST}", f"line 2: test_one has no mark: {PLAIN}"),
        (
            f"{MARK}{TEST}{MARK}{TEST}",
            "line 5: a second test_one: rename it",
        ),
        (
            f"{MARK}{MARK.replace('0.5', '1')}{TEST}",
            "line 2: test_one has several numbers of points in affine.forward: choose one",
        ),
        (
            f"def case(n):\n    return {MARK[1:]}\n{MARK}{TEST}",
            f"line 2: no decorator of a test uses this mark as it stands: {PLAIN}",
        ),
        ("def test_one(:\n", "Python cannot read it: "),
    ],
)
def test_what_is_not_clear_is_refused(source, said, tmp_path):
    with pytest.raises(PointsError) as caught:
        read(tmp_path, source)
    where = "tests/public/test_a.py" + (", " if said.startswith("line") else ": ")
    assert str(caught.value).startswith(where + said)
    assert "\n" not in str(caught.value)


# The text that is hashed


def test_the_text_of_syntax_has_neither_positions_nor_points():
    mark = 'pytest.mark.part("a", points=1)'
    assert write_syntax(f"x = {mark}") == write_syntax(f"\n\nx=(  {mark.replace('1', '2')} )  # b")
    assert write_syntax("f(points=1)") != write_syntax("f(points=2)")
    assert write_syntax('pytest.mark.part("a")') != write_syntax('pytest.mark.part("b")')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("return_ = None", "return_ = 'None'"),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'é'", "x = b'e'"),
        ("f(a, b)", "f((a, b))"),
        ("f(a, [])", "f(a)"),
        ("f(*a)", "f(**a)"),
        ("def f():\n    return None", "def f():\n    return"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("if a:\n    b\nc", "if a:\n    b\n    c"),
        ("x = ['a', 'b']", "x = ['a' 'b']"),
        ("x = ['name', 'ctx']", "x = ['name ctx']"),
        ("f'{x}'", "f'{x!r}'"),
    ],
)
def test_different_programs_have_different_texts(one, other):
    assert write_syntax(one) != write_syntax(other)


def test_an_empty_text_in_an_f_string_is_left_out(monkeypatch):
    """Python 3.12.1 reads f"{x:<{n}}" as if a text followed the width."""
    expected, parse = write_syntax("f'{x:<{n}}'"), ast.parse

    def parse_as_other_pythons(source):
        tree = parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                node.values.append(ast.Constant(""))
        return tree

    with monkeypatch.context() as patch:  # pytest parses, too
        patch.setattr(ast, "parse", parse_as_other_pythons)
        text = write_syntax("f'{x:<{n}}'")
    assert text == expected


def test_the_text_is_the_same_under_each_version_of_python():
    """Python 3.12 added type_params, which is empty here, and 3.13 leaves empty fields out."""
    source = "@d\ndef f(a, *b, c=None, **d) -> int:\n    '''é'''\n    return f'{a:>{b}}' + [] or ()"
    assert write_syntax(source) == (
        "Module( body [ FunctionDef( name 'f' args arguments( args [ arg( arg 'a' ) ] "
        "vararg arg( arg 'b' ) kwonlyargs [ arg( arg 'c' ) ] kw_defaults [ Constant( ) ] "
        "kwarg arg( arg 'd' ) ) body [ Expr( value Constant( value '\\xe9' ) ) "
        "Return( value BoolOp( op Or( ) values [ BinOp( left JoinedStr( values [ "
        "FormattedValue( value Name( id 'a' ctx Load( ) ) conversion -1 format_spec "
        "JoinedStr( values [ Constant( value '>' ) FormattedValue( value Name( id 'b' ctx "
        "Load( ) ) conversion -1 ) ] ) ) ] ) op Add( ) right List( ctx Load( ) ) ) "
        "Tuple( ctx Load( ) ) ] ) ) ] decorator_list [ Name( id 'd' ctx Load( ) ) ] "
        "returns Name( id 'int' ctx Load( ) ) ) ] )"
    )
