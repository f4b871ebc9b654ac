"""Data sets of MNIST's form: other things to recognise, or more digits of the same people."""

from string import ascii_lowercase, ascii_uppercase, digits

from ..alphabet import DIGITS, Alphabet
from .published import File, Published

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
SHAPES = ((60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,))


def _files(*sums: str) -> tuple[File, File, File, File]:
    first, second, third, fourth = (
        File(name, f"md5:{packed}", shape)
        for name, packed, shape in zip(FILES, sums, SHAPES, strict=True)
    )
    return first, second, third, fourth


FASHION = Published(
    "fashion-mnist",
    "Fashion-MNIST",
    "70,000 pieces of clothing in ten classes, 28×28 (Xiao, Rasul and Vollgraf 2017)",
    _files(
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    alphabet=Alphabet(
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat")
        + ("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
    ),
)
KUZUSHIJI = Published(
    "kmnist",
    "KMNIST",
    "70,000 cursive Japanese characters in ten classes, 28×28 (Clanuwat et al. 2018)",
    _files(
        "bdb82020997e1d708af4cf47b453dcf7",
        "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7",
        "7320c461ea6c1c855c0b718fb2a4b134",
    ),
    ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
    alphabet=Alphabet(("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
)
QMNIST = Published(
    "qmnist",
    "QMNIST",
    "MNIST made anew, with 60,000 test digits (Yadav and Bottou 2019)",
    (
        File(
            "qmnist-train-images-idx3-ubyte",
            "md5:ed72d4157d28c017586c42bc6afe6370",
            (60_000, 28, 28),
        ),
        File("qmnist-train-labels-idx2-int", "md5:0058f8dd561b90ffdd0f734c6a30e5e4", (60_000, 8)),
        File(
            "qmnist-test-images-idx3-ubyte",
            "md5:1394631089c404de565df7b7aeaf9412",
            (60_000, 28, 28),
        ),
        File("qmnist-test-labels-idx2-int", "md5:5b5b05890a5e13444e108efe57b788aa", (60_000, 8)),
    ),
    ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
)

EMNIST_MIRRORS = (
    "https://biometrics.nist.gov/cs_links/EMNIST/",
    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
)
EMNIST_ARCHIVE = ("gzip.zip", "md5:58c8d27c78d21e728a6bc7b3cc06412e")
MERGED = Alphabet((*digits, *ascii_uppercase, *"abdefghnqrt"))  # c and C, and so on, are one


def _emnist(
    part: str, about: str, counts: tuple[int, int], alphabet: Alphabet, first: int = 0
) -> Published:
    train, test = counts
    names = (
        (f"emnist-{part}-train-images-idx3-ubyte", (train, 28, 28)),
        (f"emnist-{part}-train-labels-idx1-ubyte", (train,)),
        (f"emnist-{part}-test-images-idx3-ubyte", (test, 28, 28)),
        (f"emnist-{part}-test-labels-idx1-ubyte", (test,)),
    )
    one, two, three, four = (File(name, "", shape) for name, shape in names)
    return Published(
        f"emnist-{part}",
        f"EMNIST {part}",
        f"{about}, 28×28 (Cohen et al. 2017)",
        (one, two, three, four),
        EMNIST_MIRRORS,
        EMNIST_ARCHIVE,
        alphabet,
        first,
        transposed=True,
    )


RELATIVES = (
    FASHION,
    KUZUSHIJI,
    QMNIST,
    _emnist("digits", "280,000 digits", (240_000, 40_000), DIGITS),
    _emnist(
        "letters", "145,600 letters", (124_800, 20_800), Alphabet(tuple(ascii_lowercase)), first=1
    ),
    _emnist("balanced", "131,600 digits and letters", (112_800, 18_800), MERGED),
    _emnist("bymerge", "814,255 digits and letters", (697_932, 116_323), MERGED),
    _emnist(
        "byclass",
        "814,255 digits, capitals and small letters",
        (697_932, 116_323),
        Alphabet((*digits, *ascii_uppercase, *ascii_lowercase)),
    ),
)
