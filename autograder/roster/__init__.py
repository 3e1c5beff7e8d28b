"""Who is enrolled, and whose a file is.

Input: the list of students that a learning management system exports, and the names that it gives
to files and folders. Output: the people enrolled with a key for each; for a file the students whose
work it is, or one line that says why it is nobody's. Nothing is matched by guess.
"""
