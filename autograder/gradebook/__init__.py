"""The results of a run: the SQLite file with every grade, and the files written from it.

Input: grades and written answers. Output: gradebook.sqlite, gradebook.csv, mistakes.csv, a
results.json for each student, and documents for grading by hand. Any text in them may come from a
student and is made harmless before it is written.
"""
