"""The two commands of ``python -m assignment``: check and submit.

In come names of parts or of a zip; out go lines on the terminal, and one zip to hand in.
"""
