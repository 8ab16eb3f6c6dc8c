#!/usr/bin/env python3
"""Writes the fixtures of sequence classification with the real libraries: toy classifiers, and adapters of task type SEQ_CLS on them.

Needs what golden_lora.py and golden_prompts.py need, whose sizes and settings it uses. The build does not need this script; run it only to
renew the fixtures:

    python tools/golden_classification.py models peft-models/src/test/resources/golden/classification
    python tools/golden_classification.py adapters peft-methods/src/test/resources/golden/classification

A model is a checkpoint folder with golden.safetensors: four rows end to end ("ids", "lengths"), their logits one by one and in a right
padded batch; by problem type the targets, the loss of the padded batch and gradients of some weights; "odd" rows that end with, or are,
padding tokens of their own, with logits by config.json's pad_token_id and ("odd.unpadded") without one.

An adapter is a folder as peft saved it, with golden.safetensors: logits and loss of each row of data.json alone; what ten training steps do
to the loss, the gradient's norm and the adapter; "reloaded" logits of the trained adapter, saved and loaded once more. Its metadata say
which of data.json's batches it was trained on: prompts and P-tuning read a class off the last place of a batch, padding or not, and so are
trained on rows of equal length.
"""

import json
import pathlib
import shutil
import sys
import tempfile
import warnings

import golden_lora as lora
import golden_models as models
import golden_prompts as prompts
import torch
import transformers
from peft import (
    AdaptionPromptConfig,
    IA3Config,
    LNTuningConfig,
    LoHaConfig,
    LoKrConfig,
    LoraConfig,
    PeftModel,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    TrainableTokensConfig,
    VeraConfig,
    get_peft_model,
)
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification

CLASSES = 3
PADDING = 2
SINGLE, SEVERAL, SCORES = "single_label_classification", "multi_label_classification", "regression"
LENGTHS = (6, 11, 1, 8)
GRADIENTS = {
    "llama": ["model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight", "model.norm.weight"],
    "bloom": ["transformer.word_embeddings.weight", "transformer.h.0.self_attention.query_key_value.weight", "transformer.ln_f.bias"],
    "gpt2": ["transformer.wpe.weight", "transformer.h.0.attn.c_attn.weight", "transformer.ln_f.bias"],
}
GRADIENTS["mistral"] = GRADIENTS["qwen2"] = GRADIENTS["llama"]
#: Architectures that came later, behind the others, whose seeds are their numbers; one block of each.
LATER = {
    "gpt_neox": ["gpt_neox.embed_in.weight", "gpt_neox.layers.0.attention.query_key_value.weight"],
    "opt": ["model.decoder.embed_positions.weight", "model.decoder.layers.0.fc1.weight"],
    "opt-behind": ["model.decoder.project_in.weight", "model.decoder.project_out.weight"],
    "phi3": ["model.embed_tokens.weight", "model.layers.0.self_attn.qkv_proj.weight"],
    **{name: GRADIENTS["llama"][:2] for name in ("qwen3", "smollm3", "olmo2", "gemma", "gemma2", "gemma3_text")},
}


def model_cases():
    """Name, config; all problem types fit a head of several outputs, scores alone one of one."""
    plain = {name: config for name, config, _ in models.cases() if name in GRADIENTS}
    for architecture, config in plain.items():
        yield architecture, config, CLASSES, (SINGLE, SEVERAL, SCORES)
    for architecture, config in plain.items():
        yield f"{architecture}-score", shorter(config), 1, (SCORES,)
    yield "llama-scores", shorter(plain["llama"]), 2, (SCORES,)
    for name, config, _ in models.cases():
        if name in LATER:
            yield name, shorter(config), CLASSES, (SINGLE, SEVERAL, SCORES)


def with_head(config, outputs, **settings):
    kept = {key: value for key, value in config.to_dict().items() if key not in ("id2label", "label2id", "architectures")}
    return type(config)(**kept | {"num_labels": outputs, "pad_token_id": PADDING, **settings})


