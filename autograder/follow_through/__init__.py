"""Second tries for tests that failed only because another function is wrong.

Input: a submission and its verdicts. The failed tests run again in a fresh worker, with the
teacher's functions in place of the wrong ones that they build on. Output: the same verdicts, some
now worth a share of their points.
"""
