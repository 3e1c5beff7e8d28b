"""Running the tests of functions against one submission.

Input: the collected test cases, and a subject: a submission behind the wall, or functions in this
process. Output: a verdict for each test, with the requests and replies that led to it.
"""