def shorter(config):
    settings = {**config.to_dict(), config.attribute_map.get("num_hidden_layers", "num_hidden_layers"): 1}
    for by_layer in ("layer_types", "no_rope_layers"):
        settings.pop(by_layer, None)
    return type(config)(**settings)


def targets(problem, rows, outputs):
    if problem == SINGLE:
        return torch.randint(0, outputs, (rows,))
    drawn = torch.randn(rows, outputs)
    return (drawn > 0).float() if problem == SEVERAL else drawn


def alone(model, rows):
    with torch.no_grad():
        return torch.cat([model(input_ids=row[None]).logits for row in rows])


def refusal(model, rows):
    """What is said to several rows where no padding token is known."""
    try:
        model(input_ids=rows[:1].expand(2, -1))
    except ValueError as e:
        return str(e)
    raise AssertionError("rows were taken without a padding token")


def write_model(root, seed, name, config, outputs, problems):
    torch.manual_seed(seed)
    folder = root / name
    folder.mkdir(parents=True)
    config = with_head(config, outputs)
    made = AutoModelForSequenceClassification.from_config(config)
    models.randomize(made)
    made.save_pretrained(folder)

    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    rows = [torch.randint(PADDING + 1, config.vocab_size, (length,)) for length in LENGTHS]
    batch = models.pad(rows, False, PADDING)
    mask = models.pad([torch.ones_like(row) for row in rows], False, 0)
    out = {"ids": torch.cat(rows), "lengths": torch.tensor(LENGTHS), "logits": alone(model, rows)}
    for problem in problems:
        wanted = targets(problem, len(rows), outputs)
        model.config.problem_type = problem
        result = model(input_ids=batch, attention_mask=mask, labels=wanted)
        result.loss.backward()
        out["padded"] = result.logits.detach()
        out[f"{problem}.targets"], out[f"{problem}.loss"] = wanted, result.loss.detach()
        names = ["score.weight", *(GRADIENTS | LATER)[name.split("-score")[0]]]
        out.update({f"{problem}.gradient.{weight}": value for weight, value in models.gradients(model, names).items()})
    odd = [torch.tensor(ids) for ids in ([9, 4, 7, PADDING, PADDING], [PADDING, 5, PADDING, 8], [PADDING] * 3, [6, PADDING])]
    out["odd.ids"], out["odd.lengths"] = torch.cat(odd), torch.tensor([len(row) for row in odd])
    out["odd.logits"] = alone(model, odd)
    model.config.pad_token_id = None
    out["odd.unpadded"] = alone(model, odd)
    models.save_golden(folder, out, seed=seed, problems=problems, refusal=refusal(model, odd[0][None]))


def write_models(root):
    shutil.rmtree(root, ignore_errors=True)
    for number, (name, *case) in enumerate(model_cases()):
        write_model(root, 1000 + number, name, *case)


#: Checkpoints that adapters are on: architecture, number of outputs, problem type.
BASES = {
    "llama": ("llama", CLASSES, SINGLE),
    "bloom": ("bloom", CLASSES, SINGLE),
    "gpt2": ("gpt2", CLASSES, SINGLE),
    "several": ("llama", CLASSES, SEVERAL),
    "score": ("gpt2", 1, SCORES),
    "bert": ("bert", CLASSES, SINGLE),
}  # fmt: skip
lora.BASES["bert"] = transformers.BertConfig(
    vocab_size=lora.VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)  # fmt: skip
