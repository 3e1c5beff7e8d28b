"""Send requests of a test ahead: most tests make the same requests of every submission.

Input: the requests that a case made of the teacher's functions. Output: the replies of a worker, as
if each request had waited for the reply before. The grader works without this room, but slower.
"""
