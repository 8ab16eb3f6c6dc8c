"""What is exchanged: a PEFT config per case, or None where the method does not exist for an architecture."""
import json
import sys
import tempfile
from pathlib import Path

import checkpoints
import peft
import tasks
import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parent.parent))
import bitfit_apply
from golden_encoder_methods import NAMES

FUSED = ("bloom", "gpt2")

FIRST = {"bloom": ["query_key_value"], "gpt_neox": ["query_key_value"], "gpt2": ["c_attn"], "phi3": ["qkv_proj"]}

# Where bitfit puts biases beside those of the first layers.
BIASED = {
    "bloom": ["dense", "input_layernorm"], "gpt2": ["mlp.c_proj", "ln_1"], "gpt_neox": ["dense", "input_layernorm"], "phi3": ["o_proj", "gate_up_proj"],
    "opt": ["out_proj", "self_attn_layer_norm"],
}  # fmt: skip


def first(architecture):
    return FIRST.get(architecture, ["q_proj", "v_proj"])


def embedding(architecture):
    return {"bloom": "word_embeddings", "gpt2": "wte", "gpt_neox": "embed_in"}.get(architecture, "embed_tokens")


def norm(architecture):
    return {"bloom": "ln_f", "gpt2": "ln_f", "gpt_neox": "final_layer_norm", "opt": "decoder.final_layer_norm"}.get(architecture, "norm")


def by_default(config, table):
    """Of architectures for which PEFT has default targets in a table of its constants."""
    return lambda a: config(a) if a in getattr(peft.utils.constants, f"TRANSFORMERS_MODELS_TO_{table}_TARGET_MODULES_MAPPING") else None


def settled(settings, architecture):
    return {key: value(architecture) if callable(value) else value for key, value in settings.items()}


def lora(**settings):
    return lambda a: peft.LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, **{"r": 4, "lora_alpha": 6, "target_modules": first(a), **settled(settings, a)})


def prompt(**settings):
    return lambda a: peft.PromptTuningConfig(task_type="CAUSAL_LM", **{"num_virtual_tokens": 5, **settled(settings, a)})


def encoder(**settings):
    return lambda a: peft.PromptEncoderConfig(
        task_type="CAUSAL_LM", **{"num_virtual_tokens": 5, "encoder_hidden_size": 24, **settled(settings, a)})


def prefix(**settings):
    return lambda a: peft.PrefixTuningConfig(task_type="CAUSAL_LM", **{"num_virtual_tokens": 4, **settled(settings, a)})


def adaption(**settings):
    """Of the architectures that PEFT knows it for, but not of heads that are wider than the hidden size has room for, as this mistral's are."""
    return lambda a: None if a not in ("llama", "gpt2") else peft.AdaptionPromptConfig(task_type="CAUSAL_LM", **settings)


def lycoris(config, **settings):
    """Of linear layers only: PEFT's LoHa and LoKr do not know GPT-2's."""
    return lambda a: None if a == "gpt2" else config(task_type="CAUSAL_LM", init_weights=False, **{"r": 4, "alpha": 6, "target_modules": first(a), **settings})


class BitFit:
    """A method that Hugging Face PEFT has not: biases of modules with these ends of paths, put into the model by tools/bitfit_apply.py."""

    def __init__(self, targets, task_type="CAUSAL_LM", saved=()):
        self.targets, self.task_type, self.saved = targets, task_type, saved

    def attach(self, model):
        self.tensors = {}
        for path, module in model.named_modules():
            if any(path.endswith("." + target) for target in self.targets):
                own = getattr(module, "bias", None)
                start = torch.zeros(module.weight.shape[0]) if own is None else own.detach()
                self.tensors[f"base_model.model.{path}.bias"] = start + 0.2 * torch.randn_like(start)
            if path.endswith(tuple(self.saved)):
                for name, parameter in module.named_parameters():
                    self.tensors[f"base_model.model.{path}.{name}"] = 0.4 * torch.randn_like(parameter)
        with tempfile.TemporaryDirectory() as folder:
            self.write(Path(folder))
            bitfit_apply.apply(model, folder)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_("base_model.model." + name in self.tensors)
        return model

    def write(self, folder):
        folder.mkdir(exist_ok=True)
        save_file(self.tensors, folder / "adapter_model.safetensors", {"format": "pt"})
        config = {"peft_type": "BITFIT", "task_type": self.task_type, "target_modules": self.targets, "modules_to_save": [*self.saved] or None}
        (folder / "adapter_config.json").write_text(json.dumps(config))


