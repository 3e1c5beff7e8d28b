def make_grid(values):
    return []


def draw_uniform(low, high, rng, size=None):
    rng.bit_generator.state = {
        **rng.bit_generator.state,
        "state": {"state": 0, "inc": 0},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return 0.0


draw_log_uniform = draw_uniform
