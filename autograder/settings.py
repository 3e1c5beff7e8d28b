"""The settings of a grading run, the same for every submission of a class."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from autograder.protocol.wire import MAX_MESSAGE_BYTES

__all__ = ["LEVELS", "Limits", "Settings"]

LEVELS = ("full", "user", "none")  # of isolation, the highest first


@dataclass(frozen=True)
class Limits:
    """What one worker may use."""

    # How long one case may wait for replies, and all cases of a part. It does not count for how
    # long a busy machine lets the worker wait.
    seconds: float = 10
    part_seconds: float = 30
    # All cells of a submission together. After these a cell has only short_seconds: enough for
    # right answers, so that a cell that hangs costs no other one.
    cells_seconds: float = 120
    short_seconds: float = 2
    cpu_seconds: int = 120  # of each process, all tests together
    memory_bytes: int = 2 * 2**30  # of each process
    processes: int = 16  # including threads
    scratch_bytes: int = 32 * 2**20
    message_bytes: int = MAX_MESSAGE_BYTES  # of one answer
    received_bytes: int = 4 * MAX_MESSAGE_BYTES  # in one case

    def for_notebooks(self) -> Limits:
        """Return limits with which a cell can call a function with a whole data set."""
        larger = 4 * self.message_bytes
        return replace(self, message_bytes=larger, received_bytes=16 * larger)

    def as_rlimits(self) -> dict[str, int]:
        """Return the limits by their names in setrlimit."""
        return {
            "AS": self.memory_bytes,
            "NPROC": self.processes,
            "FSIZE": self.scratch_bytes,
            "CPU": self.cpu_seconds,
            "NOFILE": 64,
            "CORE": 0,
            # Linux adds these up for all processes of a user.
            "MEMLOCK": 0,
            "MSGQUEUE": 0,
            "SIGPENDING": 64,
        }


@dataclass(frozen=True)
class Settings:
    """How a class is judged."""

    seed: int  # of all random inputs
    level: str = "none"  # of isolation
    limits: Limits = field(default_factory=Limits)  # of one submission
    notebooks: bool = False  # whether cells are graded besides functions
