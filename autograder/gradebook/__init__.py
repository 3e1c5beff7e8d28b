"""What remains of a run: the SQLite file with every grade, and the files written from it.

In come grades and written answers; out go gradebook.sqlite, gradebook.csv, mistakes.csv, a
results.json for each student, and documents for grading by hand. Every text in them may come from
a student and is made harmless before it is written.
"""
