#!/usr/bin/env python3
"""Writes the fixtures of peft-models' encoder tests with the real transformers: tiny random checkpoints with each head and what they compute.

Needs torch 2.7.1 and transformers 5.23.0. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_encoders.py peft-models/src/test/resources/golden/encoders [CASE ...]

One folder per architecture and head: config.json and weights as save_pretrained writes them, and golden.safetensors with inputs and outputs.
Rows of different lengths stand end to end, [N, ...].
"""

import json
import pathlib
import shutil
import sys

import golden_models as models
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModel, AutoModelForMaskedLM, AutoModelForPreTraining, AutoModelForSequenceClassification, AutoModelForTokenClassification

LENGTHS = (11, 4, 7)
VIRTUAL = 3
LONG = 530
CLASSES = 3
TAGS = 5
SMALL = dict(vocab_size=37, hidden_size=16, intermediate_size=26, num_hidden_layers=2, num_attention_heads=4)
#: Layers with a window of three keys to each side between two without, rotary bases that tell few places apart by little.
MODERN = SMALL | dict(
    num_hidden_layers=4, local_attention=7, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2,
    rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 500.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}},
)  # fmt: skip
HEADS = {
    "masked": AutoModelForMaskedLM,
    "sequence": AutoModelForSequenceClassification,
    "tokens": AutoModelForTokenClassification,
    "features": AutoModel,
}


# Whose checkpoints of pretraining are written as the first were, and with which head they are read.
OLD = {"bert": "masked", "distilbert": "masked", "roberta": "masked", "electra": "features"}
ROBERTA = SMALL | dict(max_position_embeddings=24, type_vocab_size=1, bos_token_id=0, pad_token_id=1, eos_token_id=2)


def architectures():
    """Name, class of the config, its settings, and those of one block; a long row goes through the head of tokens."""
    one = dict(num_hidden_layers=1)
    yield "bert", transformers.BertConfig, SMALL | dict(max_position_embeddings=24), one
    yield "modernbert", transformers.ModernBertConfig, MODERN, one
    distilled = dict(vocab_size=37, dim=16, hidden_dim=26, n_layers=2, n_heads=4, max_position_embeddings=24)
    yield "distilbert", transformers.DistilBertConfig, distilled, dict(n_layers=1)
    yield "roberta", transformers.RobertaConfig, ROBERTA | dict(layer_norm_eps=1e-5), one
    yield "xlm-roberta", transformers.XLMRobertaConfig, ROBERTA | one | dict(pad_token_id=5, hidden_act="silu"), one
    yield "electra", transformers.ElectraConfig, SMALL | dict(max_position_embeddings=24, embedding_size=10, hidden_act="gelu_new"), one


def randomize(model):
    """As models.randomize, where a word that is padding has an embedding too."""
    models.randomize(model)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "LayerNorm" in name and name.endswith("weight"):
                weight.normal_(1.0, 0.3)


def alone(model, rows, types=None):
    """Outputs of each row by itself: those of tokens end to end, or one of each row."""
    with torch.no_grad():
        return torch.cat([outputs(model, row, types and types[i]) for i, row in enumerate(rows)])


def outputs(model, row, types=None, **inputs):
    given = {"input_ids": row[None]} if row is not None else inputs
    result = model(**given, **({} if types is None else {"token_type_ids": types[None]}))
    return result.logits.flatten(0, -2) if "logits" in result else result.last_hidden_state[0]


def labels_for(head, rows, config):
    if head == "sequence":
        return torch.randint(0, CLASSES, (len(rows),))
    bound = TAGS if head == "tokens" else config.vocab_size
    drawn = [torch.randint(0, bound, (len(row),)) for row in rows]
    return [torch.where(torch.rand(len(row)) < 0.4, row, -100) for row in drawn]


def clear_of_zero(module, inputs, output):
    """Rounding must not decide between the two sides of a relu."""
    if output.abs().min() < 1e-3:
        raise models.TooClose


def with_loss(model, head, rows, types, out):
    """The loss of a padded batch and all its gradients."""
    labels = labels_for(head, rows, model.config)
    batch = {
        "input_ids": models.pad(rows, False, model.config.pad_token_id),
        "attention_mask": models.pad([torch.ones_like(row) for row in rows], False, 0),
        "labels": labels if head == "sequence" else models.pad(labels, False, -100),
    }
    if types:
        batch["token_type_ids"] = models.pad(types, False, 0)
    if hasattr(model, "pre_classifier"):
        model.pre_classifier.register_forward_hook(clear_of_zero)
    result = model(**batch)
    result.loss.backward()
    out["labels"] = labels if head == "sequence" else torch.cat(labels)
    out["loss"] = result.loss.detach()
    out.update({f"gradient.{name}": gradient for name, gradient in models.gradients(model).items() if gradient is not None})


def with_virtual_tokens(model, rows, types, out):
    """Embeddings before every row's own, of the type 0, as PEFT's prompt tuning has it."""
    table = model.get_input_embeddings()
    virtual = torch.randn(VIRTUAL, table.embedding_dim)
    out["virtual.embeddings"] = virtual.clone()
    virtual.requires_grad_()
    found = []
    for i, row in enumerate(rows):
        kinds = None if types is None else torch.cat((torch.zeros(VIRTUAL, dtype=torch.long), types[i]))
        found.append(outputs(model, None, kinds, inputs_embeds=torch.cat((virtual, table(row)))[None]))
    torch.cat(found).square().mean().backward()
    out["virtual.logits"] = torch.cat(found).detach()
    out["virtual.gradient"] = virtual.grad
    model.zero_grad()


