"""Reading what students have handed in.

Input: zips and folders. Output: submissions as plain data: sources, notebook cells, and a line
for everything unusual. Nothing is unpacked to disk, and nothing is executed.
"""
