#!/usr/bin/env python3
"""Writes losses with class weights as torch and scikit-learn have them: a fixture of peft-models' tests of package classification.

Needs torch and scikit-learn. The build does not need this script; run it only to renew the fixture:

    python tools/golden_class_weights.py peft-models/src/test/resources/golden/class_weights.json
"""

import json
import pathlib
import sys

import numpy as np
import sklearn
import torch
from sklearn.utils.class_weight import compute_class_weight


def main(target):
    torch.manual_seed(16)
    logits = torch.randn(6, 3)
    weights = torch.tensor([0.5, 2.5, 1.25])
    labels = torch.tensor([0, 1, 1, 2, 0, 1])
    applies = torch.tensor([[1, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 1], [1, 0, 1]]).float()
    cases = {}
    for name, loss, wanted in (
        ("single", torch.nn.CrossEntropyLoss(weight=weights), labels),
        ("several", torch.nn.BCEWithLogitsLoss(pos_weight=weights), applies),
    ):
        outputs = logits.clone().requires_grad_()
        value = loss(outputs, wanted)
        value.backward()
        cases[name] = {"wanted": wanted.tolist(), "loss": value.item(), "gradients": outputs.grad.tolist()}
    seen = [0, 1, 1, 3, 0, 1, 1]
    balanced = compute_class_weight("balanced", classes=np.unique(seen), y=seen).tolist()
    fixture = {
        "metadata": {"torch": torch.__version__, "scikit-learn": sklearn.__version__}, "logits": logits.tolist(), "weights": weights.tolist(),
        "cases": cases, "seen": seen, "balanced": balanced,
    }  # fmt: skip
    target.write_text(json.dumps(fixture) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
