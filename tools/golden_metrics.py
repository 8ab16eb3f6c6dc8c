#!/usr/bin/env python3
"""Writes what scikit-learn's, SciPy's and seqeval's metrics say of some predictions, for the tests of peft-training.

    python tools/golden_metrics.py          (writes peft-training/src/test/resources/golden/metrics.json)

Needs: numpy, scikit-learn, scipy, seqeval (versions are recorded in the file). What is not a number, or refused by them, is null.
"""

import json
import math
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy import special, stats
from seqeval import metrics as seqeval
from seqeval.scheme import IOB2
from sklearn import metrics

TARGET = Path(__file__).resolve().parent.parent / "peft-training/src/test/resources/golden/metrics.json"
RANDOM = np.random.default_rng(5)


RATIOS = {"f1": metrics.f1_score, "precision": metrics.precision_score, "recall": metrics.recall_score}
AVERAGES = ("macro", "micro", "weighted")


def told(metric, *arguments, **options):
    """What a metric says, or that it refuses to."""
    try:
        return float(metric(*arguments, **options))
    except (ValueError, ZeroDivisionError):
        return math.nan


def averaged(ratios, averages, predicted, expected, **options):
    return {
        f"{name}_{average}": told(ratio, expected, predicted, average=average, zero_division=0, **options)
        for name, ratio in ratios.items()
        for average in averages
    }


def said_of_classes(case):
    predicted, expected, outputs = case["predicted"], case["expected"], case.get("outputs")
    count = max(predicted.max(), expected.max()) + 1 if outputs is None else outputs.shape[1]
    told_all = averaged(RATIOS, AVERAGES, predicted, expected)
    told_all["accuracy"] = told(metrics.accuracy_score, expected, predicted)
    told_all["matthews_corrcoef"] = told(metrics.matthews_corrcoef, expected, predicted)
    if count == 2:
        told_all |= {name: told(ratio, expected, predicted, zero_division=0) for name, ratio in RATIOS.items()}
    told_all |= {"roc_auc": math.nan, "average_precision": math.nan}
    if outputs is not None:
        sure = special.softmax(outputs.astype(np.float64), axis=1)
        scores, options = (sure[:, 1], {}) if count == 2 else (sure, {"average": "macro"})
        several = {} if count == 2 else {"multi_class": "ovr", "labels": range(count)}
        told_all["roc_auc"] = told(metrics.roc_auc_score, expected, scores, **options, **several)
        told_all["average_precision"] = told(metrics.average_precision_score, expected, scores, **options)
    return told_all


def said_of_labels(case):
    predicted, expected, outputs = case["predicted"], case["expected"], case.get("outputs")
    # A single label is two classes to scikit-learn, and has to be told which of them counts.
    told_all = averaged(RATIOS, AVERAGES, predicted, expected, **({"labels": [1]} if expected.shape[1] == 1 else {}))
    told_all["accuracy"] = told(metrics.accuracy_score, expected, predicted)
    told_all |= {"roc_auc": math.nan, "average_precision": math.nan}
    if outputs is not None:
        sure = special.expit(outputs.astype(np.float64))
        if expected.shape[1] == 1:
            sure, expected = sure[:, 0], expected[:, 0]
        told_all["roc_auc"] = told(metrics.roc_auc_score, expected, sure, average="macro")
        told_all["average_precision"] = told(metrics.average_precision_score, expected, sure, average="macro")
    return told_all


TAG_RATIOS = {"f1": seqeval.f1_score, "precision": seqeval.precision_score, "recall": seqeval.recall_score}


def said_of_tags(case):
    strict = {"mode": "strict", "scheme": IOB2} if case["strict"] else {}
    told_all = averaged(TAG_RATIOS, ("macro", "weighted"), case["predicted"], case["expected"], **strict)
    for name, ratio in TAG_RATIOS.items():
        told_all[name] = told(ratio, case["expected"], case["predicted"], zero_division=0, **strict)
    told_all["accuracy"] = told(seqeval.accuracy_score, case["expected"], case["predicted"])
    return told_all


