"""Grading the cells of notebooks that students complete.

Input: a submission's cells, which run in the teacher's notebooks, in a kernel behind the wall.
Output: a verdict for each completed cell. The hidden cell after it has to print the same numbers as
in the teacher's solved notebook.
"""
