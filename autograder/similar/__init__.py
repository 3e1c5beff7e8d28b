"""Finding pairs of submissions whose functions are alike.

Input: submissions as intake reads them. Output: pairs with what is alike in them, beyond what the
release, the teacher's solution and many of the class explain, and a page that shows them side by
side. Submissions are compared as text, and never executed.
"""

# The least share of a student's own code that is listed. In made-up classes of 300 honest pairs
# reach 0.37 to 0.40, and the copies begin at 0.41: the first pairs of a list may still be honest.
LEAST = 0.4