def said_of_scores(case):
    return {key: told(metric, case["predicted"], case["expected"]) for key, metric in SCORES.items()}


def columns(correlation):
    """The mean over scores; SciPy refuses a single row, of which it says elsewhere that nothing is known."""

    def of(predicted, expected):
        if len(predicted) < 2:
            return math.nan
        return np.mean([correlation(predicted[:, i], expected[:, i]).statistic for i in range(predicted.shape[1])])

    return of


SCORES = {
    "mse": lambda predicted, expected: metrics.mean_squared_error(expected, predicted),
    "mae": lambda predicted, expected: metrics.mean_absolute_error(expected, predicted),
    "pearsonr": columns(stats.pearsonr),
    "spearmanr": columns(stats.spearmanr),
    "r2": lambda predicted, expected: metrics.r2_score(expected, predicted),
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


def ranked_classes():
    """Outputs and classes; the class that is predicted is the first of the largest outputs."""
    for name, shape in (("two classes", (40, 2)), ("five classes", (60, 5)), ("as many as rows", (6, 6))):
        expected = np.arange(shape[0]) % shape[1]
        yield name, RANDOM.normal(size=shape) + 1.2 * np.eye(shape[1])[expected], expected
    yield "two classes, many ties", RANDOM.integers(0, 3, (50, 2)), RANDOM.integers(0, 2, 50)
    yield "four classes, many ties", RANDOM.integers(0, 3, (50, 4)), np.arange(50) % 4
    yield "two classes, all outputs equal", np.full((6, 2), 0.25), np.array([0, 1, 1, 0, 1, 1])
    yield "two classes, extreme outputs", RANDOM.choice([-(2.0**127), -1e4, -800.0, 0.0, 800.0, 1e4, 2.0**127], (40, 2)), RANDOM.integers(0, 2, 40)
    yield "three classes, extreme outputs", RANDOM.choice([-(2.0**127), -900.0, 0.0, 900.0, 2.0**127], (40, 3)), np.arange(40) % 3
    yield "two classes, all rows of class 0", RANDOM.normal(size=(5, 2)), np.zeros(5, int)
    yield "two classes, all rows of class 1", RANDOM.normal(size=(5, 2)), np.ones(5, int)
    yield "a class of three that no row has", RANDOM.normal(size=(8, 3)), np.arange(8) % 2
    yield "all rows of one class of three", RANDOM.normal(size=(8, 3)), np.full(8, 2)
    yield "two classes, one row", np.array([[1.0, 2.0]]), np.array([0])
    yield "perfect", np.eye(3)[np.arange(9) % 3], np.arange(9) % 3
    yield "upside down", np.eye(2)[(np.arange(9) + 1) % 2], np.arange(9) % 2


def ranked_labels():
    for name, shape, share in (("three labels", (30, 3), 0.5), ("eleven labels, seldom", (60, 11), 0.2), ("one label", (20, 1), 0.5)):
        expected = RANDOM.random(shape) < share
        expected[0], expected[1] = True, False
        yield name, RANDOM.normal(size=shape) + expected - 0.5, expected
    yield "ties", RANDOM.integers(-2, 3, (40, 3)), RANDOM.random((40, 3)) < 0.4
    yield "extreme outputs", RANDOM.choice([-(2.0**127), -800.0, -1.0, -0.0, 0.0, 1.0, 800.0, 2.0**127], (40, 2)), RANDOM.random((40, 2)) < 0.4
    yield "a label that no row has", RANDOM.normal(size=(9, 2)), np.stack([np.zeros(9, bool), np.arange(9) % 2 == 0], 1)
    yield "a label that every row has", RANDOM.normal(size=(9, 2)), np.stack([np.ones(9, bool), np.arange(9) % 2 == 0], 1)
    yield "no label anywhere", RANDOM.normal(size=(4, 3)), np.zeros((4, 3), bool)


def spelled(text):
    return [row.split() for row in text.split("|")]


def tags():
    for name, letters, types in (("IOB2", "BIIO", 3), ("IOBES", "BIESO", 2)):
        expected = [[drawn_tag(letters, types) for _ in range(RANDOM.integers(1, 12))] for _ in range(12)]
        predicted = [[tag if RANDOM.random() < 0.7 else drawn_tag(letters, types) for tag in row] for row in expected]
        yield name, predicted, expected
    yield "all right", spelled("B-PER I-PER O|B-LOC"), spelled("B-PER I-PER O|B-LOC")
    yield "the example", spelled("O O B-MISC I-MISC I-MISC I-MISC O|B-PER I-PER O"), spelled("O O O B-MISC I-MISC I-MISC O|B-PER I-PER O")
    yield "no entity", spelled("O O|O"), spelled("O O|O")
    yield "none predicted", spelled("O O|O"), spelled("B-A I-A|B-B")
    yield "none right", spelled("B-A I-A|B-B"), spelled("O O|O")
    yield "inside without a beginning", spelled("I-A I-A O I-B|O I-A"), spelled("B-A I-A O B-B|O B-A")
    yield "inside of another type", spelled("B-A I-B I-B I-A"), spelled("B-A I-A B-B I-B")
    yield "neighbours", spelled("B-A B-A I-A"), spelled("B-A I-A B-A")
    yield "over the end of a row", spelled("O B-A|I-A O"), spelled("O B-A|O O")
    yield "no types", spelled("B I O B"), spelled("B I O O")
    yield "types with hyphens", spelled("B-a-b I-a-b O B-a"), spelled("B-a-b I-a-b O B-a-c")
    yield "no tags", [[], []], [[], []]


def drawn_tag(letters, types):
    letter = RANDOM.choice(list(letters))
    return "O" if letter == "O" else f"{letter}-T{RANDOM.integers(types)}"


def is_iob2(rows):
    return all(tag[0] in "BIO" for row in rows for tag in row)


def exact(outputs):
    """The nearest 256ths, which are short in the file and float32 numbers."""
    return (np.round(outputs * 256) / 256).astype(np.float32)


def all_classes():
    for name, predicted, expected in classes():
        yield {"name": name, "predicted": predicted, "expected": expected}
    for name, outputs, expected in ranked_classes():
        outputs = exact(outputs)
        yield {"name": "ranked: " + name, "predicted": outputs.argmax(1), "expected": expected, "outputs": outputs}


def all_labels():
    for name, predicted, expected in labels():
        yield {"name": name, "predicted": predicted, "expected": expected}
    for name, outputs, expected in ranked_labels():
        outputs = exact(outputs)
        yield {"name": "ranked: " + name, "predicted": outputs > 0, "expected": expected, "outputs": outputs}


def all_tags():
    for name, predicted, expected in tags():
        for strict in (False, True):
            if not strict or is_iob2(predicted + expected):
                yield {"name": name + (", strict" if strict else ""), "predicted": predicted, "expected": expected, "strict": strict}


def all_scores():
    for name, predicted, expected in scores():
        yield {"name": name, "predicted": predicted, "expected": expected}


def with_metrics(cases, said):
    for case in cases:
        found = said(case)
        plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in case.items()}
        yield plain | {"metrics": {key: value if math.isfinite(value) else None for key, value in found.items()}}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    golden = {
        "versions": {name: version(name) for name in ("numpy", "scikit-learn", "scipy", "seqeval")},
        "classes": list(with_metrics(all_classes(), said_of_classes)),
        "labels": list(with_metrics(all_labels(), said_of_labels)),
        "scores": list(with_metrics(all_scores(), said_of_scores)),
        "tags": list(with_metrics(all_tags(), said_of_tags)),
    }
    TARGET.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    for kind in ("classes", "labels", "scores", "tags"):
        for case in golden[kind]:
            print(kind, case["name"], case["metrics"])
