def make_grid(values):
    raise ValueError("much ado " * 10**7)
