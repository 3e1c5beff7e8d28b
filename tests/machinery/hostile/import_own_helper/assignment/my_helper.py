from assignment import hyperparameters


def combine(values, chosen):
    return hyperparameters.pairs(values, chosen)
