"""Prove the tests: judge every variant of the mistake bank, and print which tests catch it."""

from __future__ import annotations

import multiprocessing
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from assignment.support.project.manifest import is_wanted, load_parts
from autograder.bank import Mistake, Variant, load_bank
from autograder.judging.functions import FunctionJudge
from autograder.judging.in_process import InProcess
from autograder.master_notebooks import read_master_notebooks
from autograder.outcomes import Outcome
from autograder.recognition.recogniser import Recogniser
from autograder.session.collecting import Collected, SessionError, run_session
from autograder.session.judge import PROCESSES
from autograder.settings import Settings

__all__ = ["Proof", "count_up", "find_topic", "print_proofs", "prove"]

CHECK = re.compile(r"\bcheck\(([^)]*)\)")


@dataclass(frozen=True)
class Proof:
    """The results of the tests for one variant."""

    variant_id: str
    is_mistake: bool
    public: tuple[str, ...]  # tests that it does not pass
    hidden: tuple[str, ...]
    faults: tuple[str, ...]  # tests that ended by the grader's own fault, with reasons
    by_notebooks: bool = False  # whether a check in a notebook runs one of these public tests
    recognised: tuple[str, ...] = ()  # labels of the mistakes that the recogniser sees in it
    told: tuple[str, ...] = ()  # those that it sees by public tests alone: students read of them
    label: str = ""  # the mistake's own

    @property
    def holds(self) -> bool:
        """Whether a mistake is caught and not taken for another, or a right variant passes."""
        return not self.problem

    @property
    def caught_by(self) -> str:
        """The tests that it does not pass, the public ones first."""
        if not self.hidden:
            return f"public: {', '.join(self.public)}" if self.public else "passes all"
        hidden = ", ".join(self.hidden)
        if not self.public:
            return f"hidden only: {hidden}"
        return f"public: {', '.join(self.public)}; hidden: {hidden}"

    @property
    def problem(self) -> str:
        """Why it does not hold, in a few words; "" if it does."""
        if self.faults:
            return f"ended by the grader's own fault: {'; '.join(self.faults)}"
        if bool(self.public or self.hidden) != self.is_mistake:
            return "is not caught" if self.is_mistake else "does not pass"
        others = sorted({*self.recognised, *self.told} - {self.label})
        return f"is taken for {'; '.join(others)}" if others else ""


def prove(seed: int, variants: Sequence[Variant] | None = None) -> list[Proof]:
    """Judge variants with the public and hidden tests of their topics.

    Parameters
    ----------
    seed : int
        Of all random inputs.
    variants : by default the whole bank

    Raises
    ------
    SessionError
        The tests cannot be collected, or the teacher's own functions do not pass them.
    """
    chosen = load_bank() if variants is None else variants
    proofs: dict[str, Proof] = {}

    def work(collected: Collected) -> None:
        proven = _prove_in_processes(collected, chosen)
        for proof in track(proven, "proving", total=len(chosen), transient=True):
            proofs[proof.variant_id] = proof

    with tempfile.TemporaryDirectory(prefix="proving-") as folder:
        run_session(Settings(seed), Path(folder), work)
    return [proofs[variant.id] for variant in chosen]


def _prove_in_processes(collected: Collected, variants: Sequence[Variant]) -> Iterator[Proof]:
    judge = FunctionJudge(collected.tests, collected.asker, collected.runner)
    for one in judge.try_tests(InProcess({})):
        if one.verdict.outcome is not Outcome.PASSED:
            raise SessionError(f"the teacher's own functions do not pass {one.verdict.test}")
    context = multiprocessing.get_context("fork")
    ours: list[Any] = []
    for i in range(PROCESSES):
        connection, theirs = context.Pipe(duplex=False)
        share = variants[i::PROCESSES]
        arguments = Recogniser(judge), share, theirs
        context.Process(target=_prove_share, args=arguments, daemon=True).start()
        theirs.close()
        ours.append(connection)
    while ours:
        ready = wait(ours)
        for connection in [connection for connection in ours if connection in ready]:
            try:
                yield connection.recv()
            except EOFError:
                ours.remove(connection)


