#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' tests of all methods on encoders with the real libraries: each architecture under each of its heads.

Needs what golden_classification.py needs, whose ways to train and to draw a head it uses. The build does not need this script; run it only to
renew the fixtures:

    python tools/golden_encoder_methods.py peft-methods/src/test/resources/golden/encoders [ARCHITECTURE-HEAD ...]

base/ARCHITECTURE-HEAD is a toy checkpoint. A case is a folder ARCHITECTURE-HEAD-METHOD as golden_classification.py writes it, without a trace where
the model has no head that learns. Every other row has token types where an architecture knows them.

peft adds no labels for virtual tokens where tokens are classified, and fails; here those of virtual tokens are not supervised. Virtual tokens
leave hidden states of their own before the others; before hidden states alone peft drops the token types, with a warning.
"""

import copy
import json
import pathlib
import shutil
import sys
import warnings

import golden_bottleneck as bottleneck
import golden_classification as classification
import golden_lora as lora
import golden_models as models
import golden_prompts as prompts
import torch
import transformers
from peft import (
    IA3Config,
    LNTuningConfig,
    LoHaConfig,
    LoKrConfig,
    LoraConfig,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    TrainableTokensConfig,
    VeraConfig,
    get_peft_model,
)
from safetensors.torch import save_file
from transformers import AutoModel, AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoModelForTokenClassification

CLASSES = 3
VIRTUAL = 3
EPSILON = 1e-6
SIZES = dict(vocab_size=lora.VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64)
STILL = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
#: A window of two keys to each side between layers without one.
MODERN = SIZES | dict(
    num_hidden_layers=3, local_attention=5, layer_types=["full_attention", "sliding_attention", "full_attention"], pad_token_id=0, bos_token_id=1,
    eos_token_id=2, cls_token_id=1, sep_token_id=2,
    rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 500.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}},
)  # fmt: skip
DISTILLED = dict(
    vocab_size=lora.VOCABULARY, dim=16, hidden_dim=20, n_layers=2, n_heads=4, max_position_embeddings=64, dropout=0.0, attention_dropout=0.0,
    seq_classif_dropout=0.0)  # fmt: skip
ROBERTA = SIZES | STILL | dict(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2)
ARCHITECTURES = {
    "bert": lambda **more: transformers.BertConfig(**SIZES, **STILL, **more),
    "distilbert": lambda **more: transformers.DistilBertConfig(**DISTILLED, **more),
    "electra": lambda **more: transformers.ElectraConfig(**SIZES, **STILL, embedding_size=10, **more),
    "modernbert": lambda **more: transformers.ModernBertConfig(**MODERN, **more),
    "roberta": lambda **more: transformers.RobertaConfig(**ROBERTA, **more),
    "xlm-roberta": lambda **more: transformers.XLMRobertaConfig(**ROBERTA, **more),
}  # fmt: skip
#: Class, task type, number of outputs, and what is learned of a row.
HEADS = {
    "sequence": (AutoModelForSequenceClassification, "SEQ_CLS", CLASSES, classification.SINGLE),
    "several": (AutoModelForSequenceClassification, "SEQ_CLS", CLASSES, classification.SEVERAL),
    "score": (AutoModelForSequenceClassification, "SEQ_CLS", 1, classification.SCORES),
    "tokens": (AutoModelForTokenClassification, "TOKEN_CLS", CLASSES, "tokens"),
    "masked": (AutoModelForMaskedLM, None, None, "masked"),
    "features": (AutoModel, "FEATURE_EXTRACTION", None, None),
}
#: Modules by architecture: those of the input projections, of two linear layers, of norms, and the last ones of attention and feed-forward part.
BERT = {
    "update": ["query", "value"], "linear": ["key", "intermediate.dense"], "norm": ["LayerNorm"],
    "last": ["attention.output.dense", "output.dense"],
}  # fmt: skip
#: peft cannot tune what has no weights, as the first block's attn_norm.
MODERN_BERT = {
    "update": ["Wqkv"], "linear": ["Wqkv", "mlp.Wi"], "scale": ["Wqkv", "mlp.Wo"], "norm": ["mlp_norm", "1.attn_norm", "2.attn_norm", "final_norm"],
    "last": ["attn.Wo", "mlp.Wo"],
}  # fmt: skip
DISTIL_BERT = {
    "update": ["q_lin", "v_lin"], "linear": ["k_lin", "ffn.lin1"], "scale": ["k_lin", "v_lin", "ffn.lin2"], "norm": ["sa_layer_norm", "output_layer_norm"],
    "last": ["attention.out_lin", "ffn.lin2"],
}  # fmt: skip
NAMES = {"bert": BERT, "distilbert": DISTIL_BERT, "electra": BERT, "modernbert": MODERN_BERT, "roberta": BERT, "xlm-roberta": BERT}
#: Sizes that peft does not find in a config, or finds wrong: virtual tokens can be narrower than hidden states.
TOLD = {"electra": {"token_dim": 10}, "distilbert": {"token_dim": 16, "num_attention_heads": 4, "num_layers": 2}}
#: peft has targets for them.
KNOWN = {"lora": ("bert", "roberta", "xlm-roberta", "electra"), "ia3": ("bert", "roberta")}


class OurOwn:
    """A method that peft does not have: puts trained weights into a model, and knows them by the names in the adapter's file."""

    is_prompt_learning, peft_type = False, None

    def __init__(self, architecture, **settings):
        self.names, self.settings = NAMES[architecture], settings

    def attach(self, model):
        model.requires_grad_(False)
        for name in ("classifier", "score", "pre_classifier"):
            if hasattr(model, name):
                getattr(model, name).requires_grad_(True)
        self.put_into(model)
        return model.eval()

    def state(self, model, prefix=""):
        return {f"{prefix}base_model.model.{name}": p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}

    def save(self, model, folder):
        save_file(self.state(model), folder / "adapter_model.safetensors", {"format": "pt"})
        config = {
            "auto_mapping": None, "base_model_name_or_path": model.name_or_path, "inference_mode": True, "peft_version": lora.peft.__version__,
            "revision": None, "modules_to_save": ["classifier", "score"], **self.settings,
        }  # fmt: skip
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))


