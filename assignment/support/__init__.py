"""Given code: data, gradient checks, the trainer, plots, progress. Read it, don't edit it."""
