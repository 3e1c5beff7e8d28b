"""Making the students' copy of the project.

Input: the master copy with its solutions. Output: a folder and a zip in which functions and cells
are stubs, and from which outputs, hidden tests and the grader are left out.
"""
