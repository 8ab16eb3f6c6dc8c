#!/usr/bin/env python3
"""Writes what scikit-learn's and SciPy's metrics say of some predictions, for the tests of peft-training.

    python tools/golden_metrics.py          (writes peft-training/src/test/resources/golden/metrics.json)

Needs: numpy, scikit-learn, scipy (versions are recorded in the file). What is not a number is null.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

TARGET = Path(__file__).resolve().parent.parent / "peft-training/src/test/resources/golden/metrics.json"
RANDOM = np.random.default_rng(5)


def f1(average):
    return lambda predicted, expected: metrics.f1_score(expected, predicted, average=average)


def columns(correlation):
    """The mean over scores; SciPy refuses a single row, of which it says elsewhere that nothing is known."""

    def of(predicted, expected):
        if len(predicted) < 2:
            return math.nan
        return np.mean([correlation(predicted[:, i], expected[:, i]).statistic for i in range(predicted.shape[1])])

    return of


CLASSES = {
    "accuracy": lambda predicted, expected: metrics.accuracy_score(expected, predicted),
    "f1_macro": f1("macro"),
    "f1_micro": f1("micro"),
    "matthews_corrcoef": lambda predicted, expected: metrics.matthews_corrcoef(expected, predicted),
}
LABELS = {key: CLASSES[key] for key in ("accuracy", "f1_macro", "f1_micro")}
SCORES = {
    "mse": lambda predicted, expected: metrics.mean_squared_error(expected, predicted),
    "mae": lambda predicted, expected: metrics.mean_absolute_error(expected, predicted),
    "pearsonr": columns(stats.pearsonr),
    "spearmanr": columns(stats.spearmanr),
}


def drawn(rows, classes, right):
    expected = RANDOM.integers(0, classes, rows)
    return np.where(RANDOM.random(rows) < right, expected, RANDOM.integers(0, classes, rows)), expected


def classes():
    yield "two classes", *drawn(40, 2, 0.6)
    yield "five classes", *drawn(60, 5, 0.4)
    yield "many classes and few rows", *drawn(7, 1000, 0.5)
    yield "all right", np.arange(6) % 3, np.arange(6) % 3
    yield "all wrong", np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0])
    yield "one class that is always right", np.zeros(5, int), np.zeros(5, int)
    yield "one class predicted throughout", np.ones(6, int), np.array([0, 1, 2, 1, 1, 0])
    yield "one class right throughout", np.array([0, 1, 2, 1, 1, 0]), np.ones(6, int)
    yield "a class that is never right and one that is never predicted", np.array([0, 0, 3, 1]), np.array([0, 2, 0, 1])
    yield "one row, right", np.array([4]), np.array([4])
    yield "one row, wrong", np.array([4]), np.array([0])


def labels():
    for name, shape, share in (("three labels", (30, 3), 0.5), ("eleven labels, seldom", (25, 11), 0.1)):
        expected = RANDOM.random(shape) < share
        yield name, expected ^ (RANDOM.random(shape) < 0.2), expected
    yield "none applies anywhere", np.zeros((3, 2), bool), np.zeros((3, 2), bool)
    yield "none is predicted", np.zeros((3, 2), bool), np.ones((3, 2), bool)
    yield "none is right", np.ones((3, 2), bool), np.zeros((3, 2), bool)
    yield "a label that applies nowhere", np.array([[1, 0], [0, 0]], bool), np.array([[1, 0], [1, 0]], bool)
    yield "one row", np.array([[1, 0, 1]], bool), np.array([[1, 1, 1]], bool)


def scores():
    expected = RANDOM.normal(size=(30, 1))
    yield "one score", expected * 0.7 + RANDOM.normal(size=(30, 1)) * 0.4, expected
    yield "two scores", RANDOM.normal(size=(20, 2)), RANDOM.normal(size=(20, 2))
    yield "ties", RANDOM.integers(0, 4, (25, 1)).astype(float), RANDOM.integers(0, 5, (25, 1)).astype(float)
    yield "zeros of either sign", np.array([[0.0], [-0.0], [1.0], [-1.0]]), np.array([[1.0], [2.0], [3.0], [0.5]])
    yield "far from zero", expected + 1e6, 1e6 - expected
    yield "large and small", expected * 1e200, expected * 1e-200
    yield "two rows", np.array([[1.0], [3.0]]), np.array([[2.0], [-5.0]])
    yield "constant predictions", np.full((5, 1), 0.1), np.arange(5.0)[:, None]
    yield "constant targets", np.arange(5.0)[:, None], np.full((5, 1), 3.0)
    yield "one of two constant", np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]]), np.array([[1.0, 2.0], [2.0, 3.5], [0.0, 7.0]])
    yield "one row", np.array([[1.5]]), np.array([[1.0]])


def said(kinds, cases):
    for name, predicted, expected in cases:
        values = {key: float(metric(predicted, expected)) for key, metric in kinds.items()}
        numbers = {key: value if math.isfinite(value) else None for key, value in values.items()}
        yield {"name": name, "predicted": predicted.tolist(), "expected": expected.tolist(), "metrics": numbers}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    golden = {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
        "classes": list(said(CLASSES, classes())),
        "labels": list(said(LABELS, labels())),
        "scores": list(said(SCORES, scores())),
    }
    TARGET.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    for kind in ("classes", "labels", "scores"):
        for case in golden[kind]:
            print(kind, case["name"], case["metrics"])
