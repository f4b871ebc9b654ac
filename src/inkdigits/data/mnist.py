"""MNIST: its files and their checksums, its writers, and what is known of its labels."""

from dataclasses import replace
from pathlib import Path

from . import qmnist
from .dataset import Dataset
from .published import File, Published

MNIST = Published(
    "mnist",
    "MNIST",
    "70,000 digits of 750 people, 28×28 (LeCun, Cortes and Burges 1998)",
    (
        File(
            "train-images-idx3-ubyte",
            "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            (60_000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        File(
            "train-labels-idx1-ubyte",
            "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            (60_000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        File(
            "t10k-images-idx3-ubyte",
            "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            (10_000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        File(
            "t10k-labels-idx1-ubyte",
            "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            (10_000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
)

# Test digits whose labels are wrong or unreadable, each known by its picture and label: five
# people looked at each (Northcutt et al. 2021).
BAD_TEST_LABELS = tuple(
    bytes.fromhex(known)
    for known in (
        "bc85cfeb98c67d97a124e11f5f088c2b",
        "e0b072b40b247742112bc7f4daae407f",
        "c8a1efd34897aea65ea799f223cedb00",
        "6e43bcf3c411fb2325baecb0d9d58f83",
        "c5cd327dd22d76b58b28c855bade95eb",
        "b9e11556870bb411416409e5b076d979",
        "d204ff01d03356f3b6b872a8f4d563bb",
        "c5415a7cd99f3a7ec925d08d26ff21f1",
        "32935ff648084ba7948cd0a9dbfeb1ad",
        "092b7ac7f1bd551af2f191e7f756b749",
        "18c9f0beda498915cf3698f20390f390",
        "71457b532471125ace3ebc71870ef2f1",
        "6b02e70f2b114fafa337948fc2a5e07b",
        "0cb9afefc075596a25020d7981bcac8e",
        "96f59bb0ad6b88849bac4113ec2e4b5b",
    )
)


def load(folder: Path | None = None, *, download: bool = True) -> Dataset:
    """Return MNIST from `folder`, or from where it is found, with its writers; else download it.

    Raises
    ------
    DataError
        If it is not there and cannot be fetched, or if a file is not what it should be.
    """
    found = MNIST.load(folder, download=download)
    place = Path(found.place)
    # Who wrote which digit stands in another file, which is looked for when it is asked for.
    return replace(found, open_writers=lambda: qmnist.writers(place))


def find(folder: Path | None = None) -> Path | None:
    """Return the folder of MNIST's files; see `Published.find`."""
    return MNIST.find(folder)
