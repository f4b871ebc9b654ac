"""Data sets that are published as IDX files: found on this machine, or fetched and verified."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..alphabet import DIGITS, Alphabet
from ..errors import DataError, FileError
from ..files import write_bytes
from . import idx
from .dataset import Dataset
from .digits import Digits
from .download_bar import DownloadBar

CONNECT_SECONDS, READ_SECONDS = 5, 30
PIECE = 1 << 16  # bytes that are downloaded at a time
LARGEST = 1 << 30  # bytes of a file that is taken out of an archive


@dataclass(frozen=True)
class File:
    """One file of a data set: its name, a checksum, and what else is known of it.

    Attributes
    ----------
    name
        Without ``.gz``.
    packed
        The checksum of the ``.gz`` that mirrors serve, such as ``"md5:…"``; empty in an archive.
    shape
        Of the values inside.
    content
        The SHA-256 of the unpacked file, where it is known.
    """

    name: str
    packed: str
    shape: tuple[int, ...]
    content: str = ""


@dataclass(frozen=True)
class Published:
    """A data set that is known by name.

    Attributes
    ----------
    key
        As commands call it, such as ``"fashion-mnist"``.
    name
        As a person does.
    about
        What it is, in a line.
    files
        Training pictures, training labels, test pictures, test labels.
    mirrors
        Where they are served: each the beginning of an address.
    archive
        Name and checksum of the one archive that holds them all, where they are served as such.
    alphabet
        Its classes.
    first
        The label of the first class in its files.
    transposed
        Whether rows and columns of its pictures are swapped.
    """

    key: str
    name: str
    about: str
    files: tuple[File, File, File, File]
    mirrors: tuple[str, ...]
    archive: tuple[str, str] | None = None
    alphabet: Alphabet = field(default=DIGITS)
    first: int = 0
    transposed: bool = False

    def find(self, folder: Path | None = None) -> Path | None:
        """Return the first folder that holds both training files, or None.

        With `folder` only that one is looked at, and folders of its name inside it, as mirrors
        and torchvision have them; without it ``$INKDIGITS_DATA`` and the user's cache.
        """
        plain = self.name.replace("-", "")  # a folder FashionMNIST/raw, as torchvision has it
        for root in roots() if folder is None else [folder]:
            for place in (root / self.key, root / plain / "raw", root):
                if not all(idx.locate(place, file.name) for file in self.files[:2]):
                    continue
                # Files of several data sets go by the same names: a folder may hold another's.
                if place != root or folder is not None or self._may_be(place, self.files[1]):
                    return place
        return None

    def load(self, folder: Path | None = None, *, download: bool = True) -> Dataset:
        """Return the data set from `folder`, or from where it is found; else download it.

        Raises
        ------
        DataError
            If it is not there and cannot be fetched, or if a file is not what it should be.
        FileError
            If a file cannot be read or written.
        """
        place = self.find(folder)
        if place is None and download and folder is None:
            place = self.fetch()
        if place is None:
            raise DataError(
                f"{self.name} is not in {folder or '$INKDIGITS_DATA or the cache'}: run "
                f"`inkdigits data {self.key} --fetch`, or put {self.files[0].name}[.gz] and its "
                f"companions into the folder {self.key} there."
            )
        here = place
        return Dataset(
            self.name,
            self._digits(here, "training"),
            lambda: self._digits(here, "test"),
            place=str(here),
        )

    def _digits(self, place: Path, split: str) -> Digits:
        images, labels = self.files[:2] if split == "training" else self.files[2:]
        (pictures, path), (values, source) = (
            self._values(place, file) for file in (images, labels)
        )
        if self.transposed:
            pictures = np.ascontiguousarray(pictures.transpose(0, 2, 1))
        return idx.labelled(
            f"{self.name} {split}", pictures, values, (path, source), self.alphabet, self.first
        )

    def _values(self, place: Path, file: File) -> tuple[idx.Values, Path]:
        """Return what a file holds, after every check that can be made, and where it lies."""
        path = idx.locate(place, file.name)
        again = f"run `inkdigits data {self.key} --fetch`"
        if path is None:
            raise DataError(
                f"{place} lacks {file.name}: put it there (gzipped or not), or {again}."
            )
        mend = f"replace {path}, or delete it and {again}."
        try:
            values = idx.read(path)
        except DataError as error:
            raise DataError(f"{str(error).removesuffix('replace it.')}{mend}") from error
        if values.shape != file.shape:
            raise DataError(
                f"{path} has the shape {values.shape}, and the file of {self.name} has "
                f"{file.shape}: {mend}"
            )
        if file.content and _content_hash(values) != file.content:
            raise DataError(f"{path} is not the file of {self.name} (its checksum differs): {mend}")
        return values, path

    def holds(self, folder: Path) -> bool:
        """Whether the training files in `folder` are those of this data set, and of no other."""
        return all(self._is(folder, file) for file in reversed(self.files[:2]))  # small one first

    def _is(self, folder: Path, file: File) -> bool:
        """Whether `folder` holds a file, by its checksum or by a name that no other file has."""
        path = idx.locate(folder, file.name)
        if path is None:
            return False
        if self.key in file.name:
            return True
        try:
            kind, _, checksum = file.packed.partition(":")
            if path.suffix == ".gz" and _hash(path, kind) == checksum:
                return True
            return bool(file.content) and _content_hash(idx.read(path)) == file.content
        except (DataError, OSError):
            return False

    def _may_be(self, folder: Path, file: File) -> bool:
        """Whether a file is this data set's, or damaged: then it is not taken for missing."""
        path = idx.locate(folder, file.name)
        if path is None or self._is(folder, file):
            return path is not None
        try:
            idx.read(path)
        except (DataError, FileError):
            return bool(file.content)
        return False

    def fetch(self, folder: Path | None = None, *, progress: bool = True) -> Path:
        """Download what is missing to where it was found, else to `folder` or the user's cache.

        A file appears under its name only when it is whole and its checksum is right; a mirror
        that fails is followed by the next.

        Raises
        ------
        DataError
            If no mirror could give a file.
        FileError
            If the folder cannot be written.
        """
        place = self.find(folder) or folder or cache_folder() / self.key
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"Cannot make the folder {place}: {error.strerror}; choose another folder."
            ) from error
        missing = [file for file in self.files if idx.locate(place, file.name) is None]
        if not missing:
            return place
        if self.archive is None:
            for file in missing:
                self._download(f"{file.name}.gz", file.packed, place, progress)
            return place
        name, checksum = self.archive
        self._download(name, checksum, place, progress)
        _unpack(place / name, [f"{file.name}.gz" for file in missing], place)
        (place / name).unlink(missing_ok=True)
        return place

    def _download(self, name: str, checksum: str, place: Path, progress: bool) -> None:
        import pooch
        import requests

        pooch.get_logger().setLevel("ERROR")
        reasons = []
        for mirror in self.mirrors:
            url = f"{mirror.rstrip('/')}/{name}"
            bar = DownloadBar(name) if progress else None
            timeout = (CONNECT_SECONDS, READ_SECONDS)
            downloader = pooch.HTTPDownloader(bar or False, PIECE, timeout=timeout)
            try:
                pooch.retrieve(url, checksum, fname=name, path=place, downloader=downloader)
                return
            # A requests error is an OSError too: the network's must be told from the disk's.
            except requests.RequestException as error:
                reasons.append(f"{mirror} {_why(error)}")
            except ValueError:
                reasons.append(f"{mirror} sent a file with the wrong checksum")
            except OSError as error:
                raise FileError(
                    f"Cannot write {place}: {error.strerror or error}; "
                    "free some space there or choose another folder."
                ) from error
            finally:
                if bar is not None:
                    bar.close()
        raise DataError(
            f"{self.name} cannot be downloaded ({'; '.join(reasons)}): check the network, or put "
            f"its files into the folder {self.key} of $INKDIGITS_DATA."
        )


def cache_folder() -> Path:
    """Where downloaded files are kept for this user."""
    from platformdirs import user_cache_path

    return user_cache_path("inkdigits")


def roots() -> list[Path]:
    """Return where data sets are looked for: ``$INKDIGITS_DATA`` if it is set, then the cache."""
    named = os.environ.get("INKDIGITS_DATA")
    return [Path(named), cache_folder()] if named else [cache_folder()]


def _hash(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _content_hash(values: idx.Values) -> str:
    head = bytes([0, 0, 0x08 if values.dtype == np.uint8 else 0x0C, values.ndim])
    digest = hashlib.sha256(head + np.array(values.shape, ">u4").tobytes())
    digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _unpack(archive: Path, names: Sequence[str], place: Path) -> None:
    """Take files out of a verified archive, wherever they lie in it."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = {Path(info.filename).name: info for info in packed.infolist()}
            for name in names:
                if name not in members or members[name].file_size > LARGEST:
                    raise DataError(f"{archive} lacks {name}: delete it, and fetch it again.")
                write_bytes(place / name, packed.read(members[name]))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise DataError(f"{archive} is damaged: delete it, and fetch it again.") from error


def _why(error: Exception) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "does not answer in time"
    return "cannot be reached or broke off"
