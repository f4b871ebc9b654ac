"""MNIST: find it, download it, verify it, parse it. Nothing here runs per image."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..alphabet import DIGITS
from ..errors import DataError, FileError
from .digits import Bytes, Collection, Digits

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
CONNECT_SECONDS, READ_SECONDS = 5, 30


@dataclass(frozen=True)
class IdxFile:
    """One of the four files: its name, the shape inside, and two SHA-256 sums."""

    name: str
    shape: tuple[int, ...]
    content: str  # of the decompressed bytes
    packed: str  # of the .gz that the mirrors serve

    @property
    def size(self) -> int:
        """Bytes of the decompressed file: a magic number, the counts, the values."""
        return 4 + 4 * len(self.shape) + int(np.prod(self.shape))


TRAIN_IMAGES = IdxFile(
    "train-images-idx3-ubyte",
    (60_000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
)
TRAIN_LABELS = IdxFile(
    "train-labels-idx1-ubyte",
    (60_000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
)
TEST_IMAGES = IdxFile(
    "t10k-images-idx3-ubyte",
    (10_000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
)
TEST_LABELS = IdxFile(
    "t10k-labels-idx1-ubyte",
    (10_000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

# Test labels that are wrong or unreadable: five people looked at each (Northcutt et al. 2021).
BAD_TEST_LABELS = (
    947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729,
)  # fmt: skip


def load(folder: Path | None = None, download: bool = True) -> Collection:
    """Return MNIST from `folder`, or from where it is found; else download it.

    Parameters
    ----------
    folder
        Where the four files lie, gzipped or not. Without it ``$INKDIGITS_DATA`` and the user's
        cache are searched.
    download
        Whether to fetch what is not found.

    Raises
    ------
    DataError
        If it is not there and cannot be fetched, or if a file is not what it should be.
    """
    place = find(folder)
    if place is None and download and folder is None:
        place = fetch()
    if place is None:
        where = folder or "$INKDIGITS_DATA or the cache"
        raise DataError(
            f"MNIST is not in {where}: run `inkdigits data --fetch`, or name the folder that "
            f"holds {TRAIN_IMAGES.name}[.gz] and its three companions with --data."
        )
    return Collection(
        "MNIST",
        _digits("MNIST training", place, TRAIN_IMAGES, TRAIN_LABELS),
        lambda: _digits("MNIST test", place, TEST_IMAGES, TEST_LABELS),
    )


def cache_folder() -> Path:
    """Where downloaded files are kept for this user."""
    from platformdirs import user_cache_path

    return user_cache_path("inkdigits") / "mnist"


def find(folder: Path | None = None) -> Path | None:
    """Return the first folder that holds both training files, or None.

    With `folder` only that one is looked at (and ``mnist/`` and ``MNIST/raw/`` inside it).
    """
    if folder is not None:
        roots = [folder]
    else:
        roots = [cache_folder()]
        if named := os.environ.get("INKDIGITS_DATA"):
            roots.insert(0, Path(named))
    for root in roots:
        for place in (root, root / "mnist", root / "MNIST" / "raw"):
            if locate(place, TRAIN_IMAGES) and locate(place, TRAIN_LABELS):
                return place
    return None


def locate(place: Path, file: IdxFile) -> Path | None:
    """Return where `file` lies in `place`, under any of the names it goes by, or None."""
    dotted = file.name.replace("-idx", ".idx")
    for name in (file.name, f"{file.name}.gz", dotted, f"{dotted}.gz"):
        try:
            if (place / name).is_file():
                return place / name
        except OSError:  # a folder we may not look into holds nothing for us
            return None
    return None


def fetch(
    folder: Path | None = None,
    mirrors: Sequence[str] | None = None,
    files: Sequence[IdxFile] = FILES,
    progress: bool = True,
) -> Path:
    """Download what is missing to where MNIST was found, else to `folder` or the user's cache.

    A file appears under its name only when it is whole and its checksum is right; a mirror that
    fails is followed by the next.

    Raises
    ------
    DataError
        If no mirror could give a file.
    FileError
        If the folder cannot be written.
    """
    place = find(folder) or folder or cache_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"Cannot make the folder {place}: {error.strerror}; choose another with --data."
        ) from error
    for file in files:
        if locate(place, file) is None:
            _download(file, place, MIRRORS if mirrors is None else mirrors, progress)
    return place


def _download(file: IdxFile, place: Path, mirrors: Sequence[str], progress: bool) -> None:
    import pooch
    import requests

    from .download_bar import DownloadBar

    pooch.get_logger().setLevel("ERROR")
    bar = DownloadBar(file.name) if progress else None
    downloader = pooch.HTTPDownloader(
        progressbar=bar or False, timeout=(CONNECT_SECONDS, READ_SECONDS)
    )
    reasons = []
    for mirror in mirrors:
        try:
            pooch.retrieve(
                url=f"{mirror.rstrip('/')}/{file.name}.gz",
                known_hash=f"sha256:{file.packed}",
                fname=f"{file.name}.gz",
                path=place,
                downloader=downloader,
            )
            return
        # A requests error is an OSError too: the network's must be told from the disk's.
        except requests.RequestException as error:
            reasons.append(f"{mirror} {_why(error)}")
        except ValueError:
            reasons.append(f"{mirror} sent a file with the wrong checksum")
        except OSError as error:
            raise FileError(
                f"Cannot write {place}: {error.strerror or error}; "
                "free some space there or choose another folder with --data."
            ) from error
        finally:
            if bar:
                bar.close()
    raise DataError(
        f"MNIST cannot be downloaded ({'; '.join(reasons)}): check the network, or put the four "
        "files into a folder and name it with --data or $INKDIGITS_DATA."
    )


def _why(error: Exception) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "does not answer in time"
    return "cannot be reached or broke off"


def _digits(name: str, place: Path, images: IdxFile, labels: IdxFile) -> Digits:
    return Digits(name, _read(place, images), _read(place, labels))


def _read(place: Path, file: IdxFile) -> Bytes:
    path = locate(place, file)
    if path is None:
        raise DataError(
            f"{place} lacks {file.name}: put it there (gzipped or not), "
            "or run `inkdigits data --fetch`."
        )
    return parse(_content(path, file.size), file, path)


def _content(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as raw:
            if raw.read(2) != b"\x1f\x8b":
                raw.seek(0)
                return raw.read(limit + 1)
            raw.seek(0)
            # One byte past the limit shows that a file is too long; more is never unpacked.
            with gzip.open(raw) as packed:
                return packed.read(limit + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path} is truncated or damaged: delete it and run `inkdigits data --fetch`."
        ) from error
    except OSError as error:
        raise FileError(f"Cannot read {path}: {error.strerror or error}.") from error


def parse(content: bytes, file: IdxFile, path: Path) -> Bytes:
    """Return the values of an IDX file's bytes, after every check that can be made.

    Parameters
    ----------
    content
        The decompressed bytes.
    file
        What they should be.
    path
        Where they came from, for the sentence.

    Raises
    ------
    DataError
        If magic number, counts, size, labels or checksum are not those of MNIST.
    """
    mend = f"replace {path}, or delete it and run `inkdigits data --fetch`."
    header = 4 + 4 * len(file.shape)
    magic = 0x0800 + len(file.shape)
    found = int.from_bytes(content[:4], "big")
    if len(content) < header or found != magic:
        raise DataError(
            f"{path} is no IDX file of {len(file.shape)}-dimensional bytes "
            f"(magic {found:#x}, not {magic:#x}): {mend}"
        )
    shape = tuple(int(count) for count in np.frombuffer(content[4:header], ">u4"))
    if shape != file.shape:
        raise DataError(f"{path} says it holds {shape}, MNIST's is {file.shape}: {mend}")
    if len(content) != file.size:
        kind = "truncated" if len(content) < file.size else "too long"
        raise DataError(f"{path} is {kind}: it should hold {file.size:,} bytes; {mend}")
    values = np.frombuffer(content, np.uint8, offset=header).reshape(shape)
    if len(shape) == 1 and int(values.max(initial=0)) >= len(DIGITS):
        raise DataError(
            f"{path} has the label {values.max()}, labels are 0 to {len(DIGITS) - 1}: {mend}"
        )
    if hashlib.sha256(content).hexdigest() != file.content:
        raise DataError(f"{path} is not the file of MNIST (its checksum differs): {mend}")
    return values
