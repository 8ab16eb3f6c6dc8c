"""Toy checkpoints of every architecture, with odd sizes and weights large enough that every part of a model shows in its logits."""
import json
from pathlib import Path

import torch
import transformers

VOCABULARY = 211

SIZES = dict(
    vocab_size=VOCABULARY, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=6, max_position_embeddings=256,
    bos_token_id=1, eos_token_id=2, pad_token_id=0)  # fmt: skip

CONFIGS = {
    "llama": lambda: transformers.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=48, intermediate_size=88, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
        head_dim=8, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, pad_token_id=0),
    "mistral": lambda: transformers.MistralConfig(
        vocab_size=VOCABULARY, hidden_size=40, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        head_dim=16, sliding_window=7, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, pad_token_id=0),
    "qwen2": lambda: transformers.Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=3,
        max_position_embeddings=256, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, pad_token_id=0),
    "bloom": lambda: transformers.BloomConfig(
        vocab_size=VOCABULARY, hidden_size=48, n_layer=3, n_head=6, bos_token_id=1, eos_token_id=2, pad_token_id=0),
    "gpt2": lambda: transformers.GPT2Config(
        vocab_size=VOCABULARY, n_embd=36, n_layer=2, n_head=3, n_positions=256, bos_token_id=1, eos_token_id=2, pad_token_id=0,
        attn_pdrop=0.0, embd_pdrop=0.0, resid_pdrop=0.0),
    "qwen3": lambda: transformers.Qwen3Config(
        **SIZES, num_key_value_heads=2, head_dim=8, attention_bias=True, use_sliding_window=True, sliding_window=7, max_window_layers=1),
    "phi3": lambda: transformers.Phi3Config(
        **SIZES, num_key_value_heads=2, original_max_position_embeddings=4, rope_parameters={
            "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0, 1.5, 2.0], "long_factor": [1.5, 3.0, 5.0],
            "partial_rotary_factor": 0.75}),
    "smollm3": lambda: transformers.SmolLM3Config(**SIZES, num_key_value_heads=2, no_rope_layer_interval=2),
    "olmo2": lambda: transformers.Olmo2Config(**SIZES, num_key_value_heads=2),
    "gpt_neox": lambda: transformers.GPTNeoXConfig(**SIZES),
    "opt": lambda: transformers.OPTConfig(
        vocab_size=VOCABULARY, hidden_size=48, ffn_dim=80, num_hidden_layers=2, num_attention_heads=6, max_position_embeddings=256,
        dropout=0.0, bos_token_id=1, eos_token_id=2, pad_token_id=0),
    "gemma": lambda: transformers.GemmaConfig(**SIZES, num_key_value_heads=1, head_dim=12),
    "gemma2": lambda: transformers.Gemma2Config(
        **SIZES, num_key_value_heads=2, head_dim=12, query_pre_attn_scalar=9, sliding_window=7, attn_logit_softcapping=2.0,
        final_logit_softcapping=8.0),
    "gemma3_text": lambda: transformers.Gemma3TextConfig(
        **SIZES, num_key_value_heads=2, head_dim=12, query_pre_attn_scalar=9, sliding_window=7,
        layer_types=["sliding_attention", "full_attention"]),
}


ENCODER = dict(
    vocab_size=VOCABULARY, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=6, max_position_embeddings=256,
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)  # fmt: skip

ROBERTA = dict(**ENCODER, type_vocab_size=1, bos_token_id=0, pad_token_id=1, eos_token_id=2)

#: With each head that tasks.py knows.
ENCODERS = {
    "bert": lambda **more: transformers.BertConfig(**ENCODER, **more),
    "distilbert": lambda **more: transformers.DistilBertConfig(
        vocab_size=VOCABULARY, dim=48, hidden_dim=80, n_layers=2, n_heads=6, max_position_embeddings=256, dropout=0.0, attention_dropout=0.0,
        seq_classif_dropout=0.0, **more),
    "roberta": lambda **more: transformers.RobertaConfig(**ROBERTA, **more),
    "xlm-roberta": lambda **more: transformers.XLMRobertaConfig(**ROBERTA, **more),
    "electra": lambda **more: transformers.ElectraConfig(**ENCODER, embedding_size=28, **more),
    "modernbert": lambda **more: transformers.ModernBertConfig(
        **{**SIZES, "num_hidden_layers": 3}, cls_token_id=1, sep_token_id=2, local_attention=5,
        layer_types=["full_attention", "sliding_attention", "full_attention"], **more),
}


def names(heads):
    return [*CONFIGS, *(f"{encoder}-{head}" for encoder in ENCODERS for head in heads)]


def write(architecture: str, folder: Path, task) -> None:
    torch.manual_seed(len(architecture))
    encoder = ENCODERS.get(architecture.rpartition("-")[0])
    config = CONFIGS[architecture]() if encoder is None else encoder(num_labels=3, problem_type="single_label_classification")
    model = task.kind.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name.lower() or "ln_" in name:
                parameter.add_(torch.randn_like(parameter) * 0.2)
            else:
                parameter.copy_(torch.randn_like(parameter) * (0.6 if "emb" in name and "project" not in name or "wte" in name else 0.25))
    model.save_pretrained(folder)


def load(folder: Path, kind=transformers.AutoModelForCausalLM):
    # Gemma 2 caps its scores in the written-out attention alone.
    written_out = "eager" if json.loads((folder / "config.json").read_text())["model_type"] == "gemma2" else None
    return kind.from_pretrained(folder, dtype=torch.float32, attn_implementation=written_out).eval()
