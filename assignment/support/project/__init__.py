"""The parts of the assignment, its given files, and what is not written yet.

Reads the manifest, the checksums of the release and the files. Never runs a student's code or
imports NumPy; imports no other folder of support/.
"""