TASK = {"task_type": "SEQ_CLS"}
ANY = {**TASK, "init_weights": False}
UPDATE = {**TASK, "init_lora_weights": False, "r": 2, "lora_alpha": 4}
VIRTUAL = {**TASK, "num_virtual_tokens": 3}
CASES = {
    "llama-lora": LoraConfig(**UPDATE),
    "llama-lora-linear": LoraConfig(**UPDATE, target_modules="all-linear"),
    "llama-lora-saved": LoraConfig(**UPDATE, target_modules=["q_proj"], modules_to_save=["norm"]),
    "llama-lora-tokens": LoraConfig(**UPDATE, target_modules=["q_proj"], trainable_token_indices=list(range(3, 48, 3))),
    "llama-dora": LoraConfig(**UPDATE, use_dora=True),
    "llama-ia3": IA3Config(**TASK, init_ia3_weights=False),
    "llama-loha": LoHaConfig(**ANY, r=2, alpha=3, target_modules=["q_proj", "v_proj"]),
    "llama-lokr": LoKrConfig(**ANY, r=2, alpha=3, target_modules=["q_proj", "v_proj"]),
    "llama-vera": VeraConfig(**TASK, r=3),
    "llama-lntuning": LNTuningConfig(**TASK),
    "llama-trainabletokens": TrainableTokensConfig(**TASK, token_indices=list(range(3, 48, 3))),
    "llama-adaption": AdaptionPromptConfig(**TASK, adapter_len=4, adapter_layers=1),
    "llama-prompt": PromptTuningConfig(**VIRTUAL),
    "llama-prompt-saved": PromptTuningConfig(**VIRTUAL, modules_to_save=["norm"]),
    "llama-mlp": PromptEncoderConfig(**VIRTUAL, encoder_hidden_size=6),
    "llama-lstm": PromptEncoderConfig(**VIRTUAL, encoder_reparameterization_type="LSTM", encoder_hidden_size=4, encoder_num_layers=1),
    "llama-prefix": PrefixTuningConfig(**VIRTUAL),
    "llama-projection": PrefixTuningConfig(**VIRTUAL, prefix_projection=True, encoder_hidden_size=5),
    "bloom-lora": LoraConfig(**UPDATE, target_modules=["query_key_value", "dense_4h_to_h"]),
    "bloom-lora-bias-all": LoraConfig(**UPDATE, bias="all"),
    "bloom-dora": LoraConfig(**UPDATE, use_dora=True),
    "bloom-ia3": IA3Config(**TASK, init_ia3_weights=False),
    "bloom-loha": LoHaConfig(**ANY, r=2, alpha=3, target_modules=["query_key_value"]),
    "bloom-lokr": LoKrConfig(**ANY, r=2, alpha=3, target_modules=["query_key_value"]),
    "bloom-vera": VeraConfig(**TASK, r=3),
    "bloom-lntuning": LNTuningConfig(**TASK),
    "bloom-trainabletokens": TrainableTokensConfig(**TASK, token_indices=list(range(3, 48, 3))),
    "bloom-prompt": PromptTuningConfig(**VIRTUAL),
    "bloom-mlp": PromptEncoderConfig(**VIRTUAL, encoder_hidden_size=6),
    "bloom-prefix": PrefixTuningConfig(**VIRTUAL),
    "gpt2-lora": LoraConfig(**UPDATE, target_modules="all-linear"),
    "gpt2-lora-bias-only": LoraConfig(**UPDATE, bias="lora_only"),
    "gpt2-dora": LoraConfig(**UPDATE, use_dora=True),
    "gpt2-ia3": IA3Config(**TASK, init_ia3_weights=False),
    "gpt2-vera": VeraConfig(**TASK, r=3),
    "gpt2-adaption": AdaptionPromptConfig(**TASK, adapter_len=4, adapter_layers=2),
    "gpt2-prompt": PromptTuningConfig(**VIRTUAL),
    "gpt2-prefix": PrefixTuningConfig(**VIRTUAL),
    "several-lora": LoraConfig(**UPDATE),
    "several-prompt": PromptTuningConfig(**VIRTUAL),
    "score-lora": LoraConfig(**UPDATE),
    "score-prefix": PrefixTuningConfig(**VIRTUAL),
    "bert-lora": LoraConfig(**UPDATE),
    "bert-lora-linear": LoraConfig(**UPDATE, target_modules="all-linear"),
    "bert-lora-saved": LoraConfig(**UPDATE, modules_to_save=["pooler"]),
    "bert-lora-bias-only": LoraConfig(**UPDATE, bias="lora_only"),
    "bert-dora": LoraConfig(**UPDATE, use_dora=True),
    "bert-ia3": IA3Config(**TASK, init_ia3_weights=False),
    "bert-loha": LoHaConfig(**ANY, r=2, alpha=3, target_modules=["query", "value"]),
    "bert-lokr": LoKrConfig(**ANY, r=2, alpha=3, target_modules=["query", "value"]),
    "bert-vera": VeraConfig(**TASK, r=3),
    "bert-lntuning": LNTuningConfig(**TASK, target_modules=["LayerNorm"]),
    "bert-trainabletokens": TrainableTokensConfig(**TASK, token_indices=list(range(3, 48, 3))),
    "bert-prompt": PromptTuningConfig(**VIRTUAL),
    "bert-mlp": PromptEncoderConfig(**VIRTUAL, encoder_hidden_size=6),
    "bert-lstm": PromptEncoderConfig(**VIRTUAL, encoder_reparameterization_type="LSTM", encoder_hidden_size=4, encoder_num_layers=1),
    "bert-prefix": PrefixTuningConfig(**VIRTUAL),
    "bert-projection": PrefixTuningConfig(**VIRTUAL, prefix_projection=True, encoder_hidden_size=5),
}  # fmt: skip
#: Gates at zero leave the prompt behind them without gradient.
GATE = 0.4
#: How far a trace may be from the same in float64, relative to it: well within what the tests allow.
ROUNDING = 1e-5


