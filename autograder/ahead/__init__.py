"""Send requests of a test ahead: most tests ask every submission the same things.

In comes what a case has asked of the teacher's functions; out go the replies of a worker, one for
each request of the test, as if every request had waited for its turn. The rest of the grader works
without this room, 1.2 times as long.
"""