def with_long_row(model, out):
    """A row whose attention keeps no probabilities."""
    row = torch.randint(1, model.config.vocab_size, (LONG,))
    labels = torch.randint(0, TAGS, (LONG,))
    result = model(input_ids=row[None], labels=labels[None])
    result.loss.backward()
    out["long.ids"], out["long.labels"], out["long.loss"] = row, labels, result.loss.detach()
    out["long.logits"] = result.logits[0, -3:].detach().clone()
    out.update({f"long.gradient.{name}": gradient for name, gradient in models.gradients(model).items() if any(part in name for part in (".self.", ".attn.", "_lin."))})


def with_full_row(model, out):
    """A row with a token at every position of the table; padding of its own takes none in RoBERTa and its kin."""
    config = model.config
    roberta = "roberta" in config.model_type
    row = torch.randint(config.pad_token_id + 1, config.vocab_size, (config.max_position_embeddings - (config.pad_token_id + 1 if roberta else 0),))
    if roberta:
        row = torch.cat((row[:2], torch.tensor([config.pad_token_id]), row[2:]))
    out["full.ids"], out["full.logits"] = row, alone(model, [row])[-3:]


def write(root, seed, name, head, config, save=None):
    torch.manual_seed(seed)
    folder = root / f"{name}-{head}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = HEADS[head].from_config(config)
    randomize(made)
    (save or (lambda model, into: model.save_pretrained(into)))(made, folder)
    model = HEADS[head].from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    rows = [torch.randint(1, config.vocab_size, (length,)) for length in LENGTHS]
    rows[0][3] = config.pad_token_id
    out = {"ids": torch.cat(rows), "lengths": torch.tensor(LENGTHS), "logits": alone(model, rows)}
    types = None
    if getattr(config, "type_vocab_size", 0):
        types = [torch.randint(0, config.type_vocab_size, (length,)) for length in LENGTHS]
        out["types"], out["typed.logits"] = torch.cat(types), alone(model, rows, types)
    if save in (None, save_old_spelling):
        if head != "features":
            with_loss(model, head, rows, types, out)
        with_virtual_tokens(model, rows, types, out)
        if head == "tokens":
            with_long_row(model, out)
        if head == "features" and any("position_embeddings" in name for name, _ in model.named_parameters()):
            with_full_row(model, out)
    models.save_golden(folder, out, seed=seed)


def save_old(model, folder):
    """As the first checkpoints were converted: pickled, norms under TensorFlow's names, all that pretraining had, positions by number."""
    whole = AutoModelForPreTraining.from_config(model.config)
    randomize(whole)
    whole.base_model.load_state_dict(model.base_model.state_dict(), strict=False)
    whole.load_state_dict(model.state_dict(), strict=False)
    whole.config.architectures = [type(whole).__name__]
    whole.config.save_pretrained(folder)
    state = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): weight.clone()
        for name, weight in whole.state_dict().items()
        if name not in ("cls.predictions.decoder.bias", "lm_head.decoder.bias")
    }
    prefix = whole.base_model_prefix
    state[f"{prefix}.embeddings.position_ids"] = torch.arange(model.config.max_position_embeddings)[None]
    if prefix == "roberta":
        state |= {f"roberta.pooler.dense.{name}": torch.ones(1) for name in ("weight", "bias")}
    torch.save(state, folder / "pytorch_model.bin")


def save_without_prefix(model, folder):
    """The backbone alone, without its pooler, as sentence encoders are often given away."""
    model.config.architectures = [type(model.base_model).__name__]
    model.config.save_pretrained(folder)
    state = {name: weight.clone() for name, weight in model.base_model.state_dict().items() if not name.startswith("pooler")}
    save_file(state, folder / "model.safetensors", {"format": "pt"})


def save_old_spelling(model, folder):
    """With the settings as ModernBERT's first checkpoints have them."""
    model.save_pretrained(folder)
    file = folder / "config.json"
    config = json.loads(file.read_text())
    rotary = config.pop("rope_parameters")
    kinds = config.pop("layer_types")
    config |= {
        "global_attn_every_n_layers": kinds.index("full_attention", 1), "reference_compile": None, "repad_logits_with_grad": False,
        "global_rope_theta": rotary["full_attention"]["rope_theta"], "local_rope_theta": rotary["sliding_attention"]["rope_theta"],
    }  # fmt: skip
    file.write_text(json.dumps(config, indent=2) + "\n")


def cases():
    """Architecture, head, config, and how it is saved if in another way than usual."""
    for name, kind, settings, one in architectures():
        for head in HEADS:
            more = {"num_labels": CLASSES if head == "sequence" else TAGS} if head in ("sequence", "tokens") else {}
            if head == "tokens":
                more["max_position_embeddings"] = LONG + 2 + settings.get("pad_token_id", 0)
            yield name, head, kind(**(settings | more)), None
        one_layer = kind(**(settings | one))
        if name in OLD:
            yield f"{name}-old", OLD[name], one_layer, save_old
        if name == "modernbert":
            biases = {key: True for key in ("norm_bias", "attention_bias", "mlp_bias", "classifier_bias")}
            yield "modernbert-old", "masked", kind(**settings, **biases, decoder_bias=False, global_attn_every_n_layers=2), save_old_spelling
            yield "modernbert-mean", "sequence", kind(**(settings | {"num_hidden_layers": 3, "num_labels": CLASSES}), classifier_pooling="mean"), None
        if name in ("bert", "modernbert", "xlm-roberta"):
            yield f"{name}-bare", "features", one_layer, save_without_prefix


if __name__ == "__main__":
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    for number, (name, head, config, save) in enumerate(cases()):
        if not sys.argv[2:] or f"{name}-{head}" in sys.argv[2:]:
            write(pathlib.Path(sys.argv[1]), 3000 + number, name, head, config, save)
