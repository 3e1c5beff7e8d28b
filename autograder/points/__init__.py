"""What a stored verdict depends on, and the points that its test has today.

Input: the files of the project, read as text; no test is imported. Output: a digest of each thing
that a verdict depends on, the points of each test, cell and written answer, and stored verdicts
with these points.
"""
