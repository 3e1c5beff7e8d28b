"""The trainer: its history, the weights that it keeps, and the data that it refuses."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest

from assignment import sgd
from assignment.network import FullyConnectedNet
from assignment.support import trainer
from assignment.support.data import Dataset
from assignment.support.trainer import Trainer, accuracy

NUM_TRAIN, NUM_VAL = 240, 40


def draw_dataset(seed=0, **changes):
    """Draw four clouds of points in six dimensions, away from the origin."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 4, NUM_TRAIN + 2 * NUM_VAL)
    centres = 5 + 2 * rng.normal(size=(4, 6))
    x = (centres[y] + rng.normal(size=(len(y), 6))).astype(np.float32)
    parts = np.split(np.arange(len(y)), [NUM_TRAIN, NUM_TRAIN + NUM_VAL])
    arrays = [array[part] for part in parts for array in (x, y)]
    return dataclasses.replace(Dataset("clouds", *arrays, tuple("abcd")), **changes)


def build_net(seed=0, normalization=None):
    return FullyConnectedNet(
        [10, 10], 6, 4, normalization=normalization, dtype=np.float64, seed=seed
    )


def train(net, dataset, **settings):
    settings = {"num_epochs": 3, "batch_size": 20, "progress": False, **settings}
    return Trainer(net, dataset, **settings).train()


def test_history_has_a_loss_per_step_and_accuracies_per_epoch():
    dataset, net = draw_dataset(), build_net()
    before = accuracy(net, dataset.x_val, dataset.y_val)
    history = train(net, dataset)
    assert history.losses.shape == (3 * NUM_TRAIN // 20,)
    assert history.train_accuracy.shape == history.val_accuracy.shape == (4,)
    assert history.val_accuracy[0] == before
    assert history.best_val_accuracy == history.val_accuracy.max() > 0.8
    assert history.best_epoch == history.val_accuracy.argmax()
    assert history.losses[-10:].mean() < history.losses[:10].mean() / 2
    assert not history.diverged
    assert str(history).startswith("best validation accuracy")


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_one_epoch_is_the_same_as_minibatch_sgd(momentum):
    """If its weights are the best ones, so that nothing is restored."""
    dataset, net, other = draw_dataset(), build_net(), build_net()
    rng = np.random.default_rng(0)
    rng.permutation(NUM_TRAIN)  # the trainer first draws the examples for the training accuracy
    expected = sgd.minibatch_sgd(
        other, dataset.x_train, dataset.y_train, rng, NUM_TRAIN // 20, 20, 1e-2, momentum
    )
    history = train(net, dataset, num_epochs=1, momentum=momentum)
    assert history.best_epoch == 1
    np.testing.assert_array_equal(history.losses, expected)
    np.testing.assert_array_equal(net.params["W1"], other.params["W1"])


def test_learning_rate_decays_after_each_epoch(monkeypatch):
    rates = []
    update = sgd.sgd

    def record(w, dw, config):
        rates.append(config["learning_rate"])
        return update(w, dw, config)

    monkeypatch.setattr(trainer, "sgd", record)
    train(build_net(), draw_dataset(), momentum=0.0, learning_rate=0.1, learning_rate_decay=0.5)
    assert sorted(set(rates), reverse=True) == pytest.approx([0.1, 0.05, 0.025])


def test_same_seed_gives_the_same_run():
    first, second, third = (
        train(build_net(), draw_dataset(), seed=seed).losses for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)


def train_wildly(seed):
    """Return the best accuracy in the history, and the accuracy of the model afterwards."""
    dataset, net = draw_dataset(seed), build_net(seed, "batchnorm")
    history = train(net, dataset, num_epochs=6, learning_rate=1.0)
    return history.best_val_accuracy, accuracy(net, dataset.x_val, dataset.y_val)


def test_best_weights_are_restored_with_their_running_statistics():
    for seed in range(6):
        promised, got = train_wildly(seed)
        assert got == promised, f"seed {seed}"


def test_weights_without_their_running_statistics_lose_accuracy(monkeypatch):
    """Shows that the test above would notice it."""
    monkeypatch.setattr(
        trainer, "_copy_state", lambda model: {"params": copy.deepcopy(model.params)}
    )
    promised, got = np.mean([train_wildly(seed) for seed in range(6)], axis=0)
    assert got < promised - 0.05


def test_divergence_stops_the_run_and_keeps_the_best(capsys):
    dataset, net = draw_dataset(), build_net()
    history = train(net, dataset, learning_rate=1e200)
    assert history.diverged
    assert len(history.losses) < 3 * NUM_TRAIN // 20
    assert not np.isfinite(history.losses[-1])
    assert capsys.readouterr().out == f"{history.message}\n"
    assert "try a learning rate below 1e+200" in history.message
    assert all(np.isfinite(value).all() for value in net.params.values())
    assert accuracy(net, dataset.x_val, dataset.y_val) == history.best_val_accuracy


def test_nan_scores_count_as_wrong():
    net, x = build_net(), np.ones((5, 6))
    net.params["b3"] = np.full(4, np.nan)
    assert accuracy(net, x, np.zeros(5, int)) == 0


def test_accuracy_does_not_depend_on_the_batch_size():
    dataset, net = draw_dataset(), build_net()
    whole = accuracy(net, dataset.x_test, dataset.y_test)
    assert accuracy(net, dataset.x_test, dataset.y_test, batch_size=7) == whole
    assert whole == np.mean(net.loss(dataset.x_test).argmax(axis=1) == dataset.y_test)


BAD_DATA = {
    "x_train holds nan at index": {"x_train": np.full((NUM_TRAIN, 6), np.nan)},
    "x_val holds inf at index": {"x_val": np.full((NUM_VAL, 6), np.inf)},
    "x_val has no examples": {"x_val": np.empty((0, 6)), "y_val": np.empty(0, int)},
    "y_train has 3 labels for 240 examples": {"y_train": np.zeros(3, int)},
    "y_train holds the label 4, expected 0 to 3": {"y_train": np.full(NUM_TRAIN, 4)},
    "y_val holds the label -1, expected 0 to 3": {"y_val": np.full(NUM_VAL, -1)},
    "y_val has dtype float64, expected integer labels": {"y_val": np.zeros(NUM_VAL)},
}


@pytest.mark.parametrize("message", BAD_DATA)
def test_bad_data_is_refused_before_the_first_step(message):
    with pytest.raises(ValueError, match=f"Trainer: {message}") as error:
        Trainer(build_net(), draw_dataset(**BAD_DATA[message]))
    assert "\n" not in str(error.value)


def test_batch_larger_than_the_training_split_is_refused():
    with pytest.raises(ValueError, match="batch_size is 241, use 1 to N = 240"):
        train(build_net(), draw_dataset(), batch_size=NUM_TRAIN + 1)
