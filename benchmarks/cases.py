"""What is compared: each method with the settings that both sides understand, and the checkpoints it is compared on."""
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import peft


def targets(config):
    return {"bloom": ["query_key_value"], "gpt2": ["c_attn"], "distilbert": ["q_lin", "v_lin"]}.get(
        config.model_type, ["query", "value"] if classifies(config) else ["q_proj", "v_proj"])


def classifies(config):
    """Whether the checkpoint is a classifier of rows, which the encoders' are; otherwise it is a language model."""
    return config.architectures[0].endswith("ForSequenceClassification")


def by_peft(config):
    return lambda model, settings: peft.get_peft_model(model, config(task_type="SEQ_CLS" if classifies(model.config) else "CAUSAL_LM", **settings))


def biases(model, settings):
    """BitFit, which PEFT leaves to its users."""
    for name, weight in model.named_parameters():
        weight.requires_grad = name.endswith(".bias")
    return model


def everything(model, settings):
    return model


@dataclass(frozen=True)
class Case:
    """A method by its name on peft4j's command line, how its peer is made, and its settings by their names in Hugging Face PEFT."""

    method: str
    peer: Callable
    settings: dict
    #: Whether a fresh adapter changes nothing, so that both sides' first losses are the base model's.
    starts_as_base: bool = True

    def filled(self, config):
        return {key: value(config) if callable(value) else value for key, value in self.settings.items()}

    def with_settings(self, **settings):
        return replace(self, settings={**self.settings, **settings})

    def of_peer(self, model):
        return self.peer(model, self.filled(model.config))

    def arguments(self, config):
        plain = lambda value: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        return ["--method", self.method] + [part for key, value in self.filled(config).items() for part in ("--set", f"{key}={plain(value)}")]


CASES = {
    "lora": Case("lora", by_peft(peft.LoraConfig), {"r": 16, "lora_alpha": 32, "target_modules": targets}),
    "vera": Case("vera", by_peft(peft.VeraConfig), {"r": 256, "target_modules": targets}),
    "loha": Case("loha", by_peft(peft.LoHaConfig), {"r": 8, "alpha": 8, "target_modules": targets}),
    "lokr": Case("lokr", by_peft(peft.LoKrConfig), {"r": 8, "alpha": 8, "target_modules": targets}),
    "ia3": Case("ia3", by_peft(peft.IA3Config), {}),
    "bitfit": Case("bitfit", biases, {}),
    "ln": Case("ln-tuning", by_peft(peft.LNTuningConfig), {}),
    "tokens": Case("trainable-tokens", by_peft(peft.TrainableTokensConfig), {"token_indices": list(range(100, 120))}),
    "prompt": Case("prompt-tuning", by_peft(peft.PromptTuningConfig), {"num_virtual_tokens": 10}, starts_as_base=False),
    "ptuning": Case("p-tuning", by_peft(peft.PromptEncoderConfig), {"num_virtual_tokens": 20, "encoder_hidden_size": 128}, starts_as_base=False),
    "prefix": Case("prefix-tuning", by_peft(peft.PrefixTuningConfig), {"num_virtual_tokens": 20}, starts_as_base=False),
    "adaption": Case("llama-adapter", by_peft(peft.AdaptionPromptConfig), {"adapter_len": 10, "adapter_layers": lambda c: max(1, c.num_hidden_layers - 2)}),
    "full": Case("full", everything, {}),
}


def of(name: str) -> Case:
    """A case by its name, `lora` or `lora:r=64` with other values of its settings as JSON."""
    plain, *changes = name.split(":", 1)
    changes = (change.split("=", 1) for change in (changes[0].split(";") if changes else []))
    return CASES[plain].with_settings(**{key: json.loads(value) for key, value in changes})


def smollm2(transformers, vocabulary):
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=vocabulary or 49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3,
        max_position_embeddings=8192, rope_theta=100000.0, tie_word_embeddings=True, initializer_range=1 / 24))


def bloom_1b4(transformers, vocabulary):
    return transformers.BloomForCausalLM(transformers.BloomConfig(vocab_size=vocabulary or 46145, hidden_size=2048, n_layer=24, n_head=16))


def bert(**sizes):
    """A classifier without dropout: peft4j applies that of methods, not of checkpoints, so neither side shall."""
    def make(transformers, vocabulary):
        return transformers.BertForSequenceClassification(transformers.BertConfig(
            vocab_size=vocabulary or 30522, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, classifier_dropout=0.0, **sizes))

    return make


#: Makers of models in the sizes of well-known checkpoints.
SHAPES = {
    "smollm2": smollm2,
    "bloom-1b4": bloom_1b4,
    "bert-base": bert(),
    "minilm": bert(hidden_size=384, num_hidden_layers=6, intermediate_size=1536),
}


def checkpoint(shape: str, dtype: str, folder: Path, vocabulary: int | None = None) -> Path:
    """A checkpoint of random weights in the sizes of a well-known one, but for its vocabulary if one is given."""
    import torch
    import transformers

    if shape not in SHAPES:
        raise SystemExit(f"no shape {shape}: expected {', '.join(SHAPES)}, or --model with a folder")
    torch.manual_seed(0)
    target = folder / f"{shape}-{dtype}-{vocabulary}"
    SHAPES[shape](transformers, vocabulary).to(getattr(torch, dtype)).save_pretrained(target)
    return target


def classified_rows(file: Path, vocabulary: int = 30000) -> Path:
    """512 rows of 10 to 128 tokens, each length as likely as any other, of two classes."""
    rng = random.Random(20261130)
    with file.open("w") as out:
        for _ in range(512):
            ids = [rng.randrange(1000, vocabulary) for _ in range(rng.randint(10, 128))]
            out.write(json.dumps({"input_ids": ids, "label": rng.randrange(2)}) + "\n")
    return file


def rows(file: Path, lengths=None, vocabulary: int = 32000) -> Path:
    """256 rows with the lengths of instructions and answers, or rows of given lengths."""
    rng = random.Random(20261124)
    with file.open("w") as out:
        for i in range(256):
            prompt = max(12, min(128, round(rng.lognormvariate(3.69, 0.5))))
            total = lengths[i % len(lengths)] if lengths else prompt + max(8, min(256 - prompt, round(rng.lognormvariate(4.09, 0.7))))
            prompt = min(prompt, total // 2)
            ids = [rng.randrange(100, vocabulary) for _ in range(total)]
            out.write(json.dumps({"input_ids": ids, "labels": [-100] * prompt + ids[prompt:]}) + "\n")
    return file