class BitFit(OurOwn):
    """Biases of the projections, the last layers and the norms of the blocks."""

    def __init__(self, architecture, task):
        names = NAMES[architecture]
        self.targets = sorted(names["update"] + names["last"])
        super().__init__(
            architecture, task_type=task, peft_type="BITFIT", target_modules=self.targets, exclude_modules=None, layers_pattern=None,
            layers_to_transform=None)  # fmt: skip

    def put_into(self, model):
        for path, module in model.named_modules():
            if any(path.endswith("." + target) for target in self.targets):
                module.bias.requires_grad_(True).data.add_(0.1 * torch.randn_like(module.bias))


class Bottleneck(OurOwn):
    def __init__(self, architecture, task):
        super().__init__(
            architecture, task_type=task, peft_type="BOTTLENECK", variant="houlsby", bottleneck_size=3, reduction_factor=None, non_linearity="gelu",
            init_weights=False)  # fmt: skip

    def put_into(self, model):
        for path, module in list(model.named_modules()):
            if any(path.endswith("." + last) for last in self.names["last"]):
                parent, name = path.rsplit(".", 1)
                adapted = bottleneck.Adapted(module, model.config.hidden_size, self.settings["bottleneck_size"], torch.nn.functional.gelu)
                setattr(model.get_submodule(parent), name, adapted)


def methods(architecture, task):
    names = NAMES[architecture]
    task = {"task_type": task}
    update = {**task, "init_lora_weights": False, "r": 2, "lora_alpha": 4}
    some = {**task, "init_weights": False, "r": 2, "alpha": 3, "target_modules": names["linear"]}
    virtual = {**task, "num_virtual_tokens": VIRTUAL}
    own = {} if architecture in KNOWN["lora"] else {"target_modules": names["update"]}
    scale = names.get("scale", names["linear"])
    scaled = {} if architecture in KNOWN["ia3"] else {"target_modules": scale, "feedforward_modules": scale[-1:]}
    return {
        "lora": lambda: LoraConfig(**update, **own),
        "lora-words": lambda: LoraConfig(**update, target_modules=names["update"], trainable_token_indices=list(range(3, 48, 3))),
        "lora-linear": lambda: LoraConfig(**update, target_modules="all-linear"),
        "rslora": lambda: LoraConfig(**update, target_modules=names["linear"], use_rslora=True),
        "dora": lambda: LoraConfig(**update, target_modules=names["linear"], use_dora=True),
        "ia3": lambda: IA3Config(**task, init_ia3_weights=False, **scaled),
        "vera": lambda: VeraConfig(**task, r=3, init_weights=False, target_modules=names["update"]),
        "loha": lambda: LoHaConfig(**some),
        "lokr": lambda: LoKrConfig(**some),
        "lntuning": lambda: LNTuningConfig(**task, target_modules=names["norm"]),
        "words": lambda: TrainableTokensConfig(**task, token_indices=list(range(3, 48, 3)), init_weights=False),
        "prompt": lambda: PromptTuningConfig(**virtual, **TOLD.get(architecture, {})),
        "mlp": lambda: PromptEncoderConfig(**virtual, encoder_hidden_size=6, **TOLD.get(architecture, {})),
        "prefix": lambda: PrefixTuningConfig(**virtual),
        "projection": lambda: PrefixTuningConfig(**virtual, prefix_projection=True, encoder_hidden_size=5),
        "bitfit": lambda: BitFit(architecture, task["task_type"]),
        "bottleneck": lambda: Bottleneck(architecture, task["task_type"]),
    }


