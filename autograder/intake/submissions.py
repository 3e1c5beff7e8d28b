"""Read a submission, a zip or folder, into plain data: sources, cells, and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse
from pathlib import Path

from assignment.support.project.kinds import find_conflict, tell_kind
from assignment.support.project.naming import find_defined_file
from autograder.intake.archives import (
    MAX_ENTRIES,
    MB,
    Archive,
    Entry,
    Refused,
    check_count,
    is_archive,
)
from autograder.intake.classes import HandedIn, IntakeError, find_submissions, name_left_out
from autograder.intake.decoding import (
    INVISIBLE,
    Cell,
    Unreadable,
    one_line,
    quote,
    read_cells,
    tidy_source,
)
from autograder.intake.newer_python import find_newer
from autograder.intake.opening import find_inner, open_inner
from autograder.intake.places import (
    CAPITALS,
    ELSEWHERE,
    RECOGNISED,
    RENAMED,
    Claim,
    expected,
    find_claims,
    find_given,
    find_roots,
    find_students,
    given,
    is_notebook,
    is_stand_in,
)
from autograder.intake.recognising import recognise

__all__ = [
    "Cell",
    "HandedIn",
    "IntakeError",
    "Submission",
    "find_submissions",
    "hash_submission",
    "name_left_out",
    "read_submission",
]

MAX_SOURCE = 1 * MB
MAX_NOTEBOOK = 20 * MB
MAX_FINDINGS = 30
MAX_LOOKED_AT = 1_000_000  # characters of source
DEEPEST = 2  # zips in zips: some LMS and browsers zip a zip again
TEACHERS_COPY = "the teacher's copy is used"


@dataclass(frozen=True)
class Submission:
    """The content of a submitted zip or folder."""

    student: str  # name of the zip, without .zip, or of the folder
    # By file name in assignment/, UTF-8 with Unix line ends: the student's own modules, too, but
    # never given files.
    files: dict[str, bytes]
    notebooks: dict[str, tuple[Cell, ...]]  # by name without .ipynb
    findings: tuple[str, ...]  # what was unusual and how it was handled, one line each
    refused: str  # why the submission cannot be read, one line, or ""
    sha256: str  # of the zip or folder; if it cannot be opened, of `refused`


def read_submission(handed_in: HandedIn | Path) -> Submission:
    """Read one submission; never raises, whatever the submission contains.

    Parameters
    ----------
    handed_in : HandedIn or Path
        Of a zip or folder. Its assignment/ and notebooks/ may lie some folders deeper, or their
        files without these folders; in a folder they may also lie in a zip, if that is its only
        zip.
    """
    handed_in = handed_in if isinstance(handed_in, HandedIn) else HandedIn.of(handed_in)
    taken = _Taken()
    if handed_in.section:
        taken.findings.append(f"was found in {quote(handed_in.section)}, with other students' work")
    if other := handed_in.version_of:
        taken.findings.append(f"may be another version of the work of {quote(other)}")
    if other := handed_in.namesake:
        what = f"{quote(handed_in.name)} and {quote(other)} have the same name"
        taken.findings.append(f"{what}, perhaps but for capitals or accents: look whose work it is")
    if not handed_in.name.isprintable() or INVISIBLE.search(handed_in.name):
        what = f"the name {quote(handed_in.name)} holds invisible characters"
        taken.findings.append(f"{what}; each is shown as _ in the name of the student")
    student, sha256 = handed_in.student, ""
    try:
        with handed_in.open() as archive:
            sha256 = archive.sha256
            taken.take(archive)
    except (Refused, OSError) as error:
        why = str(error)
        if isinstance(error, OSError):
            why = f"{error.strerror or error}; see that it can be read"
        refused = one_line(f"cannot read submission {quote(handed_in.name)}: {why}", 250)
        sha256 = sha256 or hashlib.sha256(refused.encode()).hexdigest()
        return Submission(student, {}, {}, taken.list_findings(), refused, sha256)
    return Submission(student, taken.files, taken.notebooks, taken.list_findings(), "", sha256)


def hash_submission(handed_in: HandedIn) -> str:
    """Return the SHA-256 of a submission as `read_submission` does, without reading its files."""
    try:
        with handed_in.open() as archive:
            return archive.sha256
    except (Refused, OSError):
        return read_submission(handed_in).sha256


@dataclass
class _Taken:
    """What has been read so far."""

    files: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)  # for which there was a file, readable or not
    ignored: list[Entry] = field(default_factory=list)
    looked_at: int = 0  # characters in which newer syntax was looked for

    def take(self, archive: Archive) -> None:
        """Sort all entries into sources, notebooks, given files and the rest."""
        self._take_all(archive, DEEPEST)
        missing = [place for place in expected() if place not in self.places]
        stand_ins = [one for one in self.ignored if is_stand_in(one.name, missing)]
        if not any(map(is_notebook, self.places)):  # a course may ask for the functions alone
            missing = [*filterfalse(is_notebook, missing), "notebooks/"]
        if stand_ins:
            what = "exports or placeholders, which cannot be read, lie where files are missing"
            self.findings.append(f"{what} {_list([one.name for one in stand_ins])}")
        self.ignored = [one for one in self.ignored if one not in stand_ins]
        self.findings += [f"{place} is missing" for place in missing]
        self._mention(self.ignored)

    def list_findings(self) -> tuple[str, ...]:
        """Return the first findings, one line each, and how many more there are."""
        lines = [one_line(finding) for finding in self.findings[:MAX_FINDINGS]]
        more = len(self.findings) - len(lines)
        return (*lines, f"and {more} more") if more else tuple(lines)

    def _take_all(self, archive: Archive, depth: int) -> None:
        """Take what lies loose, and what it lacks from the zips beside it."""
        entries = self._index(archive.list_entries())
        self.findings += archive.remarks
        claims = find_claims(entries)
        students = find_students([claim.entry.name for claim in claims])
        if students:
            some = _list([*students])
            raise Refused(f"it holds the work of several students {some}; hand them over singly")
        claims += recognise(archive, entries, claims)
        chosen = self._choose(claims, entries)
        check_count(len(chosen), MAX_ENTRIES)
        for place, entry in chosen.items():
            self._take_entry(archive, entry, place)
        opened = find_inner(archive, entries) if depth and self._lacks() else []
        taken = [*chosen.values(), *opened]
        self.ignored += [entry for entry in entries if entry not in taken]
        for inner in opened:
            self._take_inner(archive, inner, depth - 1)
        if not self.places:
            raise Refused(_explain_nothing([entry for entry in entries if entry not in opened]))

    def _lacks(self) -> bool:
        return not self.places.issuperset(expected())

    def _take_inner(self, outer: Archive, inner: Entry, depth: int) -> None:
        """Take from a zip in a folder, the layout of an LMS download, what is not there yet."""
        what = f"{quote(inner.name)} inside the {'folder' if outer.is_folder else 'archive'}"
        if not self.places:
            self.findings.append(f"{what} was read")
            with open_inner(outer, inner) as archive:
                return self._take_all(archive, depth)
        self.findings.append(f"{what} was read for the files that do not lie beside it")
        try:
            with open_inner(outer, inner) as archive:
                self._take_all(archive, depth)
        except Refused as error:
            self.findings[-1] = f"{what} was not read: {error}"
        return None

    def _index(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries, sorted by name; of equal names the last counts."""
        index: dict[str, Entry] = {}
        for entry in entries:
            if entry.name in index:
                self.findings.append(f"{quote(entry.name)} is there twice; the last one counts")
            index[entry.name] = entry
        return sorted(index.values(), key=lambda entry: (entry.name.lower(), entry.name))

    def _choose(self, claims: Sequence[Claim], entries: Iterable[Entry]) -> dict[str, Entry]:
        """Return what is to be read, by its place in the project, and note what was unusual."""
        roots = self._choose_roots(claims)
        best: dict[str, Claim] = {}
        rivals = [claim for claim in claims if claim.root in roots]
        rivals.sort(key=lambda c: (-c.rank, c.entry.modified, c.entry.name), reverse=True)
        for claim in rivals:
            best.setdefault(claim.place, claim)
        best = {place: best[place] for place in expected() if place in best}
        best = {place: claim for place, claim in best.items() if place not in self.places}
        self._note_choice(best, rivals)
        chosen = {place: claim.entry for place, claim in best.items()}
        # Other files may import one of quite another name by that name.
        is_alone = len(best) == 1
        taken = [one.entry for one in best.values() if one.rank != RECOGNISED or is_alone]
        in_place = {claim.root for claim in claims if claim.in_place}
        for entry in entries:
            place = _find_other(entry.name, roots, in_place)
            if place and entry not in taken and place not in self.places:
                chosen.setdefault(place, entry)
        return chosen

    def _choose_roots(self, claims: Sequence[Claim]) -> list[str]:
        """Return the folder that counts, and those that hold only what is in none before them."""
        read: list[str] = []
        places: set[str] = set()
        others = []
        for root in find_roots(claims):
            held = {claim.place for claim in claims if claim.root == root}
            if places & held:
                others.append(root)
            else:
                read.append(root)
                places |= held
        if others:
            what = " and ".join(quote(root) if root else "the outermost folder" for root in read)
            also = f"left out, though they hold files of the course as well {_list(others)}"
            self.findings.append(f"{what} {'were' if len(read) > 1 else 'was'} read; {also}")
        elif len(read) > 1:
            folders = [root or "." for root in read]
            self.findings.append(f"files were read from several folders {_list(folders)}")
        return read

    def _note_choice(self, best: dict[str, Claim], rivals: Iterable[Claim]) -> None:
        elsewhere = [claim.entry.name for claim in best.values() if claim.rank == ELSEWHERE]
        if elsewhere:
            found = f"outside assignment/ and notebooks/ {_list(elsewhere)}"
            self.findings.append(f"files were read by their names {found}")
        for place, claim in best.items():
            if claim.rank in (CAPITALS, RENAMED, RECOGNISED):
                by = ", by what is in it" if claim.rank == RECOGNISED else ""
                self.findings.append(f"{quote(claim.entry.name)} was read as {place}{by}")
        for claim in rivals:
            counts = best.get(claim.place)
            if counts and counts is not claim and claim.rank in (CAPITALS, RENAMED):
                why = "it is newer" if counts.rank == claim.rank else "its name is the right one"
                other = f"{quote(counts.entry.name)} counts, {why}"
                self.findings.append(f"{quote(claim.entry.name)} is another {claim.place}; {other}")

    def _take_entry(self, archive: Archive, entry: Entry, place: str) -> None:
        self.places.add(place)
        if place not in expected() and not entry.name.endswith(place.split("/")[-1]):
            self.findings.append(f"{quote(entry.name)} was read as {place}")
        is_given = place in given()
        try:
            content = archive.read(entry, MAX_NOTEBOOK if is_notebook(place) else MAX_SOURCE)
            if is_given:
                remarks = _compare(place, content)
            elif is_notebook(place):
                cells, remarks = read_cells(content)
                self.notebooks[Path(place).stem] = cells
                code = [(f"cell {n}", c.source) for n, c in enumerate(cells, 1) if c.kind == "code"]
                remarks += self._find_newer(code)
            else:
                source, remarks = tidy_source(content)
                self.files[Path(place).name] = source
                remarks = _explain_source(content) or remarks
                text = source.decode("utf-8")
                remarks += self._find_newer([("", text)]) + self._find_double(place, text)
        except Unreadable as error:
            then = TEACHERS_COPY if is_given else "not read" if entry.problem else "left out"
            remarks = [f"{error}; {then}"]
        self.findings += [f"{place} {remark}" for remark in remarks]

    def _find_newer(self, sources: Sequence[tuple[str, str]]) -> list[str]:
        """Look for newer syntax, as long as all that was looked at is no more than is written."""
        self.looked_at += sum(len(text) for _, text in sources)
        return find_newer(sources) if self.looked_at <= MAX_LOOKED_AT else []

    def _find_double(self, place: str, text: str) -> list[str]:
        """Say of a student's own module that the functions in it may be meant to count."""
        file = "" if place in expected() else find_defined_file(text)
        if not file or self.files.get(file) == text.encode():  # was read as that file, too
            return []
        return [f"defines functions of {file}, too; those in {file} count"]

    def _mention(self, ignored: list[Entry]) -> None:
        """Add findings about files that are not part of a submission."""
        links = [entry.name for entry in ignored if entry.problem]
        names = [entry.name for entry in ignored if not entry.problem]
        zips = [name for name in names if is_archive(name)]
        self.findings += [f"{quote(name)} lies inside and was not opened" for name in zips]
        others = [name for name in names if name not in zips]
        if others:
            self.findings.append(f"other files were ignored {_list(others)}")
        if links:
            self.findings.append(f"links and special files were not read {_list(links)}")


