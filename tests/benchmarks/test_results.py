import pytest

from benchmarks import results
from inkdigits.errors import FileError


def test_what_is_saved_is_what_is_loaded(tmp_path):
    found = {"second": [1.5, None], "first": {"é": "×"}}
    path = results.save(tmp_path / "new", "training", found)
    assert path.read_text().endswith("}\n")
    assert results.load(tmp_path / "new", "training") == found
    assert list(results.load(tmp_path / "new", "training")) == ["second", "first"]
    assert results.load(tmp_path, "inference") == {}


@pytest.mark.parametrize("content", [b"[", b"[]", b"\xff", b"3"])
def test_damaged_figures_are_one_sentence(tmp_path, content):
    (tmp_path / "recipes.json").write_bytes(content)
    with pytest.raises(FileError, match=r"recipes\.json is damaged: restore it, or delete it"):
        results.load(tmp_path, "recipes")


def test_the_machine_names_what_speed_depends_on():
    found = results.machine()
    assert {"hardware", "threads", "torch", "python", "onnxruntime"} <= found.keys()
    assert found["threads"] <= found["cores"]
