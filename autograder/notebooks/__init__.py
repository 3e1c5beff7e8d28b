"""Grading the cells of notebooks that students complete.

In come a submission's cells, which are filled into the teacher's notebooks and run in a kernel
behind the wall. Out comes a verdict for each completed cell: the hidden cell after it has to print
the same numbers as in the teacher's solved notebook.
"""
