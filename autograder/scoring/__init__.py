"""The score of each student, from what is stored and typed.

Input: grades, attempts, written answers, marks, the roster, the rules of the course and today's
points. Output: a Score for each student. Nothing is judged here, and nothing stored is changed.
"""
