import json
from dataclasses import replace

import pytest
import torch

import inkdigits
from inkdigits import training
from inkdigits.errors import InkdigitsError, RecipeError, RunError
from inkdigits.models.bundle import JSON, ONNX, SHIPPED, WEIGHTS, Bundle
from inkdigits.networks.compact import Compact
from inkdigits.training import Recipe, Run, api, saving
from inkdigits.training.pretrained import Pretrained, seal
from inkdigits.training.weights import SavedWeights


@pytest.fixture
def train(small_mnist, tiny, tmp_path):
    def go(recipe: Recipe = tiny, **options) -> Run:
        given = {"data": small_mnist, "runs": tmp_path / "runs", "progress": False, **options}
        return training.train(recipe, **given)

    return go


def start(run: Run) -> dict[str, torch.Tensor]:
    """Return the weights that a run would go on with."""
    state, _, _ = saving.load_last(run, torch.device("cpu"))
    return {name: tensor.clone() for name, tensor in state.ema_or_model.state_dict().items()}


def test_a_finished_run_is_a_model(train):
    run = train(epochs=2)
    found = Bundle.open(run.path)
    assert (found.name, found.alphabet) == (run.name, run.recipe.alphabet)
    assert Recipe.from_dict(found.recipe, "it") == run.recipe
    assert found.weights == run.weight_bytes and not found.has_onnx
    assert found.figures["validation"]["epoch"] == run.best.epoch
    assert found.figures["training"]["data"] == run.environment["data"]
    assert found.versions["torch"] == torch.__version__


def test_a_run_that_is_not_finished_is_no_model(train, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "seal", stop)
    with pytest.raises(KeyboardInterrupt):
        train(epochs=1, name="cut")
    with pytest.raises(InkdigitsError, match="finish its training"):
        Bundle.open(Run.open("cut").path)


def test_better_weights_take_the_model_away_until_training_ends(train, small_mnist):
    run = train(epochs=1, settings={"stopping.monitor": "last"})
    state, history, _ = saving.load_last(run, torch.device("cpu"))
    state.epoch += 1
    state.best = SavedWeights.of(state.ema_or_model, state.epoch)
    saving.save(run, state, [*history, replace(history[0], epoch=2)], 0)
    assert not (run.path / JSON).exists() and history
    training.resume(run, epochs=3, data=small_mnist, progress=False)
    assert Bundle.open(run.path).weights == run.weight_bytes
    assert Bundle.open(run.path).recipe["training"]["epochs"] == 3


def test_what_was_exported_stays_while_the_weights_do(train):
    run = train(epochs=1)
    made = Bundle.open(run.path)
    kept = made.write(run.path, made.weights, b"a file to read with")
    seal(run)
    assert Bundle.open(run.path) == kept
    (run.path / ONNX).write_bytes(b"damaged")
    seal(run)
    assert not Bundle.open(run.path).has_onnx and not (run.path / ONNX).exists()


def test_the_shipped_model_has_a_network():
    found = Pretrained.open(SHIPPED)
    assert found.recipe == Recipe.load("reader-further") and found.run is None
    network = found.network()
    assert isinstance(network.body, Compact)
    assert network(torch.rand(2, 1, 40, 30)).shape == (2, len(found.recipe.alphabet))


def test_a_run_is_found_by_its_name_before_a_model_is(train, tmp_path):
    run = train(epochs=1, name=SHIPPED)
    assert Pretrained.open(SHIPPED, tmp_path / "runs").digest == run.digest
    assert Pretrained.open(run.path).run.path == run.path
    assert Pretrained.open(run).name == SHIPPED
    with pytest.raises(RunError, match="There is no run 'nothing'"):
        Pretrained.open("nothing")


def test_training_starts_from_the_weights_of_a_run(train):
    first = train(epochs=1, name="first")
    second = train(init="first", name="second", settings={"optimiser.rate": 1e-12})
    fresh = train(name="fresh", settings={"optimiser.rate": 1e-12})
    wanted = first.network().state_dict()
    for name, value in second.network().state_dict().items():
        if name.endswith("weight"):
            assert torch.allclose(value, wanted[name], atol=1e-6)
            assert value.ndim == 1 or not torch.allclose(value, fresh.network().state_dict()[name])
    init = {"name": "first", "sha256": first.digest}
    assert second.environment["init"] == Bundle.open(second.path).init == init
    assert "init" not in fresh.environment and Bundle.open(fresh.path).init == {}


def test_training_starts_from_a_model_in_a_folder(train, tmp_path):
    run = train(epochs=1)
    made = Bundle.open(run.path)
    made.write(tmp_path / "model", made.weights)
    assert train(epochs=1, init=tmp_path / "model").environment["init"]["sha256"] == run.digest


def test_a_run_that_was_stopped_at_once_still_starts_from_them(train, monkeypatch, small_mnist):
    first = train(epochs=1, name="first")
    whole = train(init="first", name="whole")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(api, "run_epoch", stop)
        with pytest.raises(KeyboardInterrupt):
            train(init="first", name="cut")
    cut = Run.open("cut")
    assert cut.history == [] and not cut.finished
    wanted = first.network().state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in start(cut).items())
    training.resume("cut", data=small_mnist, progress=False)
    assert cut.environment["init"]["name"] == "first"
    for name, value in cut.network().state_dict().items():
        assert torch.equal(value, whole.network().state_dict()[name])


def test_a_run_that_lost_what_it_starts_from_says_so(train):
    train(epochs=1, name="first")
    run = train(epochs=1, init="first", name="second")
    (run.path / "last.safetensors").unlink()
    with pytest.raises(RunError, match="delete the folder and train it again"):
        saving.load_last(run, torch.device("cpu"))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"alphabet.rejects": ["no_symbol"]}, r"has 0, .*, no_symbol: use the same \[alphabet\]"),
        ({"network.frame": True}, "network.frame: set it to false"),
        ({"network.mean": 0.5}, "network.mean: set it to 0.1307"),
        ({"network.options": {"stages": [[4], [9]]}}, r"do not fit .*use the \[network\] of"),
        ({"network.name": "mlp", "network.options": {}}, "do not fit the network"),
    ],
)
def test_weights_that_do_not_fit_are_one_sentence(train, settings, says, tmp_path):
    train(epochs=1, name="first")
    with pytest.raises(RecipeError, match=says) as caught:
        train(init="first", name="second", settings=settings)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "runs" / "second").exists()


def test_damaged_weights_are_one_sentence(train):
    run = train(epochs=1)
    (run.path / WEIGHTS).write_bytes(b"garbage")
    with pytest.raises(RunError, match="is damaged"):
        train(init=run, name="second")


def test_a_recipe_that_is_not_known_here_is_one_sentence(train):
    run = train(epochs=1)
    table = json.loads((run.path / JSON).read_text())
    table["recipe"]["network"]["head"] = "transformer"
    bundle = Bundle.from_dict(table, "it")
    with pytest.raises(RecipeError, match="In the recipe of the model tiny: network"):
        _ = Pretrained(bundle, b"").recipe


def test_it_is_an_option_of_the_command(monkeypatch):
    asked = {}
    monkeypatch.setattr(inkdigits, "train", lambda *_, **given: asked.update(given) or "Run()")
    from typer.testing import CliRunner

    from inkdigits.cli import app

    assert CliRunner().invoke(app, ["train", "reader", "--init", "reader"]).exit_code == 0
    assert asked["init"] == "reader"