def _prove_share(recogniser: Recogniser, variants: Sequence[Variant], connection: Any) -> None:
    for variant in variants:
        connection.send(_prove_one(recogniser, variant))
    connection.close()


def _prove_one(recogniser: Recogniser, variant: Variant) -> Proof:
    subject = InProcess(variant.functions)
    tried = recogniser.judge.try_tests(subject, find_topic(variant))
    lost = [one.verdict for one in tried if one.verdict.outcome is not Outcome.PASSED]
    faults = tuple(f"{v.test}: {v.failure.problem}" for v in lost if v.failure and not v.counts)
    public = tuple(verdict.test for verdict in lost if not verdict.hidden)
    hidden = tuple(verdict.test for verdict in lost if verdict.hidden)
    if not isinstance(variant, Mistake):
        return Proof(variant.id, False, public, hidden, faults)
    recognised = tuple({one.label for one in recogniser.recognise(tried)})
    visible = [one for one in tried if not one.verdict.hidden]
    told = tuple({one.label for one in recogniser.recognise(visible)})
    checks = any(not v.hidden and v.part in find_checked_parts() for v in lost)
    return Proof(variant.id, True, public, hidden, faults, checks, recognised, told, variant.label)


def find_topic(variant: Variant) -> set[str]:
    """Return the parts that are tested in the same files as the variant's functions."""
    files = {part.tests for part in load_parts() if variant.functions.keys() & {*part.functions}}
    return {part.id for part in load_parts() if part.tests in files}


def print_proofs(proofs: Sequence[Proof], console: Console) -> bool:
    """Print a line for each variant and the figures; return False if a proof does not hold."""
    width = max((len(proof.variant_id) for proof in proofs), default=0)
    for proof in proofs:
        line = f"{proof.variant_id:<{width}}  {proof.caught_by}"
        console.print(line, style="" if proof.holds else "bold red", soft_wrap=True)
    console.print(count_up(proofs))
    for proof in proofs:
        if proof.problem:
            console.print(f"{proof.variant_id} {proof.problem}", style="red", soft_wrap=True)
    return all(proof.holds for proof in proofs)


def count_up(proofs: Sequence[Proof]) -> str:
    """Return the figures of a bank, a line each, as they stand in the README."""
    mistakes = [proof for proof in proofs if proof.is_mistake]
    rights = [proof for proof in proofs if not proof.is_mistake]
    rows = [
        ("mistakes in the bank", len(mistakes)),
        ("  caught by the notebooks' checks", sum(proof.by_notebooks for proof in mistakes)),
        ("  caught by public tests", sum(bool(proof.public) for proof in mistakes)),
        ("  caught by hidden tests", sum(bool(proof.hidden) for proof in mistakes)),
        ("  caught by none", sum(not (proof.public or proof.hidden) for proof in mistakes)),
        ("  recognised by their answers", sum(p.label in p.recognised for p in mistakes)),
        ("  of these, by public tests alone", sum(p.label in p.told for p in mistakes)),
        ("  taken for another", sum(bool({*p.recognised, *p.told} - {p.label}) for p in mistakes)),
        ("right variants", len(rights)),
        ("  that pass all tests", sum(proof.holds for proof in rights)),
    ]
    return "\n".join(f"{name:<36}{count:>4}" for name, count in rows)


@cache
def find_checked_parts() -> frozenset[str]:
    """Return the parts whose public tests the notebooks run with ``check``."""
    calls = [
        call
        for cells in read_master_notebooks().values()
        for cell in cells
        for call in CHECK.findall(cell.source)
    ]
    wanted = [part_id for call in calls for part_id in re.findall(r'"([\w.]+)"', call)]
    return frozenset(part.id for part in load_parts() if is_wanted(part.id, wanted))
