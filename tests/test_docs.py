import dataclasses
import re
from pathlib import Path

from inkdigits import cli
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


def test_links_between_documents_lead_somewhere():
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
