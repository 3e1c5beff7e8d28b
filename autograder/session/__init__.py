"""Judging a whole class in one pytest session.

In come submissions, which two judges in processes of their own share between them. Out go, as soon
as each is there, its verdicts, the recognised mistakes, and the time it took. Whatever goes wrong
on this side of the wall is recorded as the grader's fault.
"""
