import subprocess
import sys

import pytest

import inkdigits
from inkdigits import errors


def test_public_surface_is_what_the_plan_says():
    assert sorted(inkdigits.__all__) == [
        "Alphabet", "AlphabetError", "Bundle", "Candidate", "Comparison", "DataError",
        "Dataset", "DeviceError", "Digits", "Document", "DocumentError", "Evaluation", "FileError",
        "InkdigitsError", "LeftOut", "Line", "MissingExtraError", "Page", "PictureError",
        "RateSearch", "Reader", "Reason",
        "Recipe", "RecipeError", "RecogniserError", "Run", "RunError", "Search", "Splits",
        "Symbol", "TrainingError", "__version__", "compare", "ensemble", "evaluate",
        "export", "find_lr", "load_dataset", "load_digits", "resume", "train", "tune",
    ]  # fmt: skip
    assert dir(inkdigits) == inkdigits.__all__
    for name in inkdigits.__all__:
        assert getattr(inkdigits, name) is not None


def test_every_error_a_user_can_meet_is_public():
    known = [name for name in vars(errors) if name.endswith("Error")]
    assert len(known) > 10
    for name in known:
        assert getattr(inkdigits, name) is getattr(errors, name)
        assert issubclass(getattr(errors, name), inkdigits.InkdigitsError)


def test_a_document_can_be_made_of_public_names():
    corners = ((0, 0), (9, 0), (9, 9), (0, 9))
    seven = inkdigits.Symbol((inkdigits.Candidate("7", 1.0),), 0.98, corners)
    speck = inkdigits.LeftOut(inkdigits.Reason.SPECK, corners)
    page = inkdigits.Page(1, 28, 28, (inkdigits.Line((seven,)),), (speck,))
    found = inkdigits.Document("seven.png", (page,))
    assert inkdigits.Document.from_dict(found.to_dict()) == found
    assert (found.text, found.confidence) == ("7", 0.98)


def test_unknown_names_are_unknown():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = inkdigits.nothing


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, inkdigits; print(sorted({'torch', 'numpy', 'rich'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_version_is_the_one_that_is_installed():
    from importlib.metadata import version

    assert inkdigits.__version__ == version("inkdigits")


def test_python_does_what_the_command_line_does(small_mnist, tiny):
    run = inkdigits.train(tiny, epochs=1, seed=2, data=small_mnist, progress=False)
    assert run.recipe.training.seed == 2
    found = inkdigits.evaluate(run)
    assert repr(found).startswith("Evaluation(tiny on MNIST test")
    longer = inkdigits.resume("tiny", epochs=2, data=small_mnist, progress=False)
    assert len(longer.history) == 2
    digits = inkdigits.load_digits(small_mnist)
    assert (len(digits.train), len(digits.validation), len(digits.test)) == (547, 53, 200)
