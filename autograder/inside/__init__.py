"""What runs on the untrusted side of the wall, in the same processes as student code.

Input: orders and requests through a socket. Output: replies. The zygote is the process from which
all workers are forked, worker answers for a student's functions, and kernel runs the cells of a
notebook. The wall starts these modules by name; no other room imports them.
"""
