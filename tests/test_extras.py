"""What the package is like where an extra is not installed."""

import subprocess
import sys

import pytest

from inkdigits.errors import MissingExtraError
from inkdigits.extras import stand_in

SENTENCE = 'run `pip install ".[lab]"`'


def without_torch(code: str) -> str:
    """Run Python code where PyTorch cannot be imported; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.modules['torch'] = None\n{code}"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_that_goes_through_all_names_survives():
    found = without_torch(
        "import inspect, pydoc, inkdigits\n"
        "from inkdigits import *\n"
        "assert Reader.__module__.startswith('inkdigits.reading')\n"
        "assert all(hasattr(inkdigits, name) for name in inkdigits.__all__)\n"
        "assert {'train', 'Reader'} <= dict(inspect.getmembers(inkdigits)).keys()\n"
        "assert inspect.getmembers(train) and inspect.getdoc(train)\n"
        "print(pydoc.render_doc(inkdigits, renderer=pydoc.plaintext))"
    )
    assert "class Reader" in found
    assert SENTENCE in found


@pytest.mark.parametrize(
    "use", ["train('quick')", "Recipe.load('quick')", "inkdigits.resume('x')", "Run.open"]
)
def test_what_is_used_says_how_to_install_it(use):
    found = without_torch(
        "import inkdigits\nfrom inkdigits import Recipe, Run, train\n"
        f"try: {use}\n"
        "except inkdigits.MissingExtraError as error: print(error)\n"
    )
    assert found.startswith("torch is not installed: ")
    assert SENTENCE in found


def test_a_stand_in_has_no_attributes_and_no_instances():
    missing = stand_in("Recipe", ModuleNotFoundError(name="torch"))
    assert not hasattr(missing, "load")
    assert not hasattr(missing, "_repr_html_")
    assert not isinstance("quick", missing)
    with pytest.raises(MissingExtraError, match="torch is not installed"):
        missing()


def test_a_module_of_ours_that_is_missing_is_damage_and_no_extra():
    with pytest.raises(ModuleNotFoundError):
        stand_in("Recipe", ModuleNotFoundError(name="inkdigits.training"))
