"""What runs on the untrusted side of the wall, in the same processes as student code.

In come orders and requests through a socket; out go replies. The zygote is the process from which
all workers are forked, worker answers for a student's functions, and kernel runs the cells of a
notebook. The wall starts these modules by name; no other room imports them.
"""
