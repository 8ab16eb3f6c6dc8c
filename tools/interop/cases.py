"""What is exchanged: a PEFT config per case, or None where the method does not exist for an architecture."""
import peft

FUSED = ("bloom", "gpt2")


def first(architecture):
    return {"bloom": ["query_key_value"], "gpt2": ["c_attn"]}.get(architecture, ["q_proj", "v_proj"])


def embedding(architecture):
    return {"bloom": "word_embeddings", "gpt2": "wte"}.get(architecture, "embed_tokens")


def norm(architecture):
    return {"bloom": "ln_f", "gpt2": "ln_f"}.get(architecture, "norm")


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
    """Not of heads that are wider than the hidden size has room for, as this mistral's are: PEFT fails on those."""
    return lambda a: None if a in ("bloom", "qwen2", "mistral") else peft.AdaptionPromptConfig(task_type="CAUSAL_LM", **settings)


def lycoris(config, **settings):
    """Of linear layers only: PEFT's LoHa and LoKr do not know GPT-2's."""
    return lambda a: None if a == "gpt2" else config(task_type="CAUSAL_LM", init_weights=False, **{"r": 4, "alpha": 6, "target_modules": first(a), **settings})


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
    "saved-norm": lora(modules_to_save=lambda a: [norm(a)]),
    "ia3": lambda a: peft.IA3Config(task_type="CAUSAL_LM", init_ia3_weights=False),
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
