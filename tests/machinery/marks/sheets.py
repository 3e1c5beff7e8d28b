"""A small class, and files of marks as programs save them."""

from __future__ import annotations

from autograder.marks.marks import read_marks
from autograder.marks.updating import Row, update_marks

PEOPLE = {
    "jane": "Jane Doe",
    "kim": "Kim Lee",
    "jose": "José Núñez",
    "00123": "Łukasz Żak",
    "mar12": "Mary Ann",
}
EMAILS = {"jane@example.org": "jane", "kim lee": "kim"}
ANSWER, OTHER, PART = "05_batchnorm/answer-1", "05_batchnorm/answer-10", "affine.forward"
POSSIBLE = {ANSWER: 2.0, OTHER: 3.0, PART: 4.0}
HEADER = "student,name,item,points,of,comment,by,answer,note\n"


def find_student(text):
    return EMAILS.get(text.casefold())


def read(path, **more):
    known = {"students": PEOPLE, "computed": {PART}, **more}
    return read_marks(path, POSSIBLE, find_student, **known)


def make_rows(digest="d1", students=PEOPLE, items=(ANSWER,)):
    return [
        Row(one, PEOPLE[one], item, POSSIBLE[item], digest) for item in items for one in students
    ]


def update(path, rows=(), history=None):
    return update_marks(path, rows, history or {}, find_student)


def index(marks):
    return {(mark.student, mark.item): mark for mark in marks}
