#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' tests of all methods on the architectures that came after the first five, with the real libraries.

Needs what golden_lora.py and golden_prompts.py need, whose rows, batches and ways to train it uses. The build does not need this script; run
it only to renew the fixtures:

    python tools/golden_architectures.py peft-methods/src/test/resources/golden/architectures [CASE ...]

base/NAME is a toy checkpoint. A case is a folder as golden_lora.py and golden_prompts.py write it; its rows and batches are those of the
former's data.json. Traces are checked to be no matter of rounding: they are near those of the same in float64.
"""

import copy
import pathlib
import shutil
import sys
import warnings

import golden_classification as classification
import golden_lora as lora
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

SIZES = dict(
    vocab_size=lora.VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
    bos_token_id=1, eos_token_id=2, pad_token_id=None,
)  # fmt: skip
GROUPED = {**SIZES, "num_key_value_heads": 2}
GEMMA2 = {**GROUPED, "head_dim": 6, "query_pre_attn_scalar": 9, "sliding_window": 4}
OPT = {key: value for key, value in SIZES.items() if key != "intermediate_size"} | {"ffn_dim": 20, "dropout": 0.0}
BASES = {
    "qwen3": transformers.Qwen3Config(**GROUPED, head_dim=6, tie_word_embeddings=True),
    "phi3": transformers.Phi3Config(**GROUPED, sliding_window=5),
    "smollm3": transformers.SmolLM3Config(**GROUPED, no_rope_layer_interval=2),
    "olmo2": transformers.Olmo2Config(**GROUPED),
    "gpt_neox": transformers.GPTNeoXConfig(**SIZES, rope_parameters={"rope_type": "default", "partial_rotary_factor": 0.5, "rope_theta": 100.0}),
    "gemma": transformers.GemmaConfig(**{**SIZES, "num_key_value_heads": 1, "head_dim": 6}),
    "gemma2": transformers.Gemma2Config(**GEMMA2, attn_logit_softcapping=5.0, final_logit_softcapping=20.0),
    "gemma3_text": transformers.Gemma3TextConfig(**GEMMA2, layer_types=["sliding_attention", "full_attention"]),
    "opt": transformers.OPTConfig(**OPT),
    "narrow": transformers.OPTConfig(**OPT, word_embed_proj_dim=10, do_layer_norm_before=False),
}  # fmt: skip
lora.BASES.update(BASES)

#: Where peft has no targets of its own for an architecture.
TARGETS = {
    "phi3": {"update": ["qkv_proj", "down_proj"], "scale": ["qkv_proj", "down_proj"], "norm": ["input_layernorm", "norm"]},
    "smollm3": {"update": ["q_proj", "v_proj"], "scale": ["k_proj", "down_proj"], "norm": ["input_layernorm", "norm"]},
    "olmo2": {"update": ["q_proj", "v_proj"], "scale": ["k_proj", "down_proj"], "norm": ["post_attention_layernorm", "q_norm"]},
    "gpt_neox": {"norm": ["input_layernorm", "final_layer_norm"]},
    "opt": {"norm": ["self_attn_layer_norm", "final_layer_norm"]},
    "narrow": {"norm": ["self_attn_layer_norm", "final_layer_norm"]},
}  # fmt: skip
LINEAR = {"gpt_neox": ["query_key_value", "dense"], "phi3": ["qkv_proj", "gate_up_proj"]}
TASK = {"task_type": "CAUSAL_LM"}
ANY = {**TASK, "init_weights": False, "r": 2, "alpha": 3}
VIRTUAL = {**TASK, "num_virtual_tokens": 3}


def named(architecture, what):
    given = TARGETS.get(architecture, {}).get(what)
    return {} if given is None else {"target_modules": given}


def methods(architecture):
    update = {**TASK, "init_lora_weights": False, "r": 2, "lora_alpha": 4}
    scale = named(architecture, "scale")
    linear = LINEAR.get(architecture, ["k_proj", "fc1" if architecture in ("opt", "narrow") else "up_proj"])
    width = {"token_dim": 10} if architecture == "narrow" else {}
    return {
        "lora": LoraConfig(**update, **named(architecture, "update")),
        "lora-linear": LoraConfig(**update, target_modules="all-linear"),
        "dora": LoraConfig(**update, use_dora=True, target_modules=linear),
        "ia3": IA3Config(**TASK, init_ia3_weights=False, **scale, **({"feedforward_modules": ["down_proj"]} if scale else {})),
        "vera": VeraConfig(**TASK, r=3, init_weights=False, **named(architecture, "update")),
        "lntuning": LNTuningConfig(**TASK, **named(architecture, "norm")),
        "loha": LoHaConfig(**ANY, target_modules=linear),
        "lokr": LoKrConfig(**ANY, target_modules=linear),
        "tokens": TrainableTokensConfig(**TASK, token_indices=[3, 17, 40], init_weights=False),
        "prompt": PromptTuningConfig(**VIRTUAL, **width),
        "mlp": PromptEncoderConfig(**VIRTUAL, encoder_hidden_size=6, **width),
        "prefix": PrefixTuningConfig(**VIRTUAL),
        "projection": PrefixTuningConfig(**VIRTUAL, prefix_projection=True, encoder_hidden_size=5),
    }


#: On every architecture; what else there is on those where it meets something special.
EVERYWHERE = ("lora", "dora", "ia3", "lntuning", "prompt", "prefix")
ELSEWHERE = {
    "qwen3": ("tokens", "mlp"),
    "phi3": ("lora-linear", "vera", "loha", "projection"),
    "olmo2": ("lora-linear", "lokr"),
    "smollm3": ("projection",),
    "gpt_neox": ("vera", "loha", "mlp"),
    "gemma": ("tokens", "mlp"),
    "gemma2": ("lora-linear", "projection"),
    "gemma3_text": ("lokr", "tokens"),
    "opt": ("lora-linear", "vera", "tokens", "projection"),
    "narrow": ("lora-linear", "loha", "mlp", "tokens"),
}


def cases():
    for architecture in BASES:
        all_of_it = methods(architecture)
        for method in EVERYWHERE + ELSEWHERE[architecture]:
            yield f"{architecture}-{method}", all_of_it[method]


def base(name):
    """golden_lora.py's models; Gemma's norms multiply by 1 + w."""
    model = lora.base(name)
    if name.startswith("gemma"):
        with torch.no_grad():
            for path, parameter in model.named_parameters():
                if parameter.dim() == 1 and path.endswith("weight"):
                    parameter.sub_(1)
    return model


def attached(name, config, attempt):
    torch.manual_seed(100 * sum(map(ord, name)) + attempt)
    return get_peft_model(base(name.split("-")[0]), copy.deepcopy(config))


def steady(name, config, given):
    """The first draw whose trace is no matter of rounding."""
    for attempt in range(20):
        trace = lora.train(attached(name, config, attempt), given, prompts.EPSILON)
        exact = lora.train(attached(name, config, attempt).double(), given, prompts.EPSILON)
        try:
            classification.assert_no_matter_of_rounding(name, trace, exact)
            return attempt
        except AssertionError:
            continue
    raise AssertionError(f"{name}: rounding matters whatever is drawn")


def write(root, name, config, given):
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    model = attached(name, config, steady(name, config, given))
    lora.save_adapter(model, folder)
    kept = prompts.encoder_of(model) if config.is_prompt_learning else {}
    if kept:
        save_file(kept, folder / "prompt_encoder.safetensors", lora.metadata())
    seen, values = lora.outputs(model, given)
    report = model.get_nb_trainable_parameters()
    trace = lora.train(model, given, prompts.EPSILON)
    tensors = {**seen, **lora.state(model, "trained.")}
    if kept:
        tensors.update({"trained.encoder." + key: value for key, value in prompts.encoder_of(model).items()})
    training = {"rate": lora.RATE, "clip": lora.CLIP, "epsilon": prompts.EPSILON, "weight_decay": 0.01}
    save_file(tensors, folder / "golden.safetensors", lora.metadata(training=training, trace=trace, parameters=report, **values))


def main(root, wanted):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    if not wanted:
        shutil.rmtree(root, ignore_errors=True)
        for name in BASES:
            base(name).save_pretrained(root / "base" / name)
            (root / "base" / name / "generation_config.json").unlink(missing_ok=True)
    for name in BASES:
        base(name)  # a model knows its name from the second time on
    given = lora.data()
    for name, config in cases():
        if not wanted or name in wanted:
            write(root, name, config, given)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