def _find_other(name: str, roots: Sequence[str], in_place: set[str]) -> str:
    """Return the place of a given file or of a student's own module, "" of others."""
    folder, _, file = name.rpartition("/")
    for root in roots:
        if place := find_given(name, root):
            return place
        if folder == root and root not in in_place and file.lower().endswith(".py"):
            return find_given(f"assignment/{file}", "")  # handed in without folders
    return ""


def _explain_source(content: bytes) -> list[str]:
    """Say of a Python file that it is none, or holds what git left there."""
    if kind := tell_kind(content):
        return [f"is {kind}" if kind == "empty" else f"is {kind}, not Python"]
    line = find_conflict(content)
    return [f"holds an unfinished merge in git, which begins in line {line:,}"] if line else []


def _list(names: Sequence[str], at_most: int = 3) -> str:
    more = ", …" if len(names) > at_most else ""
    return f"({len(names):,}): {', '.join(map(quote, names[:at_most]))}{more}"


def _explain_nothing(entries: Sequence[Entry]) -> str:
    """Say why there is nothing to read, and what to do."""
    zips = [entry.name for entry in entries if is_archive(entry.name)]
    links = [entry.name for entry in entries if entry.problem]
    if len(zips) == 1:
        return f"{quote(zips[0])} lies inside and was not opened; ask the student for that one"
    if zips:
        return f"zips lie inside and were not opened; ask for the one that counts {_list(zips)}"
    stand_ins = [entry.name for entry in entries if is_stand_in(entry.name, expected())]
    if stand_ins:
        what = f"it holds only exports or placeholders of files of the course {_list(stand_ins)}"
        return f"{what}; ask the student for the files themselves"
    if not entries:
        what = "it is empty, or holds only hidden files and caches"
        return f"{what}; ask the student to zip assignment/ and notebooks/"
    missing = "it holds neither assignment/ nor notebooks/ with a file of the course"
    also = f", but links {_list(links)}" if links else ""
    return f"{missing}{also}; ask the student to zip these two folders"


def _compare(place: str, content: bytes) -> list[str]:
    same = content.replace(b"\r\n", b"\n") == given()[place].replace(b"\r\n", b"\n")
    return [] if same else [f"was changed; {TEACHERS_COPY}"]
