"""The teacher's functions for workers, which hold no solution and call them across the wall.

Input: calls that a worker makes while it answers a request. Output: the replies, plain data. The
functions run in a process of their own, on this side of the wall.
"""
