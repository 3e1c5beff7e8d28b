"""The points that teachers type: marks.csv, the only place for marks and corrections.

Input: that file, as any spreadsheet has saved it, and the rows that should be in it. Output: the
checked marks, one line for each row that cannot count, and the file written anew with all that a
person has typed. Nothing here computes a score or knows the gradebook.
"""
