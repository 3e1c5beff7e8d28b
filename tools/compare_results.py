"""Compare the points, outcomes and hints in two folders of results.

Grade a class with the same seed before and after a change of the grader, and compare the results.

  python -m autograder grade CLASS --out BEFORE --seed 5
  python -m autograder grade CLASS --out AFTER --seed 5
  python -m tools.compare_results BEFORE AFTER

It compares each fact that is published, also what students read. `python -m autograder compare`
says in short why totals of students differ.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["find_differences", "main", "read_facts"]

Facts = dict[str, str]  # name -> value

SCORES = "SELECT student, name, outcome, possible, points FROM scores"
UNCOMPARED = {"graded_at"}  # columns of gradebook.csv


def read_facts(results: Path) -> Facts:
    """Read all facts that must not change: name of the fact -> value."""
    facts: Facts = {}
    with sqlite3.connect(f"file:{results / 'gradebook.sqlite'}?mode=ro", uri=True) as book:
        for student, name, *rest in book.execute(SCORES):
            facts[f"{student}: {name}"] = str(rest)
    for row in _read_csv(results / "gradebook.csv"):
        for column in row.keys() - UNCOMPARED:
            facts[f"{row['student']}: column {column}"] = row[column]
        path = results / row["results"] / "results.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        facts |= {f"{row['student']}: {name}": text for name, text in _read_hints(told)}
    for row in _read_csv(results / "mistakes.csv"):
        facts[f"mistake {row['mistake']}"] = f"{row['students']} in {row['parts']}"
    return facts


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _read_hints(told: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the hints and points in a results.json, for the submission and for each test."""
    for line in str(told["output"]).splitlines():
        if line.startswith("Hint for "):
            yield line.split(":")[0], line
    tests = told["tests"]
    assert isinstance(tests, list)
    for test in tests:
        lines = [line.strip() for line in test["output"].splitlines()]
        said = [line for line in lines if line.startswith(("hint ", "right, given"))]
        yield f"{test['name']}, shown", f"{test['score']} of {test['max_score']} {said}"


def find_differences(before: Facts, after: Facts) -> list[str]:
    """Return a line for each fact that differs."""
    names = [name for name in before | after if before.get(name) != after.get(name)]
    return [f"{name}: {before.get(name)} -> {after.get(name)}" for name in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the differences and the number of facts; return 1 if any differ."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m tools.compare_results", description=__doc__, formatter_class=raw
    )
    parser.add_argument("before", type=Path, help="folder of results")
    parser.add_argument("after", type=Path, help="folder of results for the same class and seed")
    options = parser.parse_args(arguments)
    try:
        before, after = read_facts(options.before), read_facts(options.after)
    except (OSError, sqlite3.Error, KeyError, ValueError) as error:
        print(f"cannot read the results: {error}", file=sys.stderr)
        return 2
    differences = find_differences(before, after)
    print("\n".join([*differences, f"{len(before | after)} facts, {len(differences)} differ"]))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