#: What golden_classification.py has of BERT is not here again.
METHODS = {
    "bert-sequence": ("rslora", "bitfit", "bottleneck"),
    "bert-several": ("lora", "prompt"),
    "bert-score": ("lora", "prefix"),
    "bert-tokens": ("lora", "rslora", "dora", "ia3", "vera", "loha", "lokr", "lntuning", "lora-words", "prompt", "mlp", "prefix", "projection", "bitfit", "bottleneck"),
    "bert-masked": ("lora", "lora-linear", "dora", "ia3", "vera", "lntuning"),
    "bert-features": ("lora", "lora-linear", "ia3", "lntuning", "words", "prompt", "mlp", "prefix"),
    "modernbert-sequence": (
        "lora", "lora-linear", "rslora", "dora", "ia3", "vera", "loha", "lokr", "lntuning", "words", "lora-words", "prompt", "mlp", "bottleneck"),
    "modernbert-tokens": ("lora", "dora", "ia3", "vera", "loha", "lokr", "lntuning", "lora-words", "prompt", "mlp"),
    "modernbert-masked": ("lora", "lora-linear", "ia3"),
    "modernbert-features": ("lora", "ia3", "prompt"),
    "distilbert-sequence": ("lora", "ia3", "lntuning", "prompt", "mlp", "bitfit", "bottleneck"),
    "distilbert-tokens": ("lora", "prompt"),
    "roberta-sequence": ("lora", "lora-linear", "dora", "ia3", "lntuning", "prompt", "mlp", "prefix", "bitfit", "bottleneck"),
    "roberta-tokens": ("lora", "prefix"),
    "roberta-masked": ("lora",),
    "roberta-features": ("lora", "prompt"),
    "xlm-roberta-sequence": ("lora", "ia3", "lntuning", "prompt", "mlp", "prefix", "bitfit"),
    "xlm-roberta-tokens": ("lora",),
    "electra-sequence": ("lora", "lora-linear", "ia3", "lntuning", "prompt", "mlp", "prefix", "bitfit", "bottleneck"),
    "electra-tokens": ("lora", "prefix"),
    "electra-features": ("lora", "prompt"),
}


def base(where):
    architecture, _, head = where.rpartition("-")
    kind, _, outputs, problem = HEADS[head]
    told = {} if outputs is None else {"num_labels": outputs}
    if head in ("sequence", "several", "score"):
        told["problem_type"] = problem
    torch.manual_seed(sum(map(ord, where)))
    model = kind.from_config(ARCHITECTURES[architecture](**told), attn_implementation="eager", dtype=torch.float32)
    return classification.drawn(model, where)


