"""The teacher's side: grade a class of submissions behind a wall."""

import os

# Judges run side by side: one BLAS thread each. This must be said before NumPy is imported.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