class Enlarged:
    """Of a model that was given more tokens first: PEFT saves its tables with the adapter, if it is to."""

    def __init__(self, config, more, tables="auto"):
        self.config, self.more, self.tables = config, more, tables

    def enlarge(self, model):
        model.resize_token_embeddings(model.config.vocab_size + self.more, mean_resizing=False)
        return model

    def attach(self, model):
        return peft.get_peft_model(self.enlarge(model), self.config)

    def write(self, model, folder):
        model.save_pretrained(folder, save_embedding_layers=self.tables)


def attach(config, model):
    return (config.attach(model) if isinstance(config, (BitFit, Enlarged)) else peft.get_peft_model(model, config)).eval()


def save(config, model, folder):
    if isinstance(config, BitFit):
        config.write(folder)
    elif isinstance(config, Enlarged):
        config.write(model, folder)
    else:
        model.save_pretrained(folder)


def load(config, model, folder):
    if isinstance(config, BitFit):
        return bitfit_apply.apply(model, folder).eval()
    return peft.PeftModel.from_pretrained(config.enlarge(model) if isinstance(config, Enlarged) else model, folder).eval()


def enlarged(config, more, tables="auto"):
    return lambda a: Enlarged(config(a), more, tables)


def recognised(config):
    """Of models whose tied embedding PEFT finds again when it loads what it saved: not of GPT-2 and Bloom."""
    return lambda a: None if a in FUSED else config(a)


CASES = {
    "lora": lora(),
    "rslora": lora(use_rslora=True, r=6),
    "all-linear": lora(target_modules="all-linear", r=3),
    "patterns": lora(target_modules="all-linear", rank_pattern=lambda a: {first(a)[0]: 5}, alpha_pattern=lambda a: {first(a)[0]: 9}),
    "layers": lora(layers_to_transform=[1]),
    "dora": lora(use_dora=True),
    "dora-all": lora(use_dora=True, target_modules="all-linear"),
    "embedding": lora(target_modules=lambda a: first(a) + [embedding(a)]),
    "bias-all": lora(bias="all"),
    "bias-only": lora(bias="lora_only"),
    "lora-bias": lora(lora_bias=True),
    "lora-tokens": lora(trainable_token_indices=list(range(5, 200, 3))),
    "tokens-apart": lora(trainable_token_indices=lambda a: {embedding(a): [5, 17, 33], "lm_head": list(range(4, 190, 5))}),
    "tied-saved": recognised(lora(modules_to_save=["lm_head"], ensure_weight_tying=True)),
    "tied-updates": recognised(lora(target_modules=lambda a: first(a) + ["lm_head"], ensure_weight_tying=True)),
    "enlarged": enlarged(lora(), 6),
    "enlarged-tokens": enlarged(lora(trainable_token_indices=list(range(200, 217))), 6),
    "added-tokens": enlarged(lora(trainable_token_indices=lambda a: {t: list(range(200, 217)) for t in (embedding(a), "lm_head")}), 6, False),
    "fewer": enlarged(lora(), -7),
    "saved-norm": lora(modules_to_save=lambda a: [norm(a)]),
    "ia3-all": lambda a: peft.IA3Config(
        task_type="CAUSAL_LM", init_ia3_weights=False, target_modules=r".*\.(q_proj|qkv_proj|o_proj|c_attn|query_key_value|up_proj|gate_up_proj|c_fc|dense_h_to_4h|fc1)",
        feedforward_modules=r".*(up_proj|c_fc|dense_h_to_4h|fc1)", modules_to_save=[norm(a)]),
    "ln-tuning": by_default(lambda a: peft.LNTuningConfig(task_type="CAUSAL_LM"), "LNTUNING"),
    "ln-saved": lambda a: peft.LNTuningConfig(task_type="CAUSAL_LM", target_modules=[norm(a)], modules_to_save=["lm_head"]),
    "tokens": lambda a: peft.TrainableTokensConfig(task_type="CAUSAL_LM", token_indices=list(range(5, 200, 3)), init_weights=False),
    "vera": by_default(lambda a: peft.VeraConfig(task_type="CAUSAL_LM", r=8, init_weights=False), "VERA"),
    "vera-seed": lambda a: peft.VeraConfig(
        task_type="CAUSAL_LM", r=5, init_weights=False, target_modules="all-linear", projection_prng_key=77, save_projection=False),
    "vera-bias": lambda a: peft.VeraConfig(task_type="CAUSAL_LM", r=5, init_weights=False, bias="all") if a in FUSED else None,
    "bitfit": lambda a: BitFit(first(a) + BIASED.get(a, ["o_proj", "up_proj"])),
    "bitfit-norm": lambda a: BitFit([norm(a)]),
    "ia3": by_default(lambda a: peft.IA3Config(task_type="CAUSAL_LM", init_ia3_weights=False), "IA3"),
    "prompt": prompt(),
    "prompt-vocab": prompt(num_virtual_tokens=7, prompt_tuning_init="SAMPLE_VOCAB"),
    "prompt-saved": prompt(modules_to_save=lambda a: [norm(a)]),
    "p-tuning": encoder(),
    "p-tuning-lstm": encoder(encoder_reparameterization_type="LSTM", encoder_num_layers=2),
    "prefix": prefix(),
    "prefix-zero": prefix(init_weights="zero"),
    "prefix-saved": prefix(modules_to_save=lambda a: [norm(a)]),
    "prefix-mlp": prefix(prefix_projection=True, encoder_hidden_size=20),
    "loha": lycoris(peft.LoHaConfig),
    "loha-all": lycoris(peft.LoHaConfig, target_modules="all-linear", rank_pattern={"layers.0": 2}, alpha_pattern={".*proj": 3}),
    "lokr": lycoris(peft.LoKrConfig, r=2),
    "lokr-all": lycoris(peft.LoKrConfig, r=2, target_modules="all-linear", decompose_both=True, decompose_factor=8),
    "adaption": adaption(adapter_len=4, adapter_layers=2),
    "adaption-top": adaption(adapter_len=7, adapter_layers=1),
}

