"""The CIFAR-10 loader: decoding, and one clear line for every damaged or missing file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assignment.support.data import cifar10
from tests.machinery.intake import archives

NUM_IMAGES = 20
BATCHES = archives.draw_batches(NUM_IMAGES)
FORMATS = {
    "cifar-10-batches-bin": archives.encode_binary(BATCHES),
    "cifar-10-batches-py": archives.encode_python(BATCHES),
}


@pytest.fixture(autouse=True)
def small_files(monkeypatch):
    monkeypatch.setattr(cifar10, "IMAGES_PER_FILE", NUM_IMAGES)


def write(datasets: Path, folder: str, **changed: bytes) -> Path:
    """Write one format below `datasets`, some files with other contents."""
    (datasets / folder).mkdir()
    for name, content in {**FORMATS[folder], **changed}.items():
        (datasets / folder / name).write_bytes(content)
    return datasets / folder


@pytest.mark.parametrize("folder", FORMATS)
def test_load_returns_every_pixel_and_label(tmp_path, folder):
    write(tmp_path, folder)
    x_train, y_train, x_test, y_test, classes = cifar10.load_cifar10(tmp_path)
    for x, y, names in [
        (x_train, y_train, [f"data_batch_{i}" for i in range(1, 6)]),
        (x_test, y_test, ["test_batch"]),
    ]:
        assert (x.dtype, x.shape) == (np.uint8, (len(names) * NUM_IMAGES, 32, 32, 3))
        assert (y.dtype, y.shape) == (np.int64, (len(names) * NUM_IMAGES,))
        assert x.flags.c_contiguous
        for i, name in enumerate(names):
            planes, labels = BATCHES[name]
            rows = slice(i * NUM_IMAGES, (i + 1) * NUM_IMAGES)
            np.testing.assert_array_equal(y[rows], labels)
            for channel in range(3):
                np.testing.assert_array_equal(x[rows, :, :, channel], planes[:, channel])
    assert " ".join(classes).encode().split() == archives.NAMES


def test_format_is_the_published_one():
    """The loader and get_datasets.sh expect the same size, 30,730,000 bytes a file."""
    script = Path(__file__).parents[3] / "get_datasets.sh"
    assert f".bin:{10_000 * (1 + cifar10.PIXELS)}" in script.read_text()


def test_binary_format_is_preferred(tmp_path):
    write(tmp_path, "cifar-10-batches-bin")
    write(tmp_path, "cifar-10-batches-py", data_batch_1=b"never read")
    assert len(cifar10.load_cifar10(tmp_path)[0]) == 5 * NUM_IMAGES


def test_damaged_binary_never_falls_back_to_python(tmp_path):
    write(tmp_path, "cifar-10-batches-bin", **{"test_batch.bin": b""})
    write(tmp_path, "cifar-10-batches-py")
    with pytest.raises(ValueError, match=r"test_batch\.bin is damaged"):
        cifar10.load_cifar10(tmp_path)


def test_absent_data_set_says_how_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cifar10 is not in .*run \./get_datasets\.sh"):
        cifar10.load_cifar10(tmp_path)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("cifar-10-batches-bin", "data_batch_3.bin"), ("cifar-10-batches-py", "test_batch")],
)
def test_missing_file_is_named(tmp_path, folder, name):
    (write(tmp_path, folder) / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing: delete .*{folder}"):
        cifar10.load_cifar10(tmp_path)


GOOD = FORMATS["cifar-10-batches-bin"]["data_batch_2.bin"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (GOOD[:-1], "61459 bytes instead of 61460"),
        (GOOD + b"\0", "61461 bytes instead of 61460"),
        (b"\x0a" + GOOD[1:], r"a label outside 0 \.\.\. 9"),
    ],
    ids=["short", "long", "label 10"],
)
def test_damaged_binary_file_is_named(tmp_path, content, why):
    write(tmp_path, "cifar-10-batches-bin", **{"data_batch_2.bin": content})
    with pytest.raises(ValueError, match=rf"data_batch_2\.bin is damaged \({why}\): delete"):
        cifar10.load_cifar10(tmp_path)


PICKLE = FORMATS["cifar-10-batches-py"]["data_batch_2"]
IMAGES, LABELS = BATCHES["data_batch_2"]


def encode(images=IMAGES, labels=LABELS):
    return archives.encode_python({"test_batch": (images, labels)})["test_batch"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Ran out of input"),
        (PICKLE[:40_000], "truncated|exhausted|Ran out"),
        (b"\x80\x02}.", "b'data'"),
        (b"\x80\x02N.", "NoneType"),
        (PICKLE.replace(b"U\x02u1", b"U\x02i1"), "not a uint8 array"),
        (encode(images=IMAGES[1:]), "not a uint8 array of 20 x 3072"),
        (encode(labels=LABELS[1:]), "not 20 integer labels"),
        (encode(labels=LABELS + 1), "a label outside"),
        (b"\x80\x02cbuiltins\nprint\n.", "it uses builtins.print"),
        (b"cposix\nsystem\n(S'true'\ntR.", "it uses posix.system"),
        (b"\x80\x02cnumpy\nload\n.", "it uses numpy.load"),
    ],
    ids=[
        "empty",
        "short",
        "no data",
        "none",
        "int8",
        "images",
        "labels",
        "label 10",
        "print",
        "system",
        "numpy.load",
    ],
)
def test_damaged_or_hostile_pickle_is_named(tmp_path, content, why):
    write(tmp_path, "cifar-10-batches-py", data_batch_2=content)
    with pytest.raises(ValueError, match=rf"data_batch_2 is damaged \(.*({why}).*\): delete"):
        cifar10.load_cifar10(tmp_path)


def test_pickle_reaches_no_numpy_code(tmp_path):
    """numpy.ndarray(1, "O", raw bytes) would make an array of pointers to any address."""
    content = b"\x80\x02cnumpy\nndarray\n(K\x01U\x01OU\x08AAAAAAAAtR."
    path = tmp_path / "batch"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert not isinstance(cifar10._PlainUnpickler(file).load(), np.ndarray)


def test_fortran_order_is_kept(tmp_path):
    flat = IMAGES.reshape(NUM_IMAGES, -1)
    content = PICKLE.replace(b"\x89T", b"\x88T").replace(flat.tobytes(), flat.tobytes("F"))
    path = tmp_path / "batch"
    path.write_bytes(content)
    np.testing.assert_array_equal(cifar10._read_pickle(path)[0], flat)
