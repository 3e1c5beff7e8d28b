"""Make up a whole term: what a class hands in, the roster, the rules and the marks of a teacher.

Input: a number of students, a system such as Canvas, a seed. Output: a folder with the files that
this system would give a teacher, and expected.json, which says what must come out.
"""
