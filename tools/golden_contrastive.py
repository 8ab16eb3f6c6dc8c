#!/usr/bin/env python3
"""Records what sentence-transformers and PEFT make of pairs of texts on a toy model, for the tests of peft-training.

Needs torch 2.7.1, transformers 5.23.0, sentence-transformers 6.2.0 and peft 0.21.2. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_contrastive.py          (writes peft-training/src/test/resources/golden/contrastive)

The folder is a sentence-transformers model of BERT's kind with random weights; golden.json has rows, losses, gradients, ten steps of training, and
metrics. start/ and trained/ are the LoRA adapters before and after these steps on rows with negatives, as SentenceTransformer.save_pretrained writes them.
"""

import json
import pathlib
import shutil
import tempfile

import peft
import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss, MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

TARGET = pathlib.Path(__file__).resolve().parent.parent / "peft-training/src/test/resources/golden/contrastive"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "red blue green small large old new cat dog bird tree house river road sleeps runs sings grows stands flows leads the a in on by".split()
STEPS, BATCH, ACCUMULATION, RATE, SCALE = 10, 4, 2, 2e-2, 20.0


def base(folder):
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(SPECIAL + WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    config = transformers.BertConfig(
        vocab_size=len(SPECIAL + WORDS), hidden_size=16, intermediate_size=26, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=24, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = transformers.BertModel(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.normal_(1.0 if "LayerNorm" in name and name.endswith("weight") else 0.0, 0.3)
    model.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
        model_max_length=24).save_pretrained(folder)


def sentences(count):
    """Of two to nine words."""
    pick = lambda: WORDS[int(torch.randint(0, len(WORDS), ()))]
    return [" ".join(pick() for _ in range(int(torch.randint(2, 10, ())))) for _ in range(count)]


def rows(count, negatives):
    texts = sentences(count * (2 + negatives))
    made = []
    for i in range(count):
        own = texts[i * (2 + negatives) : (i + 1) * (2 + negatives)]
        row = {"anchor": own[0], "positive": own[1]}
        if negatives:
            row["negative"] = own[2] if negatives == 1 else own[2:]
        made.append(row)
    return made


def columns(model, batch):
    """What a collator makes of rows: a padded batch of each column."""
    texts = [[row["anchor"] for row in batch], [row["positive"] for row in batch]] if "anchor" in batch[0] else [
        [row["text"] for row in batch], [row["text_pair"] for row in batch]]
    if "negative" in batch[0]:
        lists = [row["negative"] if isinstance(row["negative"], list) else [row["negative"]] for row in batch]
        texts += [list(column) for column in zip(*lists)]
    return [dict(model.preprocess(column)) for column in texts]


def labels(batch):
    return torch.tensor([row["score"] for row in batch]) if "score" in batch[0] else None


def adapted(folder):
    model = SentenceTransformer(str(folder), device="cpu")
    torch.manual_seed(5)
    model.add_adapter(peft.LoraConfig(
        task_type=peft.TaskType.FEATURE_EXTRACTION, r=2, lora_alpha=4, target_modules=["query", "value"], init_lora_weights=False))
    return model


def trainable(model):
    return {name.replace(".default", "").removeprefix("0.model."): p for name, p in model.named_parameters() if p.requires_grad}


def case(folder, name, data, make):
    """Loss and gradients of the first rows, and ten steps over all of them in their order."""
    model = adapted(folder)
    loss = make(model)
    first = loss(columns(model, data[:BATCH]), labels(data[:BATCH]))
    first.backward()
    out = {
        "rows": data, "loss": first.item(),
        "gradients": {key: p.grad.flatten().tolist() for key, p in trainable(model).items()},
    }
    model = adapted(folder)
    loss = make(model)
    parameters = list(trainable(model).values())
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    schedule = transformers.get_scheduler("linear", optimizer, num_warmup_steps=0, num_training_steps=STEPS)
    trace = []
    for step in range(STEPS):
        total = 0.0
        for micro in range(ACCUMULATION):
            start = (step * ACCUMULATION + micro) * BATCH % len(data)
            batch = data[start : start + BATCH]
            value = loss(columns(model, batch), labels(batch)) / ACCUMULATION
            value.backward()
            total += value.item()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0).item()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        trace.append({"loss": total, "grad_norm": norm})
    out["trace"] = trace
    out["vectors_after"] = model.encode([row.get("anchor", row.get("text")) for row in data[:3]]).tolist()
    return out, model


def searched(folder):
    """Held-out rows of which some share an anchor or a text, and what the evaluator and the loss say of all of them at once."""
    data = rows(14, 2)
    data[3]["anchor"] = data[1]["anchor"]
    data[5]["positive"] = data[2]["positive"]
    data[7]["negative"][0] = data[0]["positive"]
    model = adapted(folder)
    documents = list(dict.fromkeys(text for row in data for text in [row["positive"], *row["negative"]]))
    number = {text: f"{i:04d}" for i, text in enumerate(documents)}
    queries = list(dict.fromkeys(row["anchor"] for row in data))
    evaluator = InformationRetrievalEvaluator(
        queries={f"q{i}": text for i, text in enumerate(queries)},
        corpus={number[text]: text for text in documents},
        relevant_docs={f"q{i}": {number[row["positive"]] for row in data if row["anchor"] == text} for i, text in enumerate(queries)})
    found = {key.removeprefix("cosine_"): float(value) for key, value in evaluator(model).items()}
    with torch.no_grad():
        loss = MultipleNegativesRankingLoss(model, scale=SCALE)(columns(model, data), None).item()
    return {"rows": data, "loss": loss, "metrics": found}


def places():
    """Queries with several relevant documents in given places, and what the evaluator says of them."""
    queries = []
    for _ in range(25):
        count = int(torch.randint(1, 13, ()))
        queries.append(sorted(torch.randperm(150)[:count].add(1).tolist()))
    evaluator = InformationRetrievalEvaluator(
        queries={f"q{i}": "" for i in range(len(queries))}, corpus={str(d): "" for d in range(150)},
        relevant_docs={f"q{i}": {str(place) for place in own} for i, own in enumerate(queries)})
    hits = [{"corpus_id": str(place), "score": 1 - place / 200} for place in range(1, 151)]
    found = evaluator.compute_metrics([hits] * len(queries))
    return {"queries": queries, "metrics": {key.replace("@k", f"@{k}"): float(value) for key, by in found.items() for k, value in by.items()}}


def save_adapter(model, folder):
    """The adapter alone, without the path of a folder that is gone."""
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        folder.mkdir()
        shutil.copy(pathlib.Path(saved) / "adapter_model.safetensors", folder)
        settings = json.loads((pathlib.Path(saved) / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = None
    (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def scored(count):
    texts = sentences(count * 2)
    return [{"text": texts[2 * i], "text_pair": texts[2 * i + 1], "score": round(float(torch.rand(())), 3)} for i in range(count)]


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    torch.manual_seed(11)
    with tempfile.TemporaryDirectory() as plain:
        base(plain)
        transformer = Transformer(plain)
        SentenceTransformer(modules=[transformer, Pooling(16, pooling_mode="mean"), Normalize()], device="cpu").save_pretrained(str(TARGET))
    (TARGET / "README.md").unlink()
    save_adapter(adapted(TARGET), TARGET / "start")
    golden = {"versions": {m.__name__: m.__version__ for m in (torch, transformers, sentence_transformers, peft)},
              "batch": BATCH, "accumulation": ACCUMULATION, "learning_rate": RATE}
    ranking = lambda scale: lambda model: MultipleNegativesRankingLoss(model, scale=scale)
    golden["pairs"], _ = case(TARGET, "pairs", rows(16, 0), ranking(SCALE))
    golden["negatives"], model = case(TARGET, "negatives", rows(16, 2), ranking(SCALE))
    golden["scale"], _ = case(TARGET, "scale", rows(8, 1), ranking(7.5))
    golden["scale"]["scale"] = 7.5
    golden["scores"], _ = case(TARGET, "scores", scored(16), CosineSimilarityLoss)
    golden["search"] = searched(TARGET)
    golden["places"] = places()
    save_adapter(model, TARGET / "trained")
    (TARGET / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
