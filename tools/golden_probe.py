#!/usr/bin/env python3
"""Record what scikit-learn's LogisticRegression, OneVsRestClassifier and Ridge make of some features, for the tests of peft-training.

    python tools/golden_probe.py          (writes peft-training/src/test/resources/golden/probe.json)

Needs: numpy, scikit-learn (versions are recorded in the file). Solvers run to their minimum, so that it is that which is compared.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier

TARGET = Path(__file__).resolve().parent.parent / "peft-training/src/test/resources/golden/probe.json"
RANDOM = np.random.default_rng(11)
ROWS, WIDTH = 48, 7


def features():
    """Columns of unlike sizes, some of them alike, as hidden states have."""
    x = RANDOM.normal(size=(ROWS, WIDTH))
    x[:, 3] = 0.9 * x[:, 2] + 0.1 * x[:, 3]
    return np.round((x * np.array([1, 0.2, 3, 3, 4, 0.05, 1]) + np.array([0, 0, 2, 0, 6, 0, -1])).astype(np.float32), 4)


def logistic(c, intercept):
    return LogisticRegression(C=c, fit_intercept=intercept, solver="lbfgs", tol=1e-12, max_iter=1_000_000)


def first(predicted):
    return np.round(predicted[:10], 8).tolist()


def case(kind, x, y, c, intercept):
    made = {"kind": kind, "C": c, "intercept": intercept, "wanted": np.asarray(y).tolist()}
    if kind == "regression":
        fitted = Ridge(alpha=1 / c, fit_intercept=intercept).fit(x.astype(np.float64), y)
        weights, biases = np.atleast_2d(fitted.coef_), np.atleast_1d(fitted.intercept_)
        made["predicted"] = first(fitted.predict(x.astype(np.float64)))
    elif kind == "labels":
        fitted = OneVsRestClassifier(logistic(c, intercept)).fit(x.astype(np.float64), y)
        weights = np.concatenate([one.coef_ for one in fitted.estimators_])
        biases = np.concatenate([np.atleast_1d(one.intercept_) for one in fitted.estimators_])
        made["predicted"] = first(fitted.predict_proba(x.astype(np.float64)))
    else:
        fitted = logistic(c, intercept).fit(x.astype(np.float64), y)
        weights, biases = fitted.coef_, fitted.intercept_
        made["predicted"] = first(fitted.predict_proba(x.astype(np.float64)))
    biases = np.broadcast_to(biases, len(weights))
    return made | {"weights": weights.tolist(), "biases": biases.tolist()}


if __name__ == "__main__":
    x = features()
    scores = x @ RANDOM.normal(size=(WIDTH, 4)) / 4 + RANDOM.normal(size=(ROWS, 4))
    centred = scores - scores.mean(axis=0)
    two, four, many = (centred[:, 0] > 0).astype(int), centred.argmax(axis=1), (centred[:, :3] > 0).astype(int)
    assert len(set(four.tolist())) == 4
    cases = {}
    for intercept in (False, True):
        for c in (1.0, 0.05):
            for kind, y in (("two", two), ("four", four), ("labels", many), ("regression", np.round(scores[:, :2], 4))):
                cases[f"{kind}, C={c}, {'with' if intercept else 'without'} intercept"] = case(kind, x, y, c, intercept)
    golden = {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "features": [[float(f"{v:.6g}") for v in row] for row in x],
        "cases": cases,
    }
    TARGET.write_text(json.dumps(golden, sort_keys=True, separators=(",", ":")) + "\n")
    for name, one in cases.items():
        print(name, np.round(one["weights"], 3).tolist()[0])
