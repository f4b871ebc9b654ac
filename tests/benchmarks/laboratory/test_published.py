import json

import pytest

from benchmarks.laboratory import published
from benchmarks.laboratory.published import Step


@pytest.mark.usefixtures("quickened")
def test_published_document_holds_what_was_measured(small_mnist, tmp_path, monkeypatch):
    steps = (Step("one-conv-published", "as published"),
             Step("one-conv-published", "logits", {"network.head": "logits"}))  # fmt: skip
    monkeypatch.setattr(published, "STEPS", steps)
    monkeypatch.setattr(published, "MANY", 2)
    monkeypatch.setattr(published, "SYSTEMS", ("one-conv", "simple-cnn"))
    out = tmp_path / "docs" / "published.md"
    published.measure(1, out, tmp_path / "runs", small_mnist, "cpu")
    found = json.loads(out.with_suffix(".json").read_text())
    text = out.read_text()
    assert len(found["systems"]) == 2
    mean = found["systems"][0]["published"]["honest_top_1"]["mean"]
    assert f"{mean:.2%}" in text
    assert "| A | 99.26% element-wise |" in text
    assert len(list((tmp_path / "runs" / "_published").glob("*/figures.json"))) == 7
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "runs").rglob("*.safetensors")}
    published.measure(1, out, tmp_path / "runs", small_mnist, "cpu")
    assert out.read_text() == text
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "runs").rglob("*.safetensors")}
