"""The rules of a course, as the teacher writes them into course.toml.

Input: that file, and when each attempt was handed in. Output: the checked rules, how late an
attempt is, the points that are left of those earned, and the attempt that counts. Nothing here
judges or stores: the rules are applied to stored scores when results are written.
"""