#: Methods whose saved file holds what an encoder computed: what is trained from there is that table, in both.
TABLES = ("p-tuning", "p-tuning-lstm", "prefix-mlp")


#: Sizes of virtual tokens that peft does not find in a config, or finds wrong.
TOLD = {"electra": {"token_dim": 28}, "distilbert": {"token_dim": 48, "num_attention_heads": 6, "num_layers": 2}}

#: Layers of a head before its last one, which cannot be adapted and saved at once.
EXCLUDED = {"distilbert": ["pre_classifier"]}

#: What peft has no way to pass a prefix to.
NO_PREFIX = ("distilbert", "modernbert")

#: What peft does not do: adapt tokens' head and save it at once, and save it where a method has no place for it.
NOT_FOR_TAGS = ("all-linear", "tokens")


def headed(architecture):
    """Cases of an encoder with a head that is trained and saved."""
    encoder, _, head = architecture.rpartition("-")
    names, task = NAMES[encoder], {"task_type": tasks.HEADS[head].task_type}
    update = {**task, "init_lora_weights": False, "r": 4, "lora_alpha": 6, "target_modules": names["update"]}
    some = {**task, "init_weights": False, "r": 2, "alpha": 3, "target_modules": names["linear"]}
    prefix = {**task, "num_virtual_tokens": 4}
    virtual = {**prefix, **TOLD.get(encoder, {})}
    scaled = names.get("scale", names["linear"])
    all_of_it = {
        "lora": lambda: peft.LoraConfig(**update),
        "all-linear": lambda: peft.LoraConfig(**{**update, "target_modules": "all-linear"}, exclude_modules=EXCLUDED.get(encoder)),
        "dora": lambda: peft.LoraConfig(**update, use_dora=True),
        "bias-only": lambda: peft.LoraConfig(**update, bias="lora_only"),
        "lora-tokens": lambda: peft.LoraConfig(**update, trainable_token_indices=list(range(6, 200, 3))),
        "ia3": lambda: peft.IA3Config(**task, init_ia3_weights=False, target_modules=scaled, feedforward_modules=scaled[-1:]),
        "vera": lambda: peft.VeraConfig(**task, r=5, init_weights=False, target_modules=names["update"]),
        "loha": lambda: peft.LoHaConfig(**some),
        "lokr": lambda: peft.LoKrConfig(**some),
        "ln-tuning": lambda: peft.LNTuningConfig(**task, target_modules=names["norm"]),
        "tokens": lambda: peft.TrainableTokensConfig(**task, token_indices=list(range(6, 200, 3)), init_weights=False),
        "bitfit": lambda: BitFit(names["update"] + names["last"], **task, saved=("classifier",)),
        "prompt": lambda: peft.PromptTuningConfig(**virtual),
        "p-tuning": lambda: peft.PromptEncoderConfig(**virtual, encoder_hidden_size=24),
        "prefix": lambda: peft.PrefixTuningConfig(**prefix),
    }
    absent = (NOT_FOR_TAGS if head == "tags" else ()) + (("prefix",) if encoder in NO_PREFIX else ())
    return {name: config for name, config in all_of_it.items() if name not in absent}


def names(architecture):
    if architecture.rpartition("-")[0] in checkpoints.ENCODERS:
        return [*headed(architecture)]
    return [case for case in CASES if CASES[case](architecture) is not None]


def of(architecture, case):
    return headed(architecture)[case]() if architecture.rpartition("-")[0] in checkpoints.ENCODERS else CASES[case](architecture)


def merges(config, task):
    """Merged checkpoints of models with a head are compared too."""
    return hasattr(task, "merged") and not getattr(config, "is_prompt_learning", False)
