#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' tests of what adapter files hold besides what PEFT's save_pretrained writes today.

Needs what golden_lora.py needs, whose toy checkpoints and token ids it uses:

    python tools/golden_spellings.py peft-methods/src/test/resources/golden/spellings

A case is a folder: an adapter whose file has other keys or more tensors or another number format, and golden.safetensors with what peft
computes after loading that folder.
"""

import json
import pathlib
import shutil
import sys
import warnings

import golden_lora as common
import peft
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file

CAUSAL = {"task_type": "CAUSAL_LM"}
LORA = dict(init_lora_weights=False, r=4, lora_alpha=8, **CAUSAL)


def lora(**settings):
    return LoraConfig(**{"target_modules": ["q_proj", "v_proj"], **LORA, **settings})


def named(model):
    """The adapter's tensors with its name in their keys, as state_dict() has them."""
    return {key: value for key, value in model.state_dict().items() if ".default" in key or "vera_" in key or "adaption_" in key}


def whole(model):
    return dict(model.state_dict())


def in_other_base(model):
    """The whole state of a model whose own weights are others."""
    state = {}
    for key, value in model.state_dict().items():
        ours = "lora_" in key or key.endswith("norm.weight")
        state[key] = value.clone() if ours else value + 0.05 * torch.randn_like(value)
    return state


def plain(model):
    return peft.get_peft_model_state_dict(model)


def magnitude_of_a_layer(model):
    return {key.replace("magnitude_vector", "magnitude_vector.weight"): value for key, value in plain(model).items()}


def with_embeddings(model):
    return peft.get_peft_model_state_dict(model, save_embedding_layers=True)


def with_frequencies(model):
    key = "base_model.model.model.layers.{}.self_attn.rotary_emb.inv_freq"
    return {**plain(model), **{key.format(layer): torch.arange(4.0) for layer in range(2)}}


def with_masks(model):
    key = "base_model.model.transformer.h.{}.attn.{}"
    state = plain(model)
    for layer in range(2):
        state[key.format(layer, "bias")] = torch.tril(torch.ones(1, 1, 8, 8, dtype=torch.uint8))
        state[key.format(layer, "masked_bias")] = torch.tensor(-1e4)
    return state


def doubles(model):
    return {key: value.double() * (1 + 1e-12) for key, value in plain(model).items()}


def with_another(model):
    """The whole state of a model with two adapters."""
    torch.manual_seed(5)
    model.add_adapter("another", lora(r=2))
    return whole(model)


CASES = {
    "llama-lora-named": (lora(), named),
    "llama-lora-whole": (lora(bias="all"), whole),
    "llama-lora-other-base": (lora(), in_other_base),
    "llama-lora-another": (lora(), with_another),
    "llama-dora-named": (lora(use_dora=True), named),
    "llama-dora-magnitude": (lora(use_dora=True), magnitude_of_a_layer),
    "llama-lora-embedding-named": (lora(target_modules=["embed_tokens", "q_proj"]), named),
    "llama-lora-head-copies": (lora(modules_to_save=["lm_head"]), with_embeddings),
    "llama-lora-both-copies": (lora(modules_to_save=["lm_head", "embed_tokens"]), with_embeddings),
    "llama-lora-frequencies": (lora(), with_frequencies),
    "gpt2-lora-masks": (lora(target_modules=["c_attn"], bias="all"), with_masks),
    "llama-lora-doubles": (lora(), doubles),
    "llama-vera-named": (peft.VeraConfig(**CAUSAL, r=4, target_modules=["q_proj", "o_proj"], init_weights=False), named),
    "llama-loha-named": (peft.LoHaConfig(**CAUSAL, r=2, target_modules=["q_proj"], init_weights=False), named),
    "llama-lokr-named": (peft.LoKrConfig(**CAUSAL, r=2, target_modules=["down_proj"], init_weights=False), named),
    "llama-ia3-whole": (peft.IA3Config(**CAUSAL, init_ia3_weights=False), whole),
    "llama-ln-whole": (peft.LNTuningConfig(**CAUSAL), whole),
    "llama-adaption-whole": (peft.AdaptionPromptConfig(**CAUSAL, adapter_len=3, adapter_layers=1), whole),
    "llama-tokens-named": (peft.TrainableTokensConfig(**CAUSAL, token_indices=[3, 20, 7], init_weights=False), named),
    "llama-lora-settings": (
        lora(),
        plain,
        {
            "eva_config": {"rho": 2.0}, "loftq_config": {"loftq_bits": 4, "loftq_iter": 1}, "corda_config": {"corda_method": "ipm"},
            "layers_pattern": "", "layer_replication": [], "megatron_config": {}, "exclude_modules": "",
        },
    ),
    "llama-lora-ga": (lora(), plain, {"init_lora_weights": "lora_ga", "lora_ga_config": {"direction": "ArB2r"}}),
}  # fmt: skip


def fill(model):
    """Values far enough from where norms, gates and copies begin."""
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            if parameter.requires_grad and not any(part in path for part in ("lora_", "hada_", "lokr_", "vera_", "prompt")):
                parameter.add_(0.2 * torch.randn_like(parameter))


def case(name, given, folder, config, write, changes=None):
    torch.manual_seed(3)
    architecture = name.split("-")[0]
    model = get_peft_model(common.base(architecture), config)
    fill(model)
    common.save_adapter(model, folder)
    state = {key: value.detach().clone().contiguous() for key, value in write(model).items()}
    if write in (whole, in_other_base, with_another):
        (folder / "adapter_model.safetensors").unlink()
        torch.save(state, folder / "adapter_model.bin")
    else:
        save_file(state, folder / "adapter_model.safetensors", {"format": "pt"})
    if changes:
        path = folder / "adapter_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes, indent=2, sort_keys=True))
    loaded = PeftModel.from_pretrained(common.base(architecture), folder)
    seen, values = common.outputs(loaded, given)
    if write is not in_other_base:
        # What was saved is what is loaded: peft drops what it does not know without a word.
        for key, value in common.outputs(model, given)[0].items():
            torch.testing.assert_close(seen[key], value, rtol=0, atol=1e-5)
    save_file(seen, folder / "golden.safetensors", common.metadata(**values))


def main(root):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    shutil.rmtree(root, ignore_errors=True)
    given = common.data()
    for name, (config, write, *changes) in CASES.items():
        (root / name).mkdir(parents=True)
        case(name, given, root / name, config, write, *changes)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
