import matplotlib.pyplot as plt
import numpy as np
import pytest

from assignment import activations, initialization, normalization, preprocessing
from assignment.support import data
from assignment.support.lessons.course_patient import STAGES, CoursePatient, plot_courses

IMAGES = data.load("fashion", at_most=1500)
WRITTEN_LATER = {
    "as found": (activations, "relu_forward"),
    "activation": (preprocessing, "standardize"),
    "preprocessing": (initialization, "init_he"),
    "initialization": (normalization, "batchnorm_forward"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_the_gradient_is_that_of_the_loss(stage):
    patient = CoursePatient(IMAGES, stage, seed=3)
    patient.params = {name: value.astype(np.float64) for name, value in patient.params.items()}
    x, y = patient.x[:50].astype(np.float64), IMAGES.y_train[:50]
    _, grads = patient.loss(x, y)
    assert grads.keys() == patient.params.keys()
    for name, w in patient.params.items():
        v, h = np.random.default_rng(4).standard_normal(w.shape), 1e-7
        losses = []
        for sign in (1, -1):
            patient.params[name] = w + sign * h * v
            losses.append(patient.loss(x, y)[0])
        patient.params[name] = w
        expected = (losses[0] - losses[1]) / (2 * h)
        assert np.sum(grads[name] * v) == pytest.approx(expected, rel=1e-3, abs=3e-8), (
            name
        )  # eps / h


@pytest.mark.parametrize("stage", WRITTEN_LATER)
def test_a_stage_needs_nothing_of_later_lessons(stage, monkeypatch):
    module, name = WRITTEN_LATER[stage]

    def fail(*args, **kwargs):
        raise NotImplementedError(name)

    monkeypatch.setattr(module, name, fail)
    CoursePatient(IMAGES, stage).loss(IMAGES.x_train[:9].reshape(9, -1), IMAGES.y_train[:9])
    later = list(STAGES)[list(STAGES).index(stage) + 1]
    with pytest.raises(NotImplementedError, match=name):
        CoursePatient(IMAGES, later).train()


def test_a_training_is_drawn_and_told():
    course = CoursePatient(IMAGES, "initialization").train()
    assert course.last_loss < 1
    assert str(course).startswith(f"initialization  loss  {course.last_loss:.2f} after 300 steps")
    _, ax = plt.subplots()
    plot_courses(ax, [course])
    line = ax.lines[0]
    assert line.get_label() == "initialization"
    assert line.get_ydata()[-1] == pytest.approx(course.losses[-10:].mean())
    assert line.get_xdata()[-1] == 300
    plt.close()
