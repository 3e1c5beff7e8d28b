"""Write a sample class: eight submissions, good, half done and broken, as a teacher gets them.

They are made by editing the solved files, so they stay up to date. If an edit no longer fits, the
script stops and names it. The same solved files give the same bytes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from assignment.support.project.manifest import ROOT, load_parts
from assignment.support.project.writing import make_zip
from autograder.release.building import ReleaseError, make_stubs, renew_folder, write_files
from autograder.release.markers import MarkerError, empty_parts

__all__ = [
    "CLASS",
    "SampleError",
    "main",
    "make_sample_class",
    "refuse_strangers",
    "replace_once",
]

Files = dict[str, bytes]  # path in the submission -> content

RESOURCE_FORK = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "  # macOS adds one to each file


class SampleError(Exception):
    """The class cannot be written: why, in one line."""


def make_ana() -> Files:
    """Return everything solved, including notebooks."""
    return {**read_answers(), **read_notebooks()}


def make_ben() -> Files:
    """Return right functions in another style, one folder deeper than they should be."""
    style = ROOT / "tests" / "machinery" / "styles" / "other" / "assignment"
    files = {f"assignment/{path.name}": path.read_bytes() for path in style.glob("*.py")}
    return {f"training-part-1/{name}": content for name, content in files.items()}


def make_cleo() -> Files:
    """Return half of the course: the functions of the first four notebooks, and one more."""
    done = ("01_minibatch_sgd", "02_activations", "03_preprocessing", "04_initialization")
    missing = {part.id for part in load_parts() if part.notebook not in done}
    return take_out(read_answers(), missing - {"batchnorm.forward"})


def make_dan() -> Files:
    """Return three common mistakes: a wrong sign, a wrong axis, and N - 1 for N."""
    return edit(
        read_answers(),
        ("normalization.py", "dmean = -np.sum(ds + dv, axis=0)", "dmean = np.sum(ds + dv, axis=0)"),
        (
            "normalization.py",
            "var = np.mean(s * s, axis=1, keepdims=True)",
            "var = np.mean(s * s, axis=0, keepdims=True)",
        ),
        (
            "preprocessing.py",
            "std = x_train.std(axis=0, dtype=np.float64)",
            "std = x_train.std(axis=0, dtype=np.float64, ddof=1)",
        ),
    )


def make_eve() -> Files:
    """Return an honest affine layer and two attempts to cheat."""
    answers = read_answers()
    affine = answers["assignment/affine.py"]
    files = take_out(answers, {part.id for part in load_parts()} - {"loss.softmax"})
    files["assignment/affine.py"] = affine
    return edit(
        files,
        (
            "losses.py",
            "import numpy as np\n",
            "import numpy as np\nimport numpy.testing\n\n"
            "numpy.testing.assert_allclose = lambda *args, **options: None\n"
            "np.array_equal = np.allclose = lambda *args, **options: True\n",
        ),
        ("losses.py", "    return loss, dx\n", "    return 0.0, np.zeros_like(x)\n"),
        ("sgd.py", "import numpy as np\n", "import os\n\nimport numpy as np\n\nos._exit(0)\n"),
    )


def make_finn() -> Files:
    """Return a syntax error in one function, Windows line ends, and the litter of macOS."""
    files = edit(
        read_answers(),
        (
            "preprocessing.py",
            "    std = x_train.std(axis=0, dtype=np.float64)\n",
            "    std = x_train.std(axis=0, dtype=np.float64\n",
        ),
    )
    tabs = files["assignment/activations.py"].replace(b"    ", b"\t")
    files["assignment/activations.py"] = tabs
    files = {name: content.replace(b"\n", b"\r\n") for name, content in files.items()}
    forks = {name.replace("assignment/", "__MACOSX/assignment/._"): RESOURCE_FORK for name in files}
    return files | forks


def make_hana() -> Files:
    """Return what students start with."""
    return make_stubs()


CLASS: dict[str, Callable[[], Files]] = {
    "ana.zip": make_ana,
    "ben": make_ben,
    "cleo.zip": make_cleo,
    "dan.zip": make_dan,
    "eve.zip": make_eve,
    "finn.zip": make_finn,
    "gus.zip": make_ana,  # only the first half of it
    "hana": make_hana,
}


def make_sample_class(folder: Path) -> None:
    """Write the class into its own folder; replace an earlier one.

    Raises
    ------
    SampleError
        The folder holds something else, or an edit no longer fits the solved files.
    """
    refuse_strangers(folder, CLASS)
    with renew_folder(folder) as new:
        for submission, make in CLASS.items():
            _write(new / submission, make())


def refuse_strangers(folder: Path, own: Collection[str]) -> None:
    """Refuse to replace a folder that holds anything but what a tool has written there.

    Raises
    ------
    SampleError
    """
    strangers = sorted(set(os.listdir(folder)) - set(own)) if folder.exists() else []
    if strangers:
        raise SampleError(f"{folder} holds {strangers[0]!r}; name a folder that is new or empty")


def read_answers() -> Files:
    """Return the solved files."""
    names = dict.fromkeys(f"assignment/{part.file}" for part in load_parts())
    return {name: (ROOT / name).read_bytes() for name in names}


def read_notebooks() -> Files:
    """Return the solved notebooks."""
    names = dict.fromkeys(f"notebooks/{part.notebook}.ipynb" for part in load_parts())
    return {name: (ROOT / name).read_bytes() for name in names}


def take_out(files: Files, part_ids: Collection[str]) -> Files:
    """Return the files without the solutions of some parts."""
    texts = {name: content.decode() for name, content in files.items()}
    return {name: empty_parts(name, text, part_ids).encode() for name, text in texts.items()}


def edit(files: Files, *edits: tuple[str, str, str]) -> Files:
    """Return the files with some texts replaced: file, old text, new text."""
    files = dict(files)
    for file, old, new in edits:
        name = f"assignment/{file}"
        files[name] = replace_once(name, files[name].decode(), old, new).encode()
    return files


def replace_once(name: str, text: str, old: str, new: str) -> str:
    """Return the text with ``old`` replaced; SampleError unless it stands there exactly once."""
    count = text.count(old)
    if count != 1:
        line = old.strip().splitlines()[0]
        raise SampleError(f"{name} has {line!r} {count} times, not once: fix tools/sample_class.py")
    return text.replace(old, new)


def _write(target: Path, files: Files) -> None:
    if target.suffix == ".zip":
        content = make_zip(files)
        half = target.name == "gus.zip"
        target.write_bytes(content[: len(content) // 2] if half else content)
    else:
        write_files(target, files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the class into the given folder, and return the exit code."""
    parser = argparse.ArgumentParser("python -m tools.sample_class", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder for the submissions")
    folder = parser.parse_args(arguments).folder
    try:
        make_sample_class(folder)
    except (MarkerError, ReleaseError, SampleError, OSError) as error:
        print(f"cannot write the sample class: {error}", file=sys.stderr)
        return 2
    print(f"wrote {len(CLASS)} submissions to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