def data():
    """Rows with token types and what is to be learned of each with every head, and batches of them."""
    torch.manual_seed(12)

    def row(length, typed):
        ids = torch.randint(5, lora.VOCABULARY, (length,))
        supervised = torch.rand(length) < 0.6
        supervised[length // 2] = True
        wanted = {problem: classification.targets(problem, 1, outputs)[0] for _, _, outputs, problem in list(HEADS.values())[:3]}
        wanted["tokens"] = torch.where(supervised, torch.randint(0, CLASSES, (length,)), -100)
        wanted["masked"] = torch.where(supervised, torch.randint(0, lora.VOCABULARY, (length,)), -100)
        types = [0] * (length // 2) + [1] * (length - length // 2) if typed else [0] * length
        return {"ids": ids.tolist(), "types": types, **{problem: value.tolist() for problem, value in wanted.items()}}

    rows = [row(9, False), row(6, True), row(11, True)]
    batches = [[row(int(torch.randint(5, 10, ())), True), row(7, False)] for _ in range(lora.STEPS)]
    return {"rows": rows, "batches": batches}


def virtual_tokens(model):
    config = getattr(model, "active_peft_config", None)
    return VIRTUAL if config is not None and config.peft_type in ("PROMPT_TUNING", "P_TUNING") else 0


def has_types(model):
    return getattr(model.config, "type_vocab_size", 0) > 1


def loss_of(model, rows, problem):
    filled = lambda key, value: models.pad([torch.tensor(row[key]) for row in rows], False, value)  # noqa: E731
    inputs = {"input_ids": filled("ids", 0), "attention_mask": models.pad([torch.ones(len(row["ids"]), dtype=torch.long) for row in rows], False, 0)}
    if has_types(model):
        inputs["token_type_ids"] = filled("types", 0)
    if problem in ("tokens", "masked"):
        ignored = torch.full((len(rows), virtual_tokens(model)), -100)
        inputs["labels"] = torch.cat((ignored, filled(problem, -100)), 1)
    elif problem is not None:
        wanted = torch.tensor([row[problem] for row in rows])
        inputs["labels"] = wanted if problem == classification.SINGLE else wanted.to(next(model.parameters()).dtype)
    return model(**inputs)


@torch.no_grad()
def outputs(model, rows, problem, prefix=""):
    if problem is not None:
        return classification.outputs(model, rows, problem, prefix, loss_of)
    model.eval()
    return {f"{prefix}logits.{i}": loss_of(model, [row], None).last_hidden_state[0].contiguous() for i, row in enumerate(rows)}, None


def adapted(where, seed, config):
    if isinstance(config, OurOwn):
        model = base(where)
        torch.manual_seed(seed)
        config.attach(model)
        for path, parameter in model.named_parameters():
            if "classifier" in path:
                parameter.data.normal_(0, 0.4)
        return model
    return classification.with_own_head(base(where), seed, copy.deepcopy(config))


def steady(where, name, config, given):
    """The first seed whose trace is no matter of rounding."""
    problem = HEADS[where.rpartition("-")[2]][3]
    first = sum(map(ord, name))
    for seed in range(first, first + 30):
        if problem is None:
            return seed
        traces = [
            classification.train(model, given["batches"], problem, EPSILON, loss_of)
            for model in (adapted(where, seed, config), adapted(where, seed, config).double())
        ]
        try:
            classification.assert_no_matter_of_rounding(name, *traces)
            return seed
        except AssertionError:
            continue
    raise AssertionError(f"{name}: rounding matters whatever is drawn")


def write(root, where, name, config, given):
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    problem = HEADS[where.rpartition("-")[2]][3]
    model = adapted(where, steady(where, name, config, given), config)
    ours = isinstance(config, OurOwn)
    config.save(model, folder) if ours else lora.save_adapter(model, folder)
    kept = prompts.encoder_of(model) if config.is_prompt_learning else {}
    if kept:
        save_file(kept, folder / "prompt_encoder.safetensors", lora.metadata())
    counts = lambda: (sum(p.numel() for p in model.parameters() if p.requires_grad), whole + sum(p.numel() for p in model.parameters()))  # noqa: E731
    # The frozen layer that a saved copy stands in for counts too, as peft counts it.
    whole = sum(p.numel() for name, p in model.named_parameters() if "classifier" in name)
    report = counts() if ours else model.get_nb_trainable_parameters()
    tensors, losses = outputs(model, given["rows"], problem)
    trace = None
    if problem is not None:
        trace = classification.train(model, given["batches"], problem, EPSILON, loss_of)
        tensors.update(config.state(model, "trained.") if ours else lora.state(model, "trained."))
        if kept:
            tensors.update({"trained.encoder." + key: value for key, value in prompts.encoder_of(model).items()})
    training = {"rate": lora.RATE, "clip": lora.CLIP, "epsilon": EPSILON, "weight_decay": 0.01}
    about = dict(problem=problem, batches="batches", losses=losses, training=training, trace=trace, parameters=report, typed=has_types(model))
    save_file(tensors, folder / "golden.safetensors", lora.metadata(**about))


def main(root, chosen):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    given = data()
    if not chosen:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        (root / "data.json").write_text(json.dumps(given) + "\n")
    for where in chosen or METHODS:
        architecture, _, head = where.rpartition("-")
        shutil.rmtree(root / "base" / where, ignore_errors=True)
        base(where).save_pretrained(root / "base" / where)
        table = methods(architecture, HEADS[head][1])
        for method in METHODS[where]:
            write(root, where, f"{where}-{method}", table[method](), given)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