def drawn(model, name):
    """A toy model with values far enough from each other that every mistake shows."""
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            is_norm = parameter.dim() == 1 and path.endswith("weight")
            parameter.copy_(1 + 0.2 * noise if is_norm else 0.3 * noise)
    model.name_or_path = f"toy/{name}"
    return model.eval()


def base(name):
    """golden_lora.py's models with a head."""
    architecture, outputs, problem = BASES[name]
    config = with_head(lora.BASES[architecture], outputs, problem_type=problem)
    torch.manual_seed(sum(map(ord, name)))
    model = AutoModelForSequenceClassification.from_config(config, attn_implementation="eager", dtype=torch.float32)
    return drawn(model, name)


def data():
    """Rows with a target for every problem type, and batches to train on."""
    torch.manual_seed(8)

    def row(length, padding=0):
        ids = torch.randint(PADDING + 1, lora.VOCABULARY, (length,)).tolist() + [PADDING] * padding
        wanted = {problem: targets(problem, 1, CLASSES)[0].tolist() for problem in (SINGLE, SEVERAL)}
        return {"ids": ids, SINGLE: wanted[SINGLE], SEVERAL: wanted[SEVERAL], SCORES: targets(SCORES, 1, 1)[0].tolist()}

    rows = [row(9), row(6), row(11), row(4, padding=2)]
    uneven = [[row(int(torch.randint(5, 10, ()))), row(7)] for _ in range(lora.STEPS)]
    even = [[row(length), row(length)] for length in torch.randint(5, 10, (lora.STEPS,)).tolist()]
    return {"rows": rows, "uneven": uneven, "even": even}


def padded(rows, problem, dtype):
    ids = [torch.tensor(row["ids"]) for row in rows]
    wanted = torch.tensor([row[problem] for row in rows])
    return {
        "input_ids": models.pad(ids, False, PADDING),
        "attention_mask": models.pad([torch.ones_like(row) for row in ids], False, 0),
        "labels": wanted if problem == SINGLE else wanted.to(dtype),
    }


def loss_of(model, rows, problem):
    return model(**padded(rows, problem, next(model.parameters()).dtype))


