"""Variants of the babysitting functions."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from autograder.bank import mistake, right
from autograder.bank.reference import babysitting as ref
from autograder.bank.reference import sgd


@mistake(
    "expected_initial_loss",
    where="the L2 penalty in expected_initial_loss",
    what="The penalty is left out.",
    how="Add 0.5 * reg * sum(W ** 2) of all weights.",
    label="first loss without the penalty",
)
def penalty_left_out(num_classes, reg=0.0, weights=()):
    return math.log(num_classes)


@mistake(
    "expected_initial_loss",
    where="the factor of the L2 penalty in expected_initial_loss",
    what="The 1/2 is missing.",
    how="Add 0.5 * reg * sum(W ** 2).",
    label="first loss: penalty without 1/2",
)
def penalty_without_half(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, 2 * reg, weights)


@mistake(
    "expected_initial_loss",
    where="the factor of the L2 penalty in expected_initial_loss",
    what="The penalty does not depend on reg: it is there for reg = 0, too.",
    how="Multiply it by reg.",
    label="first loss: penalty without reg",
)
def penalty_without_reg(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, 1.0, weights)


@mistake(
    "expected_initial_loss",
    where="which weights count in expected_initial_loss",
    what="Only the last matrix counts.",
    how="Add up the squares of all matrices in weights.",
    label="first loss: penalty of one matrix only",
)
def penalty_of_one_matrix(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, reg, weights[-1:])


@mistake(
    "expected_initial_loss",
    where="the squares in expected_initial_loss",
    what="The weights are summed, and then squared.",
    how="Square each weight, and then sum.",
    label="first loss: square of the sum",
)
def square_of_the_sum(num_classes, reg=0.0, weights=()):
    return math.log(num_classes) + 0.5 * reg * float(sum(np.sum(w) ** 2 for w in weights))


@mistake(
    "expected_initial_loss",
    where="the logarithm in expected_initial_loss",
    what="The logarithm is the one to base 10.",
    how="Use np.log: the loss is in nats.",
    label="first loss with log10",
)
def logarithm_to_base_10(num_classes, reg=0.0, weights=()):
    data_loss = math.log(num_classes)
    return (
        ref.expected_initial_loss(num_classes, reg, weights) - data_loss + data_loss / math.log(10)
    )


@mistake(
    "expected_initial_loss",
    where="the sign in expected_initial_loss",
    what="The loss of the data is negative: it is the logarithm of 1 / C.",
    how="The loss is -log(1 / C) = log(C).",
    label="first loss with the wrong sign",
)
def logarithm_with_the_wrong_sign(num_classes, reg=0.0, weights=()):
    return ref.expected_initial_loss(num_classes, reg, weights) - 2 * math.log(num_classes)


def _measure(model: Any, x: Any, y: Any) -> float:
    return float(np.mean(model.loss(x).argmax(axis=1) == y))


@mistake(
    "overfit_small_set",
    where="which examples overfit_small_set trains on",
    what="It trains on the whole set.",
    how="Cut x and y down to the first num_examples.",
    label="overfit: whole set used",
)
def whole_set_used(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    return ref.overfit_small_set(model, x, y, rng, len(x), num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="which examples overfit_small_set trains on",
    what="The small set is drawn at random.",
    how="Take the first num_examples: x[:num_examples], y[:num_examples].",
    label="overfit: small set drawn",
)
def small_set_drawn(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = sgd.sample_minibatch(x, y, min(num_examples, len(x)), rng)
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="which examples overfit_small_set trains on",
    what="It takes the last num_examples.",
    how="Take the first num_examples: x[:num_examples], y[:num_examples].",
    label="overfit: last examples",
)
def last_examples(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = x[-num_examples:], y[-num_examples:]
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="the batches of overfit_small_set",
    what="A step uses a single example.",
    how="Use the whole small set in each step: batch_size is its length.",
    label="overfit: one example in a step",
)
def one_example_in_a_step(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = x[:num_examples], y[:num_examples]
    losses = sgd.minibatch_sgd(model, x, y, rng, num_steps, 1, learning_rate)
    return _measure(model, x, y), losses


@mistake(
    "overfit_small_set",
    where="what overfit_small_set measures the accuracy on",
    what="It is the accuracy on all of x, not only on what the model has been trained on.",
    how="Measure it on the small set.",
    label="overfit: accuracy on the whole set",
)
def accuracy_on_the_whole_set(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    _, losses = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return _measure(model, x, y), losses


@mistake(
    "overfit_small_set",
    where="when overfit_small_set measures the accuracy",
    what="It is measured before the training.",
    how="Ask for the scores after minibatch_sgd has trained the model.",
    label="overfit: accuracy before the training",
)
def accuracy_before_the_training(
    model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1
):
    before = _measure(model, x[:num_examples], y[:num_examples])
    _, losses = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return before, losses


@mistake(
    "overfit_small_set",
    where="the unit of the accuracy of overfit_small_set",
    what="It is in percent.",
    how="Return a share from 0 to 1: the mean of predicted == y.",
    label="overfit: accuracy in percent",
)
def accuracy_in_percent(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    found = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return 100 * found[0], found[1]


@mistake(
    "overfit_small_set",
    where="which model overfit_small_set trains",
    what="It trains a copy: the model handed in stays as it was.",
    how="Train the model itself.",
    label="overfit trains a copy",
)
def copy_trained(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    model = copy.deepcopy(model)
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)


@mistake(
    "overfit_small_set",
    where="how overfit_small_set calls minibatch_sgd",
    what="It trains with momentum 0.9.",
    how="Use plain SGD: leave momentum at 0.",
    label="overfit with momentum",
)
def trained_with_momentum(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    x, y = x[:num_examples], y[:num_examples]
    losses = sgd.minibatch_sgd(model, x, y, rng, num_steps, len(x), learning_rate, momentum=0.9)
    return _measure(model, x, y), losses


@mistake(
    "overfit_small_set",
    where="how overfit_small_set calls minibatch_sgd",
    what="The learning rate is not handed on: it is 0.01.",
    how="Hand on learning_rate.",
    label="overfit ignores the learning rate",
)
def overfit_without_learning_rate(
    model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1
):
    return ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, 1e-2)


@mistake(
    "overfit_small_set",
    where="the order in which overfit_small_set returns its results",
    what="losses comes before accuracy.",
    how="Return accuracy, losses.",
    label="overfit: losses before accuracy",
)
def losses_before_accuracy(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    found = ref.overfit_small_set(model, x, y, rng, num_examples, num_steps, learning_rate)
    return found[::-1]


def _try_rate(model: Any, x: Any, y: Any, rng: Any, rate: Any, *sizes: Any) -> Any:
    with np.errstate(all="ignore"):
        return sgd.minibatch_sgd(model, x, y, rng, *sizes, float(rate))


def _try_each(model: Any, x: Any, y: Any, rng: Any, rates: Any, *sizes: Any) -> Any:
    """Return the losses of each run, as the teacher's function sees them."""
    start = copy.deepcopy
    return [_try_rate(start(model), x, y, start(rng), rate, *sizes) for rate in rates]


