#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' tests of prompt tuning, P-tuning and prefix tuning with the real libraries.

Needs peft 0.21.2, transformers 5.23.0 and torch 2.7.1; what was used is recorded in every fixture's metadata. Models and data are those of
golden_lora.py, whose fixtures must be there. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_prompts.py peft-methods/src/test/resources/golden/prompts

A case is a folder: an adapter as peft saved it, the encoder that peft drops under the names of its module, and golden.safetensors with what
the adapted model computes and what ten training steps do to it; also, where there is an encoder, what they do to the table alone.
"""

import json
import pathlib
import shutil
import sys
import warnings

import torch
import transformers
from peft import PeftModel, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
from peft.utils.constants import bloom_model_postprocess_past_key_value
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from golden_lora import BASES, CLIP, RATE, base, data, metadata, outputs, padded, save_adapter, state, train

EPSILON = 1e-8
TEXT = "one two three unheard two"


def prompt(**settings):
    return PromptTuningConfig(**{"task_type": "CAUSAL_LM", "num_virtual_tokens": 5, **settings})


def encoder(**settings):
    return PromptEncoderConfig(**{"task_type": "CAUSAL_LM", "num_virtual_tokens": 4, **settings})


def prefix(**settings):
    return PrefixTuningConfig(**{"task_type": "CAUSAL_LM", "num_virtual_tokens": 3, **settings})


CASES = {
    "llama-prompt": prompt(),
    "mistral-prompt": prompt(revision="main"),
    "qwen2-prompt": prompt(num_virtual_tokens=1),
    "bloom-prompt": prompt(),
    "gpt2-prompt": prompt(token_dim=16, num_layers=2, num_attention_heads=4, num_transformer_submodules=1),
    "llama-prompt-whole": prompt(modules_to_save=["lm_head"]),
    "qwen2-prompt-whole": prompt(modules_to_save=["model.norm"]),
    "gpt2-prompt-whole": prompt(modules_to_save=["ln_f"], prompt_tuning_init="SAMPLE_VOCAB"),
    "llama-mlp": encoder(),
    "bloom-mlp": encoder(encoder_hidden_size=10, encoder_dropout=0.1),
    "qwen2-mlp-whole": encoder(encoder_hidden_size=7, modules_to_save=["model.norm"]),
    "llama-lstm": encoder(encoder_reparameterization_type="LSTM", encoder_hidden_size=6),
    "gpt2-lstm": encoder(encoder_reparameterization_type="LSTM", encoder_hidden_size=5, encoder_num_layers=3),
    "bloom-lstm": encoder(encoder_reparameterization_type="LSTM", encoder_num_layers=1),
    "llama-prefix": prefix(),
    "mistral-prefix": prefix(),
    "qwen2-prefix": prefix(token_dim=16, num_attention_heads=4),
    "bloom-prefix": prefix(),
    "gpt2-prefix": prefix(),
    "llama-prefix-zero": prefix(init_weights="zero"),
    "gpt2-prefix-whole": prefix(modules_to_save=["ln_f"]),
    "llama-projection": prefix(prefix_projection=True),
    "bloom-projection": prefix(prefix_projection=True, encoder_hidden_size=9),
    "gpt2-projection-zero": prefix(prefix_projection=True, encoder_hidden_size=6, init_weights="zero"),
}  # fmt: skip


def encoder_of(model):
    module = model.prompt_encoder["default"]
    has_network = any(not name.startswith("embedding.") for name, _ in module.named_parameters())
    return {key: value.detach().clone().contiguous() for key, value in module.state_dict().items()} if has_network else {}


def case(name, config, given, folder):
    torch.manual_seed(sum(map(ord, name)))
    architecture = name.split("-")[0]
    model = get_peft_model(base(architecture), config)
    save_adapter(model, folder)
    kept = encoder_of(model)
    if kept:
        save_file(kept, folder / "prompt_encoder.safetensors", metadata())
    seen, values = outputs(model, given)
    report = model.get_nb_trainable_parameters()
    values["trace"] = train(model, given, EPSILON)
    tensors = {**seen, **state(model, "trained.")}
    tensors.update({"trained.encoder." + key: value for key, value in encoder_of(model).items()})
    if kept and not config.modules_to_save:
        table = PeftModel.from_pretrained(base(architecture), folder)
        table.prompt_encoder["default"].requires_grad_(True)
        values["table_parameters"] = table.get_nb_trainable_parameters()
        values["table_trace"] = train(table, given, EPSILON)
        tensors.update(state(table, "table."))
    training = {"rate": RATE, "clip": CLIP, "epsilon": EPSILON, "weight_decay": 0.01}
    save_file(tensors, folder / "golden.safetensors", metadata(training=training, parameters=report, **values))


@torch.no_grad()
def legacy(given, source, folder):
    """A prefix as Bloom of transformers 4.43 and older reads it."""
    config = json.loads((source / "adapter_config.json").read_text())
    table = load_file(source / "adapter_model.safetensors")["prompt_embeddings"]
    places, layers, heads = config["num_virtual_tokens"], config["num_layers"], config["num_attention_heads"]
    size = config["token_dim"] // heads
    past = table.view(1, places, 2 * layers, heads, size).permute(2, 0, 3, 1, 4).split(2)
    pairs = [
        (key.view(1, heads, size, places).transpose(2, 3), value.view(1, heads, places, size))
        for key, value in bloom_model_postprocess_past_key_value(past)
    ]
    model = base("bloom")
    tensors = {}
    for index, row in enumerate(given["rows"]):
        ids = torch.tensor([row["ids"]])
        mask = torch.ones(1, places + ids.shape[1])
        cache = transformers.DynamicCache(pairs)
        tensors[f"logits.{index}"] = model(input_ids=ids, attention_mask=mask, past_key_values=cache).logits[0].contiguous()
    folder.mkdir()
    shutil.copy(source / "adapter_model.safetensors", folder)
    (folder / "adapter_config.json").write_text(json.dumps({**config, "legacy_bloom_layout": True}, indent=2, sort_keys=True))
    save_file(tensors, folder / "legacy.safetensors", metadata())


def text(folder):
    """Virtual tokens that begin as a text, by a tokenizer that puts a special token before it."""
    folder.mkdir()
    words = {"<unk>": 0, "<s>": 1, "</s>": 2, "one": 30, "two": 31, "three": 47}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    fast.save_pretrained(folder)
    tensors = {}
    for count in (1, 4, 17):
        config = prompt(
            num_virtual_tokens=count, prompt_tuning_init="TEXT", prompt_tuning_init_text=TEXT, tokenizer_name_or_path=str(folder),
            tokenizer_kwargs={"trust_remote_code": True},
        )  # fmt: skip
        tensors[f"embeddings.{count}"] = state(get_peft_model(base("llama"), config), "")["prompt_embeddings"]
        assert config.tokenizer_kwargs == {}
    save_file(tensors, folder / "text.safetensors", metadata(text=TEXT))


def defaults(root):
    """The config files with nothing given but the number of virtual tokens."""
    for name, config in (("prompt", prompt()), ("encoder", encoder()), ("prefix", prefix())):
        (root / "defaults").mkdir(exist_ok=True)
        config.save_pretrained(root / "defaults")
        (root / "defaults" / "adapter_config.json").rename(root / "defaults" / f"{name}.json")


def main(root):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    shutil.rmtree(root, ignore_errors=True)
    given = data()
    for name in BASES:
        base(name)  # a model knows its name from the second time on
    for name, config in CASES.items():
        (root / name).mkdir(parents=True)
        case(name, config, given, root / name)
    legacy(given, root / "bloom-prefix", root / "bloom-legacy")
    text(root / "text")
    defaults(root)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
