"""What a recipe says of its data."""

from dataclasses import dataclass

from ..errors import DataError, nearest
from ..limits import within
from .splits import SPLITS

MADE = ("lines", "pages")  # what is made as it is asked for, and no data set
MAX_SAMPLES = 1_000_000  # lines or pages in an epoch
MAX_VALIDATION = 50_000  # as all of them are kept in memory


@dataclass(frozen=True)
class DataSettings:
    """Which data set, and how it is split; or how many lines or pages are made."""

    name: str = "mnist"  # a known data set, or the path of one; with a + between, two of them
    split: str = "held-out"
    samples: int = 0  # of lines or pages, in an epoch
    validation: int = 0  # of lines or pages to be validated on, and as many to be tested on

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise DataError(f"Unknown split {self.split!r}; {nearest(self.split, SPLITS)}")
        made = self.name in MADE
        if made and not min(self.samples, self.validation) >= 2:
            raise DataError(
                f"{self.name.capitalize()} are generated during training: set data.samples and "
                "data.validation to 2 or more."
            )
        within("data.samples", self.samples, 0, MAX_SAMPLES)
        within("data.validation", self.validation, 0, MAX_VALIDATION)
        if not made and (self.samples or self.validation):
            raise DataError(
                f"data.samples and data.validation apply to {' and '.join(MADE)}, which are "
                f"generated during training, not to {self.name}: leave them out."
            )

    @property
    def task(self) -> str:
        """What they are pictures of: ``"symbols"``, ``"lines"`` or ``"pages"``."""
        return self.name if self.name in MADE else "symbols"
