"""What training is compared with: networks, settings and loops as their authors published them.

A baseline begins with all the training digits and a seed, and is then trained an epoch at a time.
What is done to the digits once (all of them as one tensor, say) happens when it begins; what is
done to them in every epoch (a transform an image) happens in the epoch. How they are timed:
`training`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR, StepLR
from torch.utils.data import DataLoader, Dataset

from inkdigits import networks
from inkdigits.data.digits import Digits
from inkdigits.training import Recipe, loop, symbols

MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels in [0, 1], as everyone normalises
PASSES = 12  # epochs that a baseline gets at most, if it has no number of its own
CPU = torch.device("cpu")

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


class Learner(Protocol):
    """What learns digits an epoch at a time.

    Attributes
    ----------
    parameters
        How many numbers it learns; None where that is no fixed number.
    """

    parameters: int | None

    def epoch(self) -> None:
        """Take every training digit once."""

    def read(self, images: Bytes) -> Labels:
        """Return the digits ``(N,)`` that it reads in ``(N, 28, 28)`` pictures."""


@dataclass(frozen=True)
class Baseline:
    """One way to train: what it is, how long it may, and how it begins."""

    what: str
    begin: Callable[[Digits, int], Learner]  # training digits, seed
    epochs: int = PASSES  # at most
    recipe: str = ""  # ours, and the recipe that it is
    seeded: bool = True  # what has no chance in it is trained once, not every round
    counted: bool = True  # whether it learns in epochs
    needs: str = ""  # a package that may not be there


class Ours:
    """A recipe of ours, in memory: `training.loop` and nothing around it."""

    def __init__(self, recipe: Recipe, digits: Digits) -> None:
        self.recipe = recipe
        self.digits = symbols.Tensors.of(digits, CPU)
        self.state = loop.State.fresh(recipe, CPU)
        self.parameters: int | None = networks.parameter_count(self.state.network)

    def epoch(self) -> None:
        """Take every digit once, as `inkdigits train` does."""
        loop.train_epoch(self.state, self.recipe, self.digits, lambda _: None)

    def read(self, images: Bytes) -> Labels:
        """Return the likeliest digits."""
        pictures = torch.from_numpy(np.require(images, requirements=["C", "W"])).unsqueeze(1)
        return likeliest(symbols.predict(self.state.ema_or_model, pictures))


class Pictures(Dataset[tuple[Tensor, int]]):
    """A data set as the tutorials write it: one picture a call, through PIL."""

    def __init__(self, digits: Digits, mean: float = MEAN, std: float = STD) -> None:
        self.images = torch.from_numpy(digits.images.copy())
        self.labels = digits.labels.astype(np.int64).tolist()
        self.mean, self.std = mean, std

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.images[index].numpy())
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        pixels = pixels.view(28, 28, 1).permute(2, 0, 1).contiguous().float().div(255)
        return pixels.sub_(self.mean).div_(self.std), self.labels[index]


class Loaded:
    """A network fed picture by picture through a loader: the loop that the tutorials write.

    Parameters
    ----------
    network
        Takes pictures that are normalised already.
    loader
        Of batches of `Pictures`.
    schedule
        Stepped after each epoch, if there is one.
    """

    def __init__(
        self,
        network: nn.Module,
        loader: DataLoader[tuple[Tensor, int]],
        optimiser: torch.optim.Optimizer,
        schedule: LRScheduler | None = None,
    ) -> None:
        self.network, self.loader = network, loader
        self.optimiser, self.schedule = optimiser, schedule
        self.parameters: int | None = networks.parameter_count(network)

    def epoch(self) -> None:
        """Take every digit once."""
        self.network.train()
        for images, labels in self.loader:
            self.optimiser.zero_grad()
            loss = functional.cross_entropy(self.network(images), labels)
            loss.backward()
            self.optimiser.step()
        if self.schedule is not None:
            self.schedule.step()

    def read(self, images: Bytes) -> Labels:
        """Return the likeliest digits."""
        return read(self.network, images)


class Cycled:
    """A network fed by slices of one tensor, never shuffled, in one cycle of the rate."""

    BATCH = 256

    def __init__(self, network: nn.Module, digits: Digits) -> None:
        self.network = network
        self.parameters: int | None = networks.parameter_count(network)
        # The pictures are shuffled once, when their author saves them as one tensor.
        order = torch.randperm(len(digits))
        self.images = normalised(digits.images)[order]
        self.labels = torch.from_numpy(digits.labels.astype(np.int64))[order]
        self.optimiser = torch.optim.Adam(network.parameters(), lr=0.01, betas=(0.7, 0.9))
        steps = -(-len(digits) // self.BATCH)
        self.schedule = OneCycleLR(
            self.optimiser, max_lr=0.01, total_steps=steps, cycle_momentum=False
        )

    def epoch(self) -> None:
        """Take every digit once; the cycle then is over."""
        self.network.train()
        slices = zip(self.images.split(self.BATCH), self.labels.split(self.BATCH), strict=True)
        for images, labels in slices:
            self.optimiser.zero_grad()
            functional.cross_entropy(self.network(images), labels).backward()
            self.optimiser.step()
            self.schedule.step()

    def read(self, images: Bytes) -> Labels:
        """Return the likeliest digits."""
        return read(self.network, images)


class Fitted:
    """A classifier of scikit-learn on pixels in [0, 1]; by epochs where it can learn so."""

    parameters: int | None = None

    def __init__(self, classifier: Any, digits: Digits) -> None:
        self.classifier = classifier
        self.pixels, self.labels = flat(digits.images), digits.labels.astype(np.int64)

    def epoch(self) -> None:
        """Take every digit once, or fit it for good."""
        if hasattr(self.classifier, "partial_fit"):
            self.classifier.partial_fit(self.pixels, self.labels, classes=np.arange(10))
            weights = [*self.classifier.coefs_, *self.classifier.intercepts_]
            self.parameters = sum(values.size for values in weights)
        else:
            self.classifier.fit(self.pixels, self.labels)

    def read(self, images: Bytes) -> Labels:
        """Return the likeliest digits."""
        return np.asarray(self.classifier.predict(flat(images)), np.int64)


def as_published(recipe: Recipe, digits: Digits, workers: int = 0) -> Loaded:
    """Return what trains a published recipe by the loader and the loop of its author."""
    torch.manual_seed(recipe.training.seed)
    settings = recipe.network
    network = networks.build(settings)
    network.normalise = nn.Identity()  # each picture is normalised as it is loaded
    pictures = Pictures(digits, settings.mean, settings.std)
    loader = DataLoader(pictures, recipe.training.batch_size, shuffle=True, num_workers=workers)
    return Loaded(network, loader, torch.optim.Adam(network.parameters(), lr=recipe.optimiser.rate))


def example(digits: Digits, seed: int, shuffle: bool) -> Loaded:
    """Return PyTorch's basic MNIST example (``pytorch/examples``, ``mnist/main.py``).

    Its loader shuffles on an accelerator alone: on a CPU every epoch has the digits as they lie.
    """
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
        nn.LogSoftmax(1),  # once more in the loss, where it changes nothing
    )
    optimiser = torch.optim.Adadelta(network.parameters(), lr=1.0)
    loader = DataLoader(Pictures(digits), 64, shuffle=shuffle)
    return Loaded(network, loader, optimiser, StepLR(optimiser, step_size=1, gamma=0.7))


def gpu_record(digits: Digits, seed: int) -> Cycled:
    """Return what reached 99.04% in 0.762 s on a GTX 1660 Ti (mean of 30 seeds).

    Source: ``tuomaso/train_mnist_fast``, ``8_Final_00s76.ipynb`` and ``data_saver.py``. As there,
    the pictures are normalised and shuffled before the clock starts.
    """
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 24, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(24, 32, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(800, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
        nn.LogSoftmax(1),
    )
    return Cycled(network, digits)


def _quick(digits: Digits, seed: int) -> Ours:
    return Ours(Recipe.load("quick").with_settings({"training.seed": seed}), digits)


def _system_d(digits: Digits, seed: int) -> Loaded:
    recipe = Recipe.load("simple-cnn-published").with_settings({"training.seed": seed})
    return as_published(recipe, digits)


def _support_vectors(digits: Digits, seed: int) -> Fitted:  # noqa: ARG001  nothing in it is drawn
    from sklearn.svm import SVC

    return Fitted(SVC(C=10, gamma="scale"), digits)


def _perceptron(digits: Digits, seed: int) -> Fitted:
    from sklearn.neural_network import MLPClassifier

    return Fitted(MLPClassifier((256,), random_state=seed), digits)


BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {
        "quick": Baseline("our recipe of one epoch", _quick, epochs=1, recipe="quick"),
        "gpu-record": Baseline(
            "network and settings of the GPU record (train_mnist_fast), one epoch, one tensor",
            gpu_record,
            epochs=1,
        ),
        "pytorch-example": Baseline(
            "PyTorch's basic MNIST example as it runs on a CPU: never shuffled",
            lambda digits, seed: example(digits, seed, shuffle=False),
        ),
        "pytorch-example-shuffled": Baseline(
            "the same, shuffled",
            lambda digits, seed: example(digits, seed, shuffle=True),
        ),
        "system-d": Baseline("system D's network, loader and loop as published", _system_d),
        "sklearn-mlp": Baseline(
            "scikit-learn's MLPClassifier, 256 units, an epoch at a time",
            _perceptron,
            needs="sklearn",
        ),
        "sklearn-svc": Baseline(
            "scikit-learn's SVC, RBF kernel, C = 10, fitted once",
            _support_vectors,
            epochs=1,
            seeded=False,
            counted=False,
            needs="sklearn",
        ),
    }
)


@torch.inference_mode()
def read(network: nn.Module, images: Bytes) -> Labels:
    """Return the digits that `network` reads; it takes pictures that are normalised."""
    network.eval()
    parts = normalised(images).split(symbols.MEASURE_BATCH)
    return likeliest(torch.cat([network(part) for part in parts]))


def likeliest(outputs: Tensor) -> Labels:
    """Return which output ``(N, 10)`` is the greatest."""
    return np.asarray(outputs.argmax(1).numpy(), np.int64)


def normalised(images: Bytes) -> Tensor:
    """Return pictures as ``(N, 1, 28, 28)`` float32, about 0 with spread 1."""
    pixels = torch.from_numpy(images.astype(np.float32)).unsqueeze(1)
    return pixels.div_(255).sub_(MEAN).div_(STD)


def flat(images: Bytes) -> npt.NDArray[np.float32]:
    """Return pictures as rows ``(N, 784)`` of pixels in [0, 1]."""
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
