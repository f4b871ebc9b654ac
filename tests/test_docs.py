import dataclasses
import re
import shutil
from pathlib import Path

import typer

import inkdigits
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


def documents() -> str:
    """Return all that is written for users."""
    paths = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    return "\n".join(path.read_text() for path in paths)


def mentioned(name: str, text: str) -> bool:
    """Whether a text has a name, and not only as a part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def test_every_command_and_option_is_documented():
    text = documents()
    commands = typer.main.get_command(cli.app).commands
    assert len(commands) > 10
    missing = [f"inkdigits {name}" for name in commands if not mentioned(f"inkdigits {name}", text)]
    for name, command in commands.items():
        options = {max(param.opts, key=len) for param in command.params}
        missing += [
            f"{name} {option}"
            for option in sorted(options)
            if option.startswith("--") and option != "--help" and not mentioned(option, text)
        ]
    root = (param.opts[0] for param in typer.main.get_command(cli.app).params)
    missing += [option for option in root if not mentioned(option, text)]
    assert missing == []


def test_every_public_name_is_documented():
    text = documents()
    assert [name for name in inkdigits.__all__ if not mentioned(name, text)] == []


def test_every_recipe_is_documented():
    text = documents()
    for name in names():
        assert f"`{name.removesuffix('-published')}`" in text


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
