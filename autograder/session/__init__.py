"""Judging a whole class in one pytest session.

Input: submissions, which two judges share, each in a process of its own. Output, as soon as one is
judged: its verdicts, the recognised mistakes, and the time that it took. Errors of the judges are
recorded as the grader's fault.
"""
