"""What the assignment consists of: its parts, its given files, and what is not written yet.

In come the manifest, the checksums of the release and the files as they are; nothing here runs a
student's code or imports NumPy. All other folders build on this one.
"""
