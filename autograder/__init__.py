"""The teacher's side: release the assignment, grade a class behind a wall, prove the tests.

Input: the master copy and what students hand in. Output: the students' copy and the grades. Each
folder is a room of its own: docs/architecture.md shows how they fit together.
"""

import os

# Judges run side by side: one BLAS thread each. This must be said before NumPy is imported.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
