"""Whatever bytes are in marks.csv: reading raises nothing, and no row or typed cell is lost."""

from __future__ import annotations

import random
from dataclasses import replace

from autograder.marks.marks import Mark
from autograder.marks.tables import Unreadable, read_table
from tests.machinery.marks.sheets import ANSWER, OTHER, PART, PEOPLE, index, make_rows, read, update
from tests.machinery.marks.test_programs import FILES

ODD = """1|1,5|2.5|x|-1|"|'|a"b|"a|a\nb|a\rb|é|🎉|=1|\u2028|student|points|d1 now d2|;|,"""
CELLS = [*PEOPLE, *PEOPLE.values(), ANSWER, OTHER, PART, "", "", *ODD.split("|")]
BYTES = [bytes([byte]) for byte in b"\",;\t\n\r\xff\xe9\0' \x1a"]
HISTORY = {("jane", ANSWER): Mark("jane", ANSWER, 1.0, "a\nb", "tt", "d1")}


def make_file(rng):
    """Make a file of odd cells, or damage one that a program has saved."""
    if rng.random() < 0.5:
        separator = rng.choice(",;\t")
        rows = [["student", "name", "item", "points", "of", "comment", "by", "answer", "note"]]
        if rng.random() < 0.3:
            rng.shuffle(rows[0])
            rows[0] = rows[0][: rng.randint(5, 9)] + rng.sample(["", "mine", "note"], 1)
        for _ in range(rng.randint(0, 12)):
            rows.append([rng.choice(CELLS) for _ in range(rng.choice([0, 3, 9, 9, 9, 9, 10, 12]))])
        if rng.random() < 0.2:
            rng.shuffle(rows)
        quote = rng.random() < 0.7
        text = rng.choice(["\n", "\r\n", "\r"]).join(
            separator.join('"' + c.replace('"', '""') + '"' if quote else c for c in row)
            for row in rows
        )
        return text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), "replace")
    content = rng.choice(list(FILES.values()))
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(BYTES) + content[at + rng.choice([0, 0, 1, 40]) :]
    return content


def list_typed(content):
    """Return the cells of each row that are not the grader's own."""
    table = read_table(content, lambda text: text in PEOPLE.values())
    own = {
        table.columns[name] for name in ("name", "of", "answer", "note") if name in table.columns
    }
    return [
        [cell.strip() for i, cell in enumerate(row.cells) if i not in own and cell.strip()]
        for row in table.rows
        if row is not table.header
    ]


def test_no_bytes_are_lost_or_raise_anything(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng, path = random.Random(seed), tmp_path / "marks.csv"
    readable = 0
    for _ in range(400):
        content = make_file(rng)
        path.write_bytes(content)
        found = read(path, history=HISTORY)
        result = update(path, make_rows("d2"), HISTORY)
        after = path.read_bytes()
        assert all("\n" not in line for line in (*found.problems, *result.problems))
        assert update(path, make_rows("d2"), HISTORY).added == 0, content
        assert path.read_bytes() == after, content
        if not content.strip():
            continue
        try:
            before = list_typed(content)
        except Unreadable:
            assert after == content
            continue
        readable += 1
        kept = iter(list_typed(after))
        for cells in before:
            assert any(row == cells for row in kept), (cells, content)
        given = {key: mark for key, mark in index(found.marks).items() if mark.points is not None}
        again = index(read(path, history=HISTORY).marks)
        for key, mark in given.items():
            assert replace(mark, answer="", note="") == replace(again[key], answer="", note="")
    assert readable > 150


def test_random_bytes_raise_nothing_and_stay(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng, path = random.Random(seed), tmp_path / "marks.csv"
    for _ in range(200):
        content = rng.choice([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"x"]) + rng.randbytes(
            rng.randrange(200)
        )
        path.write_bytes(content)
        assert len(read(path).problems) == bool(content.strip())
        update(path, make_rows())
        assert path.read_bytes() == content or not content.strip()
