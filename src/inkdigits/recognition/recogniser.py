"""The recogniser: an ONNX file that takes crops of ink and says what digits they are, if any.

Loading one runs no code of its author: ONNX is a graph of known operations.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from ..errors import RecogniserError
from ..machine import processors

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "recognisers" / "reader.onnx"
OUTPUTS = ("probabilities", "no_digit", "several", "seen")
MOST = 50_000_000  # bytes of a file
BATCH = 128  # crops at a time: more gain nothing and cost memory
LEAST = 32  # for fewer a thread of their own is not worth its while
SHARED = 4  # threads that have work, however few crops there are above that


@dataclass(frozen=True, eq=False)
class Answers:
    """What a recogniser says of N crops.

    Attributes
    ----------
    probabilities
        ``(N, 10)``, each row adding up to 1: which digit it is, if it is one.
    no_digit
        ``(N,)``: how likely it is none, or several.
    several
        ``(N,)``: how likely it is several; a part of `no_digit`.
    seen
        ``(N, 28, 28)``: the picture that the network saw, 0 paper to 1 ink.
    """

    probabilities: Floats
    no_digit: Floats
    several: Floats
    seen: Floats

    def __len__(self) -> int:
        return len(self.no_digit)


class Recogniser:
    """A recogniser, ready to read crops of ink. Make one with `load` or `from_bytes`.

    Attributes
    ----------
    name
        What to call it in a sentence.
    content
        Of its file, which by now may be another or none.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, name: str, content: bytes, threads: int
    ) -> None:
        self._session = session
        self._threads = threads
        self.name = name
        self.content = content

    @classmethod
    def load(cls, where: str | Path | None = None, *, threads: int | None = None) -> "Recogniser":
        """Return the shipped recogniser, or the one in a file or in a run's folder.

        Parameters
        ----------
        where
            An .onnx file or a run's folder; by default the shipped one.
        threads
            How many read a batch together; by default, or if 0, as many as there are processors.
            The answers are the same to the last bit.

        Raises
        ------
        RecogniserError
            If there is none, or if it is no recogniser.
        """
        path = SHIPPED if where is None else Path(where)
        try:
            if path.is_dir():
                path = path / "recogniser.onnx"
                if not path.is_file():
                    raise RecogniserError(
                        f"{where} holds no recogniser.onnx: make one with "
                        f"`inkdigits export {where}`."
                    )
            if path.stat().st_size > MOST:
                raise RecogniserError(f"{path} is too large for a recogniser.")
            return cls.from_bytes(path.read_bytes(), str(path), threads=threads)
        except (OSError, ValueError) as error:
            cause = getattr(error, "strerror", None) or error
            raise RecogniserError(
                f"Cannot read the recogniser {path}: {cause}; name an .onnx file or a run."
            ) from error

    @classmethod
    def from_bytes(cls, content: bytes, name: str, *, threads: int | None = None) -> "Recogniser":
        """Return the recogniser in `content`; `threads` as for `load`.

        Raises
        ------
        RecogniserError
            If it is no ONNX file, or has other inputs and outputs.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # Threads that share crops scale; those of ONNX Runtime, which share each step, hardly do.
        options.intra_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors share no base but this
            raise RecogniserError(
                f"{name} is no recogniser: it cannot be loaded as ONNX; make one with "
                "`inkdigits export RUN`."
            ) from error
        inputs = [(value.name, len(value.shape)) for value in session.get_inputs()]
        outputs = tuple(value.name for value in session.get_outputs())
        if inputs != [("ink", 4)] or outputs != OUTPUTS:
            raise RecogniserError(
                f"{name} is an ONNX file with other inputs and outputs than a recogniser's: make "
                "one with `inkdigits export RUN`."
            )
        return cls(session, name, content, threads or processors())

    @cached_property
    def card(self) -> dict[str, str]:
        """What it was trained by, and how it was calibrated."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def read(self, ink: Floats) -> Answers:
        """Return what the crops ``(N, H, W)`` are: ink, 0 to 1; paper around it is no matter."""
        count = max(-(-len(ink) // BATCH), min(SHARED, len(ink) // LEAST), 1)
        parts = np.array_split(ink, count)  # however many threads: parts decide on the last bit
        each = self._pool.map if self._threads > 1 and count > 1 else map
        answers = list(each(self._run, parts))
        return Answers(*(np.concatenate(values) for values in zip(*answers, strict=True)))

    def _run(self, ink: Floats) -> list[Floats]:
        found: list[Floats] = self._session.run(
            OUTPUTS, {"ink": np.asarray(ink[:, None], np.float32)}
        )
        return found

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "recogniser")
