def make_grid(values):
    return make_grid(values)