def _tell(final_losses: Any) -> Any:
    final_losses = np.array(final_losses, np.float64)
    return np.where(np.isfinite(final_losses), final_losses, np.inf)


def _average_last(losses: Any) -> Any:
    return np.mean(losses[-max(1, len(losses) // 10) :])


@mistake(
    "find_learning_rate",
    where="where each run of find_learning_rate starts",
    what="All runs go on with the same model: each starts where the one before has ended.",
    how="Train a copy for each rate: copy.deepcopy(model).",
    label="rate finder: model not copied",
)
def model_not_copied(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = []
    for rate in learning_rates:
        runs.append(_try_rate(model, x, y, copy.deepcopy(rng), rate, num_steps, batch_size))
    return _tell([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="what find_learning_rate puts back after each run",
    what="Only params are put back: running statistics stay as the run has left them.",
    how="Train a copy of the whole model: copy.deepcopy(model).",
    label="rate finder: only params put back",
)
def only_params_put_back(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs, start = [], dict(model.params)
    for rate in learning_rates:
        runs.append(_try_rate(model, x, y, copy.deepcopy(rng), rate, num_steps, batch_size))
        model.params = dict(start)
    return _tell([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="which batches each run of find_learning_rate sees",
    what="The generator goes on from run to run, so that each run sees other batches.",
    how="Give each run a copy of the generator: copy.deepcopy(rng).",
    label="rate finder: other batches for each rate",
)
def generator_not_copied(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = []
    for rate in learning_rates:
        runs.append(_try_rate(copy.deepcopy(model), x, y, rng, rate, num_steps, batch_size))
    return _tell([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="where the random numbers of find_learning_rate come from",
    what="The runs use a generator with a fixed seed, and not rng.",
    how="Give each run a copy of rng: copy.deepcopy(rng).",
    label="rate finder with a fixed seed",
)
def generator_with_a_fixed_seed(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    rng = np.random.default_rng(0)
    return ref.find_learning_rate(model, x, y, rng, learning_rates, num_steps, batch_size)


@mistake(
    "find_learning_rate",
    where="which losses of a run find_learning_rate averages",
    what="It is the very last one alone.",
    how="Average the last tenth of the run, or its last step if a tenth is less than one.",
    label="rate finder: last loss only",
)
def last_loss_only(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([losses[-1] for losses in runs])


@mistake(
    "find_learning_rate",
    where="which losses of a run find_learning_rate averages",
    what="It is all of them.",
    how="Average the last tenth of the run, or its last step if a tenth is less than one.",
    label="rate finder: whole run averaged",
)
def whole_run_averaged(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([np.mean(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="which losses of a run find_learning_rate takes",
    what="It is the smallest one, however the run ends.",
    how="Average the last tenth of the run, or its last step if a tenth is less than one.",
    label="rate finder: smallest loss",
)
def smallest_loss(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([np.min(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="the last tenth of a short run in find_learning_rate",
    what="For fewer than ten steps num_steps // 10 is 0, and losses[-0:] is the whole run.",
    how="Use max(1, num_steps // 10).",
    label="rate finder: last tenth of a short run",
)
def tenth_of_a_short_run(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return _tell([np.mean(losses[-(num_steps // 10) :]) for losses in runs])


@mistake(
    "find_learning_rate",
    where="what find_learning_rate returns for a run that diverges",
    what="nan stays nan.",
    how="Replace what is not finite by np.inf.",
    label="rate finder: nan stays nan",
)
def nan_stays_nan(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    return np.array([_average_last(losses) for losses in runs])


@mistake(
    "find_learning_rate",
    where="what find_learning_rate does after a run that diverges",
    what="It stops there: the rates that follow are not tried.",
    how="Go on with the next rate.",
    label="rate finder stops at the first divergence",
)
def stopped_at_a_divergence(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    runs = _try_each(model, x, y, rng, learning_rates, num_steps, batch_size)
    found = _tell([_average_last(losses) for losses in runs])
    return np.where(np.cumsum(np.isinf(found)) > 0, np.inf, found)


@mistake(
    "find_learning_rate",
    where="the order of what find_learning_rate returns",
    what="The results are in the order of the sorted rates.",
    how="Return them in the order of learning_rates.",
    label="rate finder: rates sorted",
)
def rates_sorted(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    rates = np.sort(learning_rates)
    return ref.find_learning_rate(model, x, y, rng, rates, num_steps, batch_size)


def _cut(losses: Any) -> Any:
    """Return start, middle and end."""
    parts = [part.mean() for part in np.array_split(losses, 10)]
    return losses[0], parts[4], parts[-1]


def _apply_rules(losses: Any, start: Any, middle: Any, end: Any) -> Any:
    """Say for each verdict whether its rule holds, in the written order."""
    return {
        "diverged": not np.isfinite(losses).all() or end > 1.5 * start,
        "too slow": start - end < 0.1 * start,
        "plateau": end > 0.25 * start and middle - end < 0.05 * (start - end),
    }


def _choose(rules: Any) -> Any:
    return next((verdict for verdict, holds in rules.items() if holds), "healthy")


@mistake(
    "read_loss_curve",
    where="what read_loss_curve does about nan and infinite losses",
    what="They are not looked for: no comparison with nan is true.",
    how="Test np.isfinite(losses).all() first.",
    label="loss curve: nan not noticed",
)
def nan_not_noticed(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": end > 1.5 * start})


@mistake(
    "read_loss_curve",
    where="what read_loss_curve does about infinite losses",
    what="nan is noticed, but inf is not.",
    how="Test np.isfinite(losses).all(), not np.isnan.",
    label="loss curve: inf not noticed",
)
def inf_not_noticed(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": np.isnan(losses).any() or end > 1.5 * start})


@mistake(
    "read_loss_curve",
    where="which losses read_loss_curve tests for nan and infinity",
    what="Only the last one is tested.",
    how="Test all of them: np.isfinite(losses).all().",
    label="loss curve: nan noticed at the end only",
)
def nan_noticed_at_the_end_only(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": not np.isfinite(losses[-1]) or end > 1.5 * start})


@mistake(
    "read_loss_curve",
    where="what start is in read_loss_curve",
    what="It is the mean of the first part.",
    how="Take the first loss alone: losses[0].",
    label="loss curve: start averaged",
)
def start_averaged(losses):
    _, middle, end = _cut(losses)
    start = np.array_split(losses, 10)[0].mean()
    return _choose(_apply_rules(losses, start, middle, end))


@mistake(
    "read_loss_curve",
    where="what middle is in read_loss_curve",
    what="It is the mean of the sixth part.",
    how="Take the fifth part: index 4, counted from 0.",
    label="loss curve: middle a part too late",
)
def middle_a_part_too_late(losses):
    start, _, end = _cut(losses)
    middle = np.array_split(losses, 10)[5].mean()
    return _choose(_apply_rules(losses, start, middle, end))


@mistake(
    "read_loss_curve",
    where="what end is in read_loss_curve",
    what="It is the last loss alone.",
    how="Take the mean of the last of the ten parts.",
    label="loss curve: end not averaged",
)
def end_not_averaged(losses):
    start, middle, _ = _cut(losses)
    return _choose(_apply_rules(losses, start, middle, losses[-1]))


@mistake(
    "read_loss_curve",
    where="how read_loss_curve cuts the run into ten parts",
    what="The cut works for multiples of ten only.",
    how="Use np.array_split(losses, 10), which takes any length.",
    label="loss curve: multiples of ten only",
)
def multiples_of_ten_only(losses):
    parts = losses.reshape(10, -1).mean(axis=1)
    return _choose(_apply_rules(losses, losses[0], parts[4], parts[-1]))


@mistake(
    "read_loss_curve",
    where="the limit of diverged in read_loss_curve",
    what="Any end above the start counts as diverged.",
    how="Compare end with 1.5 * start.",
    label="loss curve: diverged without the 1.5",
)
def diverged_without_a_margin(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "diverged": rules["diverged"] or end > start})


@mistake(
    "read_loss_curve",
    where="the limit of diverged in read_loss_curve",
    what="end is compared with 1.5, whatever the loss starts at.",
    how="Compare end with 1.5 * start.",
    label="loss curve: diverged above 1.5",
)
def diverged_above_a_fixed_loss(losses):
    rules = _apply_rules(losses, *_cut(losses))
    diverged = not np.isfinite(losses).all() or _cut(losses)[2] > 1.5
    return _choose({**rules, "diverged": diverged})


@mistake(
    "read_loss_curve",
    where="the limit of too slow in read_loss_curve",
    what="start - end is compared with 0.1, whatever the loss starts at.",
    how="Compare start - end with 0.1 * start.",
    label="loss curve: too slow below 0.1",
)
def too_slow_below_a_fixed_drop(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "too slow": start - end < 0.1})


@mistake(
    "read_loss_curve",
    where="the order of the rules in read_loss_curve",
    what="The rule of the plateau comes before the one of too slow.",
    how="Go through the rules in the order of the docstring: the first one that holds is it.",
    label="loss curve: plateau before too slow",
)
def plateau_before_too_slow(losses):
    rules = _apply_rules(losses, *_cut(losses))
    return _choose({verdict: rules[verdict] for verdict in ("diverged", "plateau", "too slow")})


@mistake(
    "read_loss_curve",
    where="the rule of the plateau in read_loss_curve",
    what="A run that has come down far is called a plateau, too.",
    how="Ask for end > 0.25 * start as well.",
    label="loss curve: plateau at a low loss",
)
def plateau_at_a_low_loss(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    return _choose({**rules, "plateau": middle - end < 0.05 * (start - end)})


@mistake(
    "read_loss_curve",
    where="the rule of the plateau in read_loss_curve",
    what="middle - end is compared with a share of start.",
    how="Compare it with 0.05 * (start - end), a share of the whole way down.",
    label="loss curve: plateau relative to the start",
)
def plateau_relative_to_the_start(losses):
    start, middle, end = _cut(losses)
    rules = _apply_rules(losses, start, middle, end)
    is_flat = end > 0.25 * start and middle - end < 0.05 * start
    return _choose({**rules, "plateau": is_flat})


@right("expected_initial_loss", "minus the log of 1 / C, the penalty as dot products")
def dot_products(num_classes, reg=0.0, weights=()):
    data_loss = -np.log(1.0 / num_classes)
    for w in weights:
        data_loss += reg / 2 * np.dot(w.ravel(), w.ravel())
    return data_loss


@right("overfit_small_set", "a loop of its own, without random numbers")
def loop_of_its_own(model, x, y, rng, num_examples=20, num_steps=200, learning_rate=1e-1):
    n, losses = min(num_examples, len(x)), []
    for _ in range(num_steps):
        loss, grads = model.loss(x[:n].copy(), y[:n].copy())
        losses.append(loss)
        for name in grads:
            model.params[name] = model.params[name] - learning_rate * grads[name]
    guesses = [int(np.argmax(scores)) for scores in model.loss(x[:n])]
    hits = sum(guess == label for guess, label in zip(guesses, y))
    return hits / n, np.asarray(losses, dtype=float)


@right("find_learning_rate", "batches drawn once, a copy of the model a rate")
def batches_drawn_once(model, x, y, rng, learning_rates, num_steps=50, batch_size=100):
    batches = [sgd.sample_minibatch(x, y, batch_size, rng) for _ in range(num_steps)]
    last, found = max(1, num_steps // 10), np.full(len(learning_rates), np.inf)
    for i, rate in enumerate(learning_rates.astype(float)):
        trial, losses = copy.deepcopy(model), []
        with np.errstate(all="ignore"):
            for batch in batches:
                loss, grads = trial.loss(*batch)
                losses.append(loss)
                trial.params = {n: p - float(rate) * grads[n] for n, p in trial.params.items()}
            mean = sum(losses[-last:]) / last
        if math.isfinite(mean):
            found[i] = mean
    return found


@right("read_loss_curve", "slices and nested conditions")
def slices(losses):
    T = len(losses)
    start, end = float(losses[0]), float(np.mean(losses[9 * T // 10 :]))
    middle = float(np.mean(losses[4 * T // 10 : 5 * T // 10]))
    drop, finite = start - end, all(math.isfinite(loss) for loss in losses)
    if finite and end <= 1.5 * start:
        if drop >= 0.1 * start:
            flat = end > start / 4 and middle - end < drop / 20
            return "plateau" if flat else "healthy"
        return "too slow"
    return "diverged"


@right("read_loss_curve", "ratios, a table of rules, Python floats")
def table_of_rules(losses):
    parts = [sum(part) / len(part) for part in np.array_split(losses.astype(float), 10)]
    start, middle, end = float(losses[0]), parts[4], parts[9]
    end, middle = end / start, middle / start
    rules = {
        "diverged": not math.isfinite(sum(parts)) or end > 1.5,
        "too slow": 1 - end < 0.1,
        "plateau": end > 0.25 and middle - end < 0.05 * (1 - end),
    }
    return _choose(rules)
