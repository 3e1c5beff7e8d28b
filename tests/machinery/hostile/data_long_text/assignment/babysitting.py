"""The one function of this file answers with many short lines."""


def read_loss_curve(losses):
    return 4_000_000 * "healthx\n"
