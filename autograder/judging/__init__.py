"""Running the tests of functions against one submission.

In come the collected test cases and a subject to ask: a submission behind the wall, or functions in
this process. Out comes a verdict for each test, with the questions and answers that led to it.
"""
