#!/usr/bin/env python3
"""Writes the fixtures of peft-core's target matching tests with the real libraries.

Needs peft 0.21.2, transformers 5.23.0 and torch 2.7.1 on Python 3.11; what was used is recorded in the fixtures. The build does not
need this script; run it only to renew the fixtures:

    python tools/golden_targets.py peft-core/src/test/resources/golden

targets.json holds lists of modules, and for seeded configs what peft's inject_adapter selects from one of them, how it changes
target_modules, or how it refuses; and which key get_pattern_key finds. patterns.json holds what Python's re says to expressions.
"""

import json
import os
import pathlib
import platform
import random
import re
import sys
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.simplefilter("ignore")

import peft
import torch
import transformers
from peft import IA3Config, LoraConfig
from peft.tuners import tuners_utils
from peft.tuners.tuners_utils import BaseTuner, BaseTunerLayer
from peft.utils.other import get_pattern_key
from transformers.pytorch_utils import Conv1D

VERSIONS = {
    "peft": peft.__version__,
    "transformers": transformers.__version__,
    "torch": torch.__version__.split("+")[0],
    "python": platform.python_version(),
}
SMALL = dict(vocab_size=16, hidden_size=8, intermediate_size=8, num_attention_heads=2, num_key_value_heads=1)
LLAMA = transformers.LlamaConfig(**SMALL, num_hidden_layers=3)
MODELS = {
    "llama": transformers.LlamaForCausalLM(LLAMA),
    "gpt2": transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=16, n_embd=8, n_layer=2, n_head=2, n_positions=8)),
    "bloom": transformers.BloomForCausalLM(transformers.BloomConfig(vocab_size=16, hidden_size=8, n_layer=2, n_head=2)),
}


class Recording(BaseTuner):
    """A method that changes nothing: what it would change is in targeted_module_names."""

    prefix = "recording_"
    tuner_layer_cls = BaseTunerLayer
    target_module_mapping = {"llama": ["q_proj", "v_proj"], "gpt2": ["c_attn"], "bloom": ["query_key_value"]}

    def _create_and_replace(self, *arguments, **named):
        pass

    def _mark_only_adapters_as_trainable(self, model):
        pass


tuners_utils.set_additional_trainable_modules = lambda **named: None


def tree(paths):
    """Modules of these paths, linear but for those in capital letters."""

    def add(parent, path):
        name, _, rest = path.partition(".")
        if not hasattr(parent, name):
            leaf = torch.nn.Identity() if name.isupper() else torch.nn.Linear(1, 1)
            parent.add_module(name, torch.nn.Module() if rest else leaf)
        if rest:
            add(getattr(parent, name), rest)

    root = torch.nn.Module()
    for path in paths:
        add(root, path)
    root.config = {"model_type": "custom"}
    return root


MODELS["experts"] = tree(
    [f"model.layers.{i}.{p}" for i in range(3) for p in ["attn.q", "attn.kv", "NORM"]]
    + [f"model.layers.{i}.mlp.experts.{j}.{p}" for i in range(3) for j in range(2) for p in ["w1", "w2"]]
    + ["score", "model.EMBED"]
)
MODELS["odd"] = tree(
    ["0", "1.0", "1.1.0", "h.0.h.0.lin", "h.1.h.0.lin", "h.1.h.1.lin", "q", "xq", "a.q", "a.b.q", "a.b-c.q", "layers.7.q", "enc.layers.07.q"]
    + ["dec.blocks.0.layers.1.q.k", "aa.layers.2.b", "lin0", "lin10", "default.q", "ABC.q", "ABC.X"]
)


def names(model):
    return [name for name, _ in model.named_modules() if name]


def is_linear(model, name):
    return isinstance(model.get_submodule(name), (torch.nn.Linear, Conv1D))


def head(model):
    embeddings = model.get_output_embeddings() if isinstance(model, transformers.PreTrainedModel) else None
    return next((name for name, module in model.named_modules() if module is embeddings), None)


def suffix(random_, path):
    parts = path.split(".")
    return ".".join(parts[random_.randrange(len(parts)) :])


