"""Given code: data, gradient checks, the trainer, plots, progress. Read it, don't edit it."""

from assignment.support.project.pristine import warn_of_changes

warn_of_changes()
