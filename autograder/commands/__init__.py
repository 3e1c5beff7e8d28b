"""The commands of python -m autograder, a file each.

Input: the words of a command line. Output: what a person reads, and an exit code. What takes long
to import is imported when a command runs, so that each starts at once.
"""
