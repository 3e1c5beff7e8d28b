"""What a teacher reads in the terminal.

Input: the scores of a class. Output: pages about the class, a student, a test, and about what
differs between two results; of the last three also the facts as plain data.
"""
