"""Lines of keys in TOML files."""

import random

import pytest

from autograder.rules.toml_lines import find_lines

TEXT = '''\
# due = 1 is a comment
title = """
due = "not a key"
[not_a_table] \\""" # nor this
"""   # the end
due = 2026-12-01 23:59:00  # x = 1

late.percent_per_day = 1.5
late . "days free" = 2
[ extensions ] # [x]
"a.b@c.org" = 3
'Ben "B" = O' = '= # ]'
"\\u00fc" = ''
[late2]
inline = { one = 1, "two" = { three = [ { four = 4 } ], five = "}" } }
list = [ # begin
  "]", [1, 2],
  { six = 6 }
]
after = true
[[many]]
x = 1
[[many]]
x = \'\'\'
y = 2\'\'\'
z = "a\\\\"
'''
LINES = {
    ("title",): 2,
    ("due",): 6,
    ("late",): 8,
    ("late", "percent_per_day"): 8,
    ("late", "days free"): 9,
    ("extensions",): 10,
    ("extensions", "a.b@c.org"): 11,
    ("extensions", 'Ben "B" = O'): 12,
    ("extensions", "ü"): 13,
    ("late2",): 14,
    ("late2", "inline"): 15,
    ("late2", "inline", "one"): 15,
    ("late2", "inline", "two"): 15,
    ("late2", "inline", "two", "three"): 15,
    ("late2", "inline", "two", "three", "four"): 15,
    ("late2", "inline", "two", "five"): 15,
    ("late2", "list"): 16,
    ("late2", "list", "six"): 18,
    ("late2", "after"): 20,
    ("many",): 21,
    ("many", "x"): 22,
    ("many", "z"): 26,
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_form_of_a_key(end):
    assert find_lines(TEXT.replace("\n", end)) == LINES


def test_random_files():
    seed = random.randrange(10**6)
    print("seed", seed)
    draw = random.Random(seed)
    values = ["1", "-1.5e3", '"# = ["', "'''\n[x]\n'''", '"""a\n\\"""b = 1\n"""', "[1, [2,\n3]]"]
    values += ["{ }", "[\n{ }, # x\n]", "2026-12-01 23:59:00Z", "true", "[]", '""', "''"]
    for _ in range(200):
        text, expected, table = "", {}, ()
        for number in range(draw.randrange(1, 12)):
            before = draw.choice(["", "\n", "# c = 1\n", "  "])
            name = f"k{number}"
            line = (text + before).count("\n") + 1
            if draw.random() < 0.3:
                table = (name,)
                text += f"{before}[{name}]\n"
                expected[table] = line
            else:
                key = draw.choice([name, f'"{name}"', f"'{name}'"])
                text += f"{before}{key} = {draw.choice(values)}{draw.choice(['', ' # x'])}\n"
                expected[(*table, name)] = line
        assert find_lines(text) == expected, text
