def make_grid(values):
    raise ValueError(
        "\ud800 \x00 \x1b[2J \u202e [/bold] =1+1 </td> " + "".join(map(chr, range(32)))
    )
