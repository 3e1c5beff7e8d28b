"""Finding the mistake behind failed tests.

Input: the tests of a submission, passed and failed, with the answers that they got. Output: a label
for the teacher and a hint for the student, for each part that a single mistake explains. Mistakes
are those of the bank, and simple relations between wrong and right answers.
"""
