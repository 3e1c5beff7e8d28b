"""The messages that cross the wall, used on both sides of it.

Input: function calls, results and exceptions. Output: bytes, JSON and array buffers, which the
other side checks and decodes without ever unpickling. Workers run with a copy of this folder, so
nothing here may import another room of the grader.
"""
