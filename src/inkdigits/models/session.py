"""A graph at work: an ONNX file under limits of time and memory, whose answers are checked.

ONNX is a graph of known operations, so a file runs no code of its author. But it can loop for ever,
ask for more memory than there is, and say what is no probability: each ends in one sentence.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import Lock, Thread
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime

from ..errors import RecogniserError
from .contract import INTERFACES, LINES, SYMBOLS, Contract

Floats = npt.NDArray[np.float32]
T = TypeVar("T")

LOAD_SECONDS = 20.0  # for loading a file and for what it says of one small picture
RUN_SECONDS = 120.0  # for what it says of one batch
TICK = 0.5  # seconds between two looks at what is at work
MEMORY = 4_000_000_000  # bytes for all that flows through graphs
SLACK = 1e-3  # what rounding may add to a probability, or to the sum of all


class Watchdog:
    """One thread for all graphs at work: a thread for each would cost as much as a crop."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[int, tuple[float, Any]] = {}
        self._thread: Thread | None = None

    @contextmanager
    def over(self, options: Any, seconds: float) -> Iterator[None]:
        """Terminate what runs with `options` if it is not done within `seconds`, or a tick more."""
        with self._lock:
            self._running[id(options)] = time.monotonic() + seconds, options
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                del self._running[id(options)]

    def _watch(self) -> None:
        while True:
            time.sleep(TICK)
            with self._lock:
                if not self._running:
                    self._thread = None
                    return
                for deadline, options in self._running.values():
                    if time.monotonic() > deadline:
                        # It ends between two steps of the graph, or two rounds of a loop.
                        options.terminate = True


WATCHDOG = Watchdog()


class Session:
    """A graph that keeps the contract, as far as can be seen from one small picture.

    Parameters
    ----------
    content
        Of the ONNX file.
    name
        What to call it in a sentence.
    task
        What it must read: ``"symbols"``, ``"lines"`` or ``"pages"``.

    Raises
    ------
    RecogniserError
        If it is no ONNX file, reads something else, has other inputs or outputs, or does not
        answer in time.
    """

    def __init__(self, content: bytes, name: str, task: str = SYMBOLS) -> None:
        self.name = name
        self._session = in_time(lambda: _open(content, name), LOAD_SECONDS, name)
        self.metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        self._check_names(task)
        self.contract = Contract.from_metadata(self.metadata, name)
        self.interface = self.contract.interface
        if self.contract.task != task:
            raise _other_task(name, self.contract.task, task)
        probe = np.zeros(self.interface.probe, np.float32)
        probe[..., 4:-4, 6:-6] = 1
        in_time(lambda: self.run(probe, LOAD_SECONDS), LOAD_SECONDS + 5, name)

    def run(self, pictures: Floats, seconds: float | None = None) -> list[Floats]:
        """Return the outputs for `pictures`, whose shape is that of the contract's input.

        Raises
        ------
        RecogniserError
            If it takes longer than `seconds`, if it breaks the contract, or if it takes pictures
            of another size.
        """
        size = self.contract.size
        if size is not None and pictures.shape[2:] != size:
            raise RecogniserError(
                f"{self.name} takes pictures of {size[0]}×{size[1]} pixels, not "
                f"{pictures.shape[2]}×{pictures.shape[3]}: scale them, or set network.frame to "
                "true and train it again."
            )
        options = onnxruntime.RunOptions()
        options.log_severity_level = 4
        wanted, given = list(self.interface.outputs), {self.interface.input: pictures}
        try:
            with WATCHDOG.over(options, seconds or RUN_SECONDS):
                found: list[Floats] = self._session.run(wanted, given, options)
        except Exception as error:  # its errors share no base but this
            if options.terminate:
                raise _too_slow(self.name) from error
            raise RecogniserError(
                f"{self.name} fails on {self.interface.pictures} of "
                f"{pictures.shape[2]}×{pictures.shape[3]}: use smaller ones, or create a "
                "model with `inkdigits export RUN`."
            ) from error
        self._check(found, pictures.shape)
        return found

    def _check_names(self, task: str) -> None:
        inputs = [(value.name, len(value.shape)) for value in self._session.get_inputs()]
        outputs = [value.name for value in self._session.get_outputs()]
        for known, interface in INTERFACES.items():
            if inputs == [(interface.input, 4)] and outputs == list(interface.outputs):
                if known != task:
                    raise _other_task(self.name, known, task)
                return
        raise RecogniserError(
            f"{self.name} does not have the inputs and outputs of a "
            f"{'recogniser' if task == SYMBOLS else f'model of {task}'}: create one with "
            "`inkdigits export RUN`."
        )

    def _check(self, found: list[Floats], given: Sequence[int]) -> None:
        """Refuse outputs of other shapes or types, and what is no probability."""
        shapes = self.contract.shapes_for(given)
        for (name, wanted), values in zip(shapes.items(), found, strict=True):
            if values.shape != wanted or values.dtype != np.float32:
                raise RecogniserError(
                    f"{self.name} gives {name} as {values.dtype} of shape {values.shape}, not "
                    f"as float32 of shape {wanted}: create a model with `inkdigits export "
                    "RUN`."
                )
        lines = self.contract.task == LINES
        if lines:
            found = [np.exp(found[0])]
        for name, values in zip(shapes, found, strict=True):
            # What is not a number is neither above nor below: the comparison must hold.
            if values.size and not (values.min() >= -SLACK and values.max() <= 1 + SLACK):
                raise self._impossible(name)
        if found[0].size and not np.abs(found[0].sum(2 if lines else 1) - 1).max() <= SLACK:
            raise self._impossible(next(iter(shapes)))

    def _impossible(self, name: str) -> RecogniserError:
        return RecogniserError(
            f"{self.name} gives invalid {name}: they must be from 0 to 1, and those of the "
            "symbols must add up to 1; train it again, or export it again."
        )


def in_time(work: Callable[[], T], seconds: float, name: str) -> T:
    """Return what `work` does, or raise one sentence where it does not end within `seconds`.

    What cannot be stopped goes on in a thread that does not hold up the end of the program.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def go() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001  it is raised by who waits
            failed.append(error)

    thread = Thread(target=go, name="probe", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise _too_slow(name)
    return done[0]


def _other_task(name: str, found: str, wanted: str) -> RecogniserError:
    return RecogniserError(f"{name} reads {found}, not {wanted}: name another model.")


def _too_slow(name: str) -> RecogniserError:
    return RecogniserError(
        f"{name} takes too long: its graph loops, or is too large; create a model with "
        "`inkdigits export RUN`."
    )


def _open(content: bytes, name: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Threads that share crops scale; those of ONNX Runtime, which share each step, hardly do.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    _limit_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no base but this
        raise RecogniserError(
            f"{name} is not a recogniser: it cannot be loaded as ONNX; create one with "
            "`inkdigits export RUN`."
        ) from error


@cache
def _limit_memory() -> None:
    """Give all graphs of this process one arena, with an end."""
    arena = onnxruntime.OrtArenaCfg({"max_mem": MEMORY})
    place = onnxruntime.OrtMemoryInfo(
        "Cpu",
        onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
        0,
        onnxruntime.OrtMemType.DEFAULT,
    )
    onnxruntime.create_and_register_allocator(place, arena)
