from __future__ import annotations

import itertools


def make_grid(values: Mapping[str, Sequence[Number]]) -> torch.Tensor | Nothing:
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