def some_names(random_, paths, most):
    nonsense = ["nope", "proj", "q_pro", "layers", "model", ".*q_proj", "0", "mlp", "lm_head", "q_proj"]
    return [
        random_.choice(nonsense) if random_.random() < 0.15 else suffix(random_, random_.choice(paths))
        for _ in range(random_.randint(1, most))
    ]


def expression(random_, paths):
    last = [re.escape(path.split(".")[-1]) for path in random_.sample(paths, min(3, len(paths)))]
    return random_.choice(
        [
            rf".*\.({'|'.join(last)})",
            rf".*\.({'|'.join(last)})$",
            rf"(?:.*\.)?{last[0]}",
            rf"^(?!.*mlp).*{last[0]}$",
            rf".*\d\..*{last[0]}",
            rf"(?P<a_name>.*)\.{last[0]}",
            r".*[.](0|2)[.].*",
            last[0],
            "nothing",
            "",
        ]
    )


def lora_settings(random_, paths):
    settings = {}
    kind = random_.random()
    if kind < 0.55:
        settings["target_modules"] = some_names(random_, paths, 4)
    elif kind < 0.75:
        settings["target_modules"] = expression(random_, paths)
    elif kind < 0.82:
        settings["target_modules"] = random_.choice(["all-linear", "ALL-LINEAR", "All-Linear"])
    elif kind < 0.88:
        settings["target_modules"] = []
    elif kind < 0.94:
        settings["target_modules"] = random_.sample(paths, min(len(paths), random_.randint(20, 30)))
    if random_.random() < 0.3:
        settings["exclude_modules"] = (
            some_names(random_, paths, 3) if random_.random() < 0.6 else expression(random_, paths)
        )
    if random_.random() < 0.25:
        settings["modules_to_save"] = some_names(random_, paths, 2)
    if isinstance(settings.get("target_modules"), list) and random_.random() < 0.4:
        settings["layers_to_transform"] = random_.choice([[], [0], [1], [0, 2], [7], [99]])
        if settings["layers_to_transform"] and random_.random() < 0.5:
            settings["layers_pattern"] = random_.choice([["layers"], ["h"], ["nope", "layers"], ["experts"], ["h", "layers"], ["l.yers"]])
    if random_.random() < 0.04:
        settings["target_modules"] = "dummy-target-modules"
        settings.pop("layers_to_transform", None)
        settings.pop("layers_pattern", None)
    return settings


def target_case(random_, index):
    model_name = random_.choice(list(MODELS))
    model = MODELS[model_name]
    paths = names(model)
    settings = lora_settings(random_, paths)
    ia3 = index % 10 == 0 and isinstance(settings.get("target_modules"), list) and "layers_to_transform" not in settings
    case = {"model": model_name, "config": settings} | ({"condense": False} if ia3 else {})
    config = IA3Config(**settings, feedforward_modules=[]) if ia3 else LoraConfig(**settings)
    try:
        tuner = Recording(model, config, "a")
        case["selected"] = [paths.index(name) for name in tuner.targeted_module_names]
        targets = tuner.peft_config["a"].target_modules
        case["targets"] = sorted(targets) if isinstance(targets, (set, list)) else targets
    except ValueError as error:
        targets = config.target_modules
        case["error"] = str(error)
        if isinstance(targets, set):
            ordered = "{" + ", ".join(repr(name) for name in sorted(targets)) + "}"
            case["error"] = case["error"].replace(str(targets), ordered)
    return case


def key_case(random_):
    paths = names(MODELS[random_.choice(list(MODELS))])
    keys = some_names(random_, paths, 4) + [expression(random_, paths) for _ in range(2)] + random_.choice([[], [r"^model\..*", "(q|v)_proj"]])
    random_.shuffle(keys)
    path = random_.choice(paths)
    found = get_pattern_key(keys, path)
    return {"keys": keys, "path": path, "found": found if found in keys else None}


def targets(folder):
    random_ = random.Random(20240607)
    models = {
        name: {
            "paths": names(model),
            "linear": "".join("1" if is_linear(model, path) else "0" for path in names(model)),
            "head": head(model),
            "customary": Recording.target_module_mapping.get(name),
        }
        for name, model in MODELS.items()
    }
    cases = [target_case(random_, index) for index in range(260)]
    keys = [key_case(random_) for _ in range(140)]
    write(folder / "targets.json", {"versions": VERSIONS, "models": models, "targets": cases, "keys": keys})


