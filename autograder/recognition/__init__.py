"""Finding the mistake behind failed tests.

In come the tests of a submission, passed and failed, with the answers that they got. Out come, for
each part that a single mistake explains, a label for the teacher and a hint for the student.
The mistakes are those of the bank, and simple relations between wrong and right answers.
"""
