"""The clinic: each fault can be recognised by its symptoms, and its name is never printed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assignment.support import data
from assignment.support.lessons import clinic

SEEDS = [231, 7]
LEAST_ACCURACY = {"fashion": 0.6, "earth": 0.4}  # of the healthy patient, in validation


@pytest.fixture(scope="module", params=["fashion", "earth"])
def dataset(request):
    return data.load(request.param)


@pytest.fixture(scope="module", params=SEEDS)
def patients(request, dataset):
    return clinic.admit(dataset, request.param)


def diagnose(patient):
    """Diagnose a patient, with limits far from the measured values on either side."""
    log_c = math.log(patient.num_classes)
    steps = [
        (abs(patient.input_mean) > 0.4 * patient.input_std, "not-centred"),
        (patient.first_data_loss > 6 * log_c, "wrong-scale"),
        (patient.first_loss > 4 * patient.first_data_loss, "regularisation-in-the-way"),
        (patient.dead_share > 0.5, "dead-units"),
        (patient.update_ratio > 0.1, "learning-rate-too-high"),
        (patient.update_ratio < 3e-4, "learning-rate-too-low"),
        (patient.val_accuracy < 3.5 / patient.num_classes, "shuffled-labels"),
        (True, "healthy"),
    ]
    return next(fault for found, fault in steps if found)


def name_faults(patients):
    return {patient.letter: diagnose(patient) for patient in patients}


def find(patients, fault):
    (patient,) = [patient for patient in patients if diagnose(patient) == fault]
    return patient


def test_every_fault_can_be_recognised_by_its_symptoms(patients, capsys):
    diagnoses = name_faults(patients)
    assert "".join(diagnoses) == "ABCDEFGH"
    assert sorted(diagnoses.values()) == sorted(clinic.FAULTS)
    assert clinic.judge(patients, diagnoses) == len(patients)
    assert "8 of 8 are right" in capsys.readouterr().out


def test_each_fault_changes_the_measurements_it_should(patients, dataset):
    """Compared with the healthy patient."""
    well = find(patients, "healthy")
    assert well.val_accuracy > LEAST_ACCURACY[dataset.name]
    assert well.losses[-10:].mean() < 0.5 * well.losses[0]
    shrunk = find(patients, "regularisation-in-the-way")
    assert shrunk.weights_left < 0.1
    assert shrunk.first_data_loss == well.first_data_loss
    low = find(patients, "learning-rate-too-low")
    assert low.first_loss == well.first_loss
    assert abs(low.losses[-10:].mean() - low.first_loss) < 0.1 * low.first_loss
    high = find(patients, "learning-rate-too-high")
    assert high.first_loss == well.first_loss
    assert not high.losses.max() < 10 * high.losses[0]
    dead = find(patients, "dead-units")
    assert dead.train_accuracy == pytest.approx(1 / dead.num_classes, abs=0.01)
    shuffled = find(patients, "shuffled-labels")
    assert shuffled.update_ratio > 0.2 * well.update_ratio


def test_the_seed_determines_the_letters(dataset, monkeypatch):
    monkeypatch.setattr(clinic, "NUM_STEPS", 1)
    first, again, other = (
        [patient._settings for patient in clinic.admit(dataset, seed)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_fault_is_not_printed(patients):
    for patient in patients:
        shown = repr(patient) + str(patient)
        assert patient.letter in shown
        assert not [fault for fault in clinic.FAULTS if fault in shown]


def test_a_wrong_diagnosis_gets_a_hint_and_not_the_answer(patients, capsys):
    diagnoses = dict.fromkeys("ABCDEFGH", "healthy")
    assert clinic.judge(patients, diagnoses) == 1
    out = capsys.readouterr().out
    assert out.count("wrong, look again at: ") == 7
    assert not [fault for fault in clinic.FAULTS if fault != "healthy" and fault in out]


@pytest.mark.parametrize("diagnosis", [None, "flu"])
def test_an_unknown_diagnosis_is_refused(patients, diagnosis):
    diagnoses = {**name_faults(patients), "C": diagnosis}
    with pytest.raises(ValueError, match=f"patient C is {diagnosis!r}, use one of healthy, "):
        clinic.judge(patients, diagnoses)
    with pytest.raises(ValueError, match=f"patient A is {diagnosis!r}, use one of healthy, "):
        clinic.treat(patients[0], diagnosis)


def test_the_right_treatment_gives_the_healthy_run(patients):
    well = find(patients, "healthy")
    for patient in patients:
        cured = clinic.treat(patient, diagnose(patient))
        assert cured.letter == patient.letter
        np.testing.assert_array_equal(cured.losses, well.losses)


def test_a_wrong_treatment_changes_nothing(patients):
    ill = find(patients, "dead-units")
    treated = clinic.treat(ill, "shuffled-labels")
    np.testing.assert_array_equal(treated.losses, ill.losses)
    assert diagnose(treated) == "dead-units"


@pytest.mark.parametrize(("shape", "size"), [((28, 28), 196), ((32, 32, 3), 192)])
def test_flatten_skips_pixels(shape, size):
    images = np.random.default_rng(0).random((3, *shape), np.float32)
    rows = clinic.flatten(images)
    assert rows.shape == (3, size)
    assert rows.dtype == np.float64
    assert rows[1, 0] == images[1].flat[0]
    np.testing.assert_array_equal(clinic.flatten(images, most=10_000), images.reshape(3, -1))
