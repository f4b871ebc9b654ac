import dataclasses
import re
import shutil
from pathlib import Path

from inkdigits import cli
from inkdigits.models.bundle import MODELS, ONNX, SHIPPED
from inkdigits.training.recipe import Recipe, names

ROOT = Path(__file__).parent.parent


def test_every_setting_of_a_recipe_is_documented():
    text = (ROOT / "docs" / "recipes.md").read_text()
    for section in dataclasses.fields(Recipe):
        value = getattr(Recipe("mine"), section.name)
        fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else [section]
        for field in fields:
            assert f"`{field.name}`" in text


def test_readme_names_every_recipe_and_command():
    text = (ROOT / "README.md").read_text()
    for name in names():
        assert f"`{name.removesuffix('-published')}`" in text
    for command in cli.app.registered_commands:
        name = command.name or command.callback.__name__.replace("_", "-")
        assert f"inkdigits {name}" in text


def test_the_example_of_the_contract_reads_with_the_shipped_file(capsys):
    text = (ROOT / "docs" / "models.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    shutil.copy(MODELS / SHIPPED / ONNX, ONNX)
    known: dict[str, object] = {}
    exec(code, known)  # noqa: S102
    assert known["likeliest"] == "1" and known["confidence"] > 0.5
    assert capsys.readouterr().out.startswith("1, ")


def test_links_between_documents_lead_somewhere():
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
