"""Reading what students have handed in.

In come zips and folders; out come submissions as plain data: sources, notebook cells, and a line
for everything unusual. Nothing is unpacked to disk, and nothing is executed.
"""
