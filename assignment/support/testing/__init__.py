"""What tests use: comparing, loading the student's files, explaining what went wrong, the plugin.

In come the student's files and the tests of tests/; out go messages and points by part. The
commands, the notebooks' ``check`` and the grader read the same messages here.
"""
