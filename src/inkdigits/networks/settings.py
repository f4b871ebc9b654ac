"""The section ``[network]`` of a recipe. It is read without making, or importing, any network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import RecipeError, nearest, printable
from ..limits import brief, within
from .options import OPTIONS, check_options

Size = tuple[int, int]  # height and width, in pixels

SIZE: Size = (28, 28)
MIN_SIDE, MAX_SIDE = 8, 512
# Of those that read something else than symbols: what, and the shape of a small picture of it.
READS = {"line": ("lines", (1, 40, 64)), "unet": ("pages", (3, 64, 64))}
HEADS = ("logits", "softmax")
MAX_NAME = 200  # characters of the name of a network


@dataclass(frozen=True)
class NetworkSettings:
    """Which network, how its pixels are normalised, and what it gives out.

    A name that is none of `OPTIONS` is of a network of somebody's own: ``module:Name``, or an entry
    point. It is looked for, and imported, when the network is built, and not before.

    ``head = "softmax"`` is a fault of systems A and C: the loss takes the softmax once more.
    """

    name: str = "cnn"
    size: Size = SIZE  # of the pictures that it takes: height and width, in pixels
    mean: float = 0.1307  # of MNIST's training pixels in [0, 1]
    std: float = 0.3081
    head: str = "logits"
    frame: bool = False  # take ink of any size, and bring it to `size` in front of all else
    options: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.head not in HEADS:
            raise RecipeError(f"network.head {self.head!r} is unknown; {nearest(self.head, HEADS)}")
        within("network.mean", self.mean, 0, 1)
        within("network.std", self.std, 0.001, 1000)
        object.__setattr__(self, "size", tuple(self.size))
        if len(self.size) != 2:
            raise RecipeError("network.size must be a list of 2 numbers: height and width.")
        for side in self.size:
            within("network.size (height and width)", side, MIN_SIDE, MAX_SIDE)
        if self.is_own:
            self._check_own()
        else:
            check_options(self.name, self.options)
        if self.name in READS and self.size != SIZE:
            raise RecipeError(
                f"network.size applies to networks that read symbols, and {self.name!r} reads "
                f"{self.task}: leave it out."
            )

    def _check_own(self) -> None:
        if not self.name or len(self.name) > MAX_NAME or printable(self.name) != self.name:
            raise RecipeError(f"network.name must be a name, not {brief(self.name)}.")
        module, colon, names = self.name.partition(":")
        parts = f"{module}.{names}".split(".") if colon else []
        if not all(part.isidentifier() for part in parts):
            raise RecipeError(
                f"network.name {self.name!r} is not a valid name: write module:Name, as in "
                "mymodule:MyNet."
            )
        for given, says in (("outputs", "[alphabet]"), ("size", "network.size")):
            if given in self.options:
                raise RecipeError(f"network.options cannot set {given!r}: use {says}.")

    @property
    def is_own(self) -> bool:
        """Whether it is a network of somebody's own, and none that comes with the program."""
        return self.name not in OPTIONS

    @property
    def own_names(self) -> tuple[str, ...]:
        """Of its networks those of somebody's own: itself, or members of an ensemble."""
        members = self.options.get("members") if self.name == "ensemble" else None
        if not isinstance(members, (list, tuple)):
            return (self.name,) if self.is_own else ()
        names = [member.get("name") for member in members if isinstance(member, Mapping)]
        return tuple(name for name in names if isinstance(name, str) and name not in OPTIONS)

    @property
    def task(self) -> str:
        """What the network reads: ``"symbols"``, ``"lines"`` or ``"pages"``."""
        return READS.get(self.name, ("symbols",))[0]

    def shape(self, side: int | None = None) -> tuple[int, ...]:
        """Return the shape ``(C, H, W)`` of a small picture of what it reads.

        Parameters
        ----------
        side
            Of pictures of symbols that are square; None for those of its `size`.
        """
        of_symbols = (1, *(self.size if side is None else (side, side)))
        return READS.get(self.name, ("symbols", of_symbols))[1]