HAND_WRITTEN = r"""
a|b;a.b;(a)(b)\2\1;(?P<n_1>a)b(?P=n_1);(?:ab)+;a{2};a{,2};a{1,};a{,};a{x};a{;{1};a{1;x{1,2}y;a{2}{3};a**;*a;+;?;a?+b;a*+a;(?>a|ab)b;
(?=a)a;(?!b).*;(?<=a)b;(?<!a)b;(?#note)a;(?#open;(?i)AB;(?i:A)b;a(?i)b;(?s).*;(?m)^a$;(?u)a;(?-i:a);(?i-s:A);(;);(a;a);[a;[];[]a]+;[^]a]+;[[a]+;
[a&&b]+;[a-c]+;[-a]+;[a-]+;[\]a]+;[\d]+;[\w.]+;[^\W_]+;[\b];[\1];[\x61];[\101]+;\d+;\D+;\w+;\W;\s;\S+;\ba\b;\Ba;\Aab\Z;ab\Z;ab$;^ab$;\x61b;\u0061b;
\U00000061b;\x6;\u006;\101;\0;\07;\1;(a)\1;(a)\10;\e;\p{L};\Qa\E;\h;\z;\_;\.;\-;\/;\a;\v;\f\n\r\t;a\;(?<n>a);(?P<1a>a);(?P<a>a)(?P<a>b);(?P=a);
(?P>a);(?'a'b);(?1);a||b;|;();(|a)+;(a*)*;(a|ab)(c|bcd)(d*);.*?b;.+?;a??b;x*;[^a]*;[a-z0-9_.]+;ä;[ä-ü]+;\u00e4;😀;.;..;[😀];é+;\w+é;(?i)É
"""
TEXTS = ["", "a", "b", "ab", "aba", "abab", "aa", "aaa", "a.b", "AB", "a\n", "ab\n", "a\nb", "]a", "[a", "a&b", "a-b", "1", "12", "a1_", " ", "x{1}", "a{x}",
         "a{", "{1}", "a b", "\\", "ä", "ü", "é", "É", "😀", "abcd", "\t", "_", ".", "\x08", "\x01", "/", "-"]  # fmt: skip


def verdicts(text):
    """For each text whether the expression matches all of it and whether it matches at its start."""
    try:
        expression_ = re.compile(text)
    except re.error:
        return "error"
    return "".join(str((1 if expression_.fullmatch(t) else 0) + (2 if expression_.match(t) else 0)) for t in TEXTS)


def generated(random_, depth=0):
    atoms = ["a", "b", ".", r"\.", "[ab]", "[^a]", r"\w", r"\d", "a", "ab", r"\b", "[.]", "_", "1"]
    parts = []
    for _ in range(random_.randint(1, 4)):
        if depth < 2 and random_.random() < 0.3:
            opening = random_.choice(["(", "(?:", "(?=", "(?!", "(?>", "(?P<g>" if depth == 0 and not parts else "("])
            parts.append(opening + generated(random_, depth + 1) + ")")
        else:
            parts.append(random_.choice(atoms))
        if random_.random() < 0.35:
            parts.append(random_.choice(["*", "+", "?", "*?", "+?", "??", "{2}", "{,2}", "{1,}", "{0,3}?", "++", "*+"]))
        if random_.random() < 0.1:
            parts.append("|")
    return "".join(parts)


def patterns(folder):
    random_ = random.Random(7)
    texts = [text for line in HAND_WRITTEN.strip().split("\n") for text in line.split(";") if text]
    texts += [generated(random_) for _ in range(250)]
    cases = {text: verdicts(text) for text in texts}
    write(folder / "patterns.json", {"versions": VERSIONS, "texts": TEXTS, "patterns": cases})


def write(file, content):
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    file.write_text(text.replace('},{', '},\n{') + "\n", encoding="utf-8")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    targets(target)
    patterns(target)
