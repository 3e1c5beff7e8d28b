"""The trusted side of the wall: raising it, starting workers behind it, ending them.

Input: the files of a submission and requests to its worker. Output: the replies as bytes, or the
reason why there are none: a limit was reached, or the worker is gone. Before a run, this room also
finds out which level of isolation the machine offers.
"""