@torch.no_grad()
def outputs(model, rows, problem, prefix="", loss_of=loss_of):
    model.eval()
    results = [loss_of(model, [row], problem) for row in rows]
    return {f"{prefix}logits.{i}": r.logits[0].contiguous() for i, r in enumerate(results)}, [r.loss.item() for r in results]


def train(model, batches, problem, epsilon, loss_of=loss_of):
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=lora.RATE, eps=epsilon)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, 0, lora.STEPS)
    trace = {"loss": [], "norm": []}
    for batch in batches:
        loss = loss_of(model, batch, problem).loss
        loss.backward()
        trace["norm"].append(torch.nn.utils.clip_grad_norm_(parameters, lora.CLIP).item())
        trace["loss"].append(loss.item())
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return trace


def adapted(name, config):
    return with_own_head(base(name.split("-")[0]), sum(map(ord, name)), config)


def with_own_head(model, seed, config):
    """The model with a head of the adapter's own that is not the base's, so that nobody can mistake one for the other."""
    torch.manual_seed(seed)
    model = get_peft_model(model, config)
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            if "score.modules_to_save" in path or "classifier.modules_to_save" in path:
                parameter.normal_(0, 0.4)
            if path.endswith("adaption_gate"):
                parameter.fill_(GATE)
            if "trainable_tokens_delta" in path:
                parameter.normal_(0, 0.3)
    return model


def assert_no_matter_of_rounding(name, trace, exact):
    for key, values in trace.items():
        for step, (value, other) in enumerate(zip(values, exact[key])):
            if abs(value - other) > ROUNDING * abs(other):
                raise AssertionError(f"{name}: {key} of step {step} is {value} in float32 and {other} in float64: draw another case")


def write_adapter(root, name, config, given):
    folder = root / name
    folder.mkdir()
    where = name.split("-")[0]
    problem = BASES[where][2]
    model = adapted(name, config)
    lora.save_adapter(model, folder)
    virtual = config.peft_type in ("PROMPT_TUNING", "P_TUNING")
    kept = prompts.encoder_of(model) if config.is_prompt_learning else {}
    if kept:
        save_file(kept, folder / "prompt_encoder.safetensors", lora.metadata())
    report = model.get_nb_trainable_parameters()
    double = adapted(name, config).double()
    tensors, losses = outputs(model, given["rows"], problem)
    # A key's bias shifts all of a query's scores alike unless positions are rotated: its gradient is zero but for rounding.
    epsilon = 1e-5 if getattr(config, "bias", "none") != "none" else 1e-8
    batches = "even" if virtual else "uneven"
    trace = train(model, given[batches], problem, epsilon)
    assert_no_matter_of_rounding(name, trace, train(double, given[batches], problem, epsilon))
    tensors.update(lora.state(model, "trained."))
    if kept:
        tensors.update({"trained.encoder." + key: value for key, value in prompts.encoder_of(model).items()})
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        again = PeftModel.from_pretrained(base(where), saved)
        seen, reloaded = outputs(again, given["rows"], problem, "reloaded.")
        tensors.update(seen)
    training = {"rate": lora.RATE, "clip": lora.CLIP, "epsilon": epsilon, "weight_decay": 0.01}
    about = dict(problem=problem, batches=batches, losses=losses, training=training, trace=trace, parameters=report, reloaded=reloaded)
    save_file(tensors, folder / "golden.safetensors", lora.metadata(**about))


def write_adapters(root, *chosen):
    """All of them, or those of some bases."""
    warnings.simplefilter("ignore")
    given = data()
    if not chosen:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        (root / "data.json").write_text(json.dumps(given) + "\n")
    for name in chosen or BASES:
        shutil.rmtree(root / "base" / name, ignore_errors=True)
        base(name).save_pretrained(root / "base" / name)
    for name, config in CASES.items():
        if not chosen or name.split("-")[0] in chosen:
            shutil.rmtree(root / name, ignore_errors=True)
            write_adapter(root, name, config, given)


if __name__ == "__main__":
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    {"models": write_models, "adapters": write_adapters}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
