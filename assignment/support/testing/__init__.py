"""Tools of the tests: compare results, load the student's files, explain failures, pytest plugin.

Input: the student's files and the tests in tests/. Output: messages, and points for each part. The
commands, the notebooks' ``check`` and the grader all take their messages from here.
"""
