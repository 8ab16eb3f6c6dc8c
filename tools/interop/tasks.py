"""What models with a head of a kind are asked and taught, here and by the command."""
import json
import random

import checkpoints
import torch
import transformers

PROMPT, NEW = [5, 17, 33, 101, 7, 64], 12
CLASSES = 3


def apart(ours, theirs) -> float:
    return abs(ours - theirs) / max(abs(theirs), 1e-9)


def drawn(rng, shortest, longest):
    return [rng.randrange(6, checkpoints.VOCABULARY - 8) for _ in range(rng.randrange(shortest, longest))]


def filled(batch, key, value):
    longest = max(len(row["input_ids"]) for row in batch)
    return torch.tensor([row[key] + [value] * (longest - len(row[key])) for row in batch])


def padded(batch):
    longest = max(len(row["input_ids"]) for row in batch)
    mask = [[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in batch]
    return {"input_ids": filled(batch, "input_ids", 0), "attention_mask": torch.tensor(mask)}


class Task:
    def losses(self, command, base, adapter, model, data_file, data):
        """The mean loss of all rows."""
        total = count = 0
        with torch.no_grad():
            for row in data:
                total += model(**self.inputs([row], model)).loss.double().item() * self.items(row)
                count += self.items(row)
        ours = command("eval", "--model", base, "--adapter", adapter, "--data", data_file)[0][self.loss]
        difference = apart(ours, total / count)
        return f"{difference:.1e}", difference < 1e-5


class Causal(Task):
    """The next token."""

    loss = "nll"
    kind = transformers.AutoModelForCausalLM

    def rows(self):
        rng = random.Random(5)
        for _ in range(24):
            prompt = [rng.randrange(3, checkpoints.VOCABULARY - 8) for _ in range(rng.randrange(2, 9))]
            answer = [rng.randrange(3, checkpoints.VOCABULARY - 8) for _ in range(rng.randrange(3, 15))]
            yield {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}

    def inputs(self, batch, model):
        return {**padded(batch), "labels": filled(batch, "labels", -100)}

    def items(self, row):
        return sum(label != -100 for label in row["labels"][1:])

    def outputs(self, command, base, adapter, model, data_file, data):
        """Greedy tokens."""
        made = command("generate", "--model", base, "--adapter", adapter, "--prompt-ids", ",".join(map(str, PROMPT)), "--greedy",
                       "--max-new-tokens", NEW, "--min-new-tokens", NEW)[0]["ids"]
        ids = torch.tensor([PROMPT])
        with torch.no_grad():
            theirs = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW,
                                    min_new_tokens=NEW, pad_token_id=0)[0].tolist()[-NEW:]
        return "equal" if made == theirs else "differ", made == theirs

    #: What an adapter that was trained here is judged by.
    returned = Task.losses


class Headed(Task):
    """Outputs of a head that does not predict the next token; every other row has token types where a model knows them."""

    loss = "loss"

    def rows(self):
        rng = random.Random(6)
        for number in range(24):
            ids = drawn(rng, 4, 16)
            types = {"token_type_ids": [0] * (len(ids) // 2) + [1] * (len(ids) - len(ids) // 2)} if number % 2 else {}
            yield {"input_ids": ids, **types, **self.target(rng, ids)}

    def of(self, row, model):
        return row if getattr(model.config, "type_vocab_size", 0) > 1 else {key: value for key, value in row.items() if key != "token_type_ids"}

    def inputs(self, batch, model):
        given = padded(batch)
        if getattr(model.config, "type_vocab_size", 0) > 1:
            whole = [{**row, "token_type_ids": row.get("token_type_ids", [0] * len(row["input_ids"]))} for row in batch]
            given["token_type_ids"] = filled(whole, "token_type_ids", 0)
        return given

    def logits(self, model, row):
        """Of the row's own tokens where there are some of each."""
        with torch.no_grad():
            made = model(**self.inputs([row], model)).logits[0]
        return made if made.dim() == 1 else made[-len(row["input_ids"]) :]

    def outputs(self, command, base, adapter, model, data_file, data):
        """Logits of all rows."""
        made = command("predict", "--model", base, "--adapter", adapter, "--data", data_file)[: len(data)]
        return self.distance([torch.tensor(line["logits"]) for line in made], [self.logits(model, row) for row in data])

    def returned(self, *given):
        return self.outputs(*given)

    def distance(self, ours, theirs):
        """The largest difference, in parts of the largest number."""
        largest = max(row.abs().max() for row in theirs)
        worst = max(((a - b).abs().max() / largest).item() for a, b in zip(ours, theirs, strict=True))
        return f"{worst:.1e}", worst < 1e-5

    def merged(self, command, base, adapter, model, folder, data):
        """A merged checkpoint in transformers."""
        command("merge", "--model", base, "--adapter", adapter, "--output", folder)
        plain = checkpoints.load(folder, self.kind)
        return self.distance([self.logits(plain, row) for row in data], [self.logits(model, row) for row in data])


class Rows(Headed):
    """A class for each row."""

    task_type = "SEQ_CLS"
    kind = transformers.AutoModelForSequenceClassification

    def target(self, rng, ids):
        return {"label": rng.randrange(CLASSES)}

    def inputs(self, batch, model):
        return {**super().inputs(batch, model), "labels": torch.tensor([row["label"] for row in batch])}

    def items(self, row):
        return 1


class Tags(Headed):
    """A class for each token; peft expects labels of virtual tokens too."""

    task_type = "TOKEN_CLS"
    kind = transformers.AutoModelForTokenClassification

    def target(self, rng, ids):
        return {"labels": [rng.randrange(CLASSES) if rng.random() < 0.7 else -100 for _ in ids[1:]] + [0]}

    def inputs(self, batch, model):
        config = getattr(model, "active_peft_config", None)
        before = config.num_virtual_tokens if config is not None and config.peft_type in ("PROMPT_TUNING", "P_TUNING") else 0
        labels = torch.cat((torch.full((len(batch), before), -100), filled(batch, "labels", -100)), 1)
        return {**super().inputs(batch, model), "labels": labels}

    def items(self, row):
        return sum(label != -100 for label in row["labels"])


#: What stands behind an encoder's name for its head.
HEADS = {"rows": Rows(), "tags": Tags()}
CAUSAL = Causal()


def of(architecture):
    return HEADS.get(architecture.rpartition("-")[2], CAUSAL)


def write(task, config, file):
    with file.open("w") as out:
        for row in task.rows():
            out.write(json.dumps(task.of(row, config) if isinstance(task, Headed) else row) + "\n")
