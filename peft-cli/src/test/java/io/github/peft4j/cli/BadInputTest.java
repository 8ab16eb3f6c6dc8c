package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Input that cannot be used: exit code 2, one line that says what is wrong, and nothing written. In a case's command line {@code M} stands
 * for a good model, {@code D} for good rows, {@code A} for a good adapter, {@code O} for a new output folder and {@code ~} for the folder
 * that all of it lies in.
 */
class BadInputTest {

    @TempDir
    private static Path work;

    @BeforeAll
    static void write() throws IOException {
        Toy.model(work.resolve("model"));
        Toy.modelWithText(work.resolve("text-model"));
        Toy.rows(work.resolve("rows.jsonl"), 6);
        CommandRun adapter = run("train --model M --data D --output ~/adapter --steps 1");
        assertThat(adapter.code()).as(adapter.err()).isZero();
        UnusableInput unusable = new UnusableInput(work);
        unusable.models();
        Path bloom = ToyModel.BLOOM.write(work.resolve("bloom"));
        run("train --model " + bloom + " --data D --output ~/bloom-adapter --steps 1");
        unusable.adapters();
        unusable.rows();
        Files.createDirectories(work.resolve("empty"));
        Toy.text(Files.createDirectories(work.resolve("full")).resolve("file"), "x");
    }

    static Stream<Arguments> cases() {
        return Stream.of(models(), adapters(), methods(), data(), training(), machine(), generation())
                .flatMap(part -> part);
    }

    private static Stream<Arguments> models() {
        return Stream.of(
                bad("train --data D --output O", "missing --model: expected a checkpoint folder or a hub id"),
                bad("train --model ~/nothing --data D --output O", "no checkpoint folder at ~/nothing"),
                bad(
                        "eval --model no-one/nothing --data D",
                        "no checkpoint folder at no-one/nothing, and on the hub: the model"),
                bad("eval --model D --data D", "expected a folder with config.json and weights, found a file"),
                bad("eval --model ~/empty --data D", "no config.json in ~/empty"),
                bad("eval --model ~/no-json --data D", "config.json is no valid JSON"),
                bad("eval --model ~/unknown --data D", "no architecture for model_type \"mamba\""),
                bad(
                        "eval --model ~/no-weights --data D",
                        "no checkpoint in ~/no-weights: expected one of model.safetensors"),
                bad("eval --model ~/truncated --data D", "model.safetensors"),
                bad("inspect ~/truncated", "model.safetensors"),
                bad("eval --model ~/shapes --data D", "expected [32, 16]"),
                bad("eval --model ~/pickle --data D", "os.system"),
                bad("inspect ~/pickle", "os.system"),
                bad("inspect ~/empty", "~/empty holds neither a checkpoint nor an adapter"),
                bad("inspect", "missing DIR: expected a checkpoint or adapter folder"),
                bad("estimate --model ~/unknown", "no architecture for model_type \"mamba\""),
                bad("estimate", "missing --model"));
    }

    private static Stream<Arguments> adapters() {
        return Stream.of(
                bad("eval --model M --data D --adapter ~/nothing", "--adapter: no adapter folder at ~/nothing"),
                bad("eval --model M --data D --adapter ~/empty", "adapter_config.json"),
                bad("eval --model M --data D --adapter ~/no-config", "adapter_config.json"),
                bad("eval --model M --data D --adapter ~/no-adapter-weights", "adapter_model.safetensors"),
                bad("inspect ~/no-adapter-weights", "Can't find weights in ~/no-adapter-weights"),
                bad("eval --model M --data D --adapter ~/unknown-type", "POLY"),
                bad("eval --model M --data D --adapter ~/unsupported", "use_qalora"),
                bad("eval --model M --data D --adapter ~/bloom-adapter", "does not fit"),
                bad(
                        "merge --model M --adapter ~/classifier --output O",
                        "does not fit the model (1 problem): missing base_model.model.score.weight [2, 16]"),
                bad("merge --model M --output O", "missing --adapter"),
                bad("merge --model M --adapter A", "missing --output"),
                bad("merge --model M --adapter A --output ~/full", "the output folder ~/full is not empty"),
                bad("merge --model M --adapter ~/bloom-adapter --output O", "does not fit"),
                bad(
                        "train --model M --data D --output O --init-adapter ~/nothing",
                        "--init-adapter: no adapter folder"),
                bad("train --model M --data D --output O --init-adapter A --method lora", "leave out --method"));
    }

    private static Stream<Arguments> methods() {
        return Stream.of(
                bad(
                        "train --model M --data D --output O --method lorra",
                        "unknown method \"lorra\": did you mean lora"),
                bad("estimate --model M --method qlora", "did you mean lora with --quantize nf4?"),
                bad("estimate --model M --method xyzzy", "unknown method \"xyzzy\": expected one of "),
                bad(
                        "train --model M --data D --output O --set rank=4",
                        "unknown key rank: did you mean rank_pattern or r? (--method lora)"),
                bad(
                        "train --model M --data D --output O --set task_type=SEQ_CLS",
                        "task_type SEQ_CLS needs another kind of model than a LlamaForCausalLM, whose head is for"
                                + " causal-lm: expected CAUSAL_LM, or null for none"),
                bad("train --model M --data D --output O --set task_type=FEATURE_EXTRACTION", "needs another kind"),
                bad("train --model M --data D --output O --set r=many", "r must be a whole number, got \"many\""),
                bad("train --model M --data D --output O --set r=0", "r"),
                bad("train --model M --data D --output O --set r", "--set must be KEY=VALUE, got \"r\""),
                bad("train --model M --data D --output O --set r=1 --set r=2", "--set names r twice"),
                bad("train --model M --data D --output O --set target_modules=query", "query"),
                bad("train --model M --data D --output O --method full --set r=1", "the method full has no settings"),
                bad("train --model M --data D --output O --config ~/nothing.json", "nothing.json"),
                bad("train --model M --data D --output O --config ~/config-without-type.json", "lacks peft_type"),
                bad("train --model M --data D --output O --config A/adapter_config.json --method ia3", "--method ia3"),
                bad("estimate --model M --method lorra", "unknown method \"lorra\""),
                bad("quickstart --method lorra", "unknown method \"lorra\""),
                bad("quickstart --all --method lora", "--all and --method lora exclude each other"));
    }

    private static Stream<Arguments> data() {
        return Stream.of(
                bad("train --model M --output O", "missing --data"),
                bad("eval --model M", "missing --data"),
                bad("train --model M --data ~/nothing.jsonl --output O", "no data file at ~/nothing.jsonl"),
                bad(
                        "train --model M --data D --eval-data ~/nothing.jsonl --output O",
                        "no data file at ~/nothing.jsonl"),
                bad("train --model M --data ~/rows.xyz --output O", "cannot read ~/rows.xyz"),
                bad("train --model M --data ~/empty.jsonl --output O", "no rows in"),
                bad("train --model M --data ~/no-json.jsonl --output O", "~/no-json.jsonl line 2"),
                bad("train --model M --data ~/no-labels.jsonl --output O", "~/no-labels.jsonl line 1"),
                bad("train --model M --data ~/unequal.jsonl --output O", "~/unequal.jsonl line 1"),
                bad("train --model M --data ~/unsupervised.jsonl --output O", "every label is -100"),
                bad(
                        "eval --model M --data ~/first-only.jsonl",
                        "~/first-only.jsonl: no token of the 1 rows is supervised"),
                bad(
                        "train --model M --data ~/first-only.jsonl --output O",
                        "~/first-only.jsonl: no token of the 1 rows is supervised"),
                bad(
                        "train --model M --data D --eval-data ~/first-only.jsonl --output O",
                        "~/first-only.jsonl: no token of the 1 rows is supervised"),
                bad(
                        "train --model M --data ~/vocabulary.jsonl --output O",
                        "~/vocabulary.jsonl line 2: expected ids below 48"),
                bad("train --model M --data ~/text.jsonl --output O", "no tokenizer.json"),
                bad("train --model ~/text-model --data ~/chat.jsonl --output O", "~/chat.jsonl line 1"),
                bad(
                        "train --model ~/gpt2 --data ~/long.jsonl --output O",
                        "a table of 64 positions: give --max-length 64"),
                bad("eval --model ~/gpt2 --data ~/long.jsonl", "a row has 70 tokens"),
                bad("train --model M --data ~/long.jsonl --max-length 9 --output O", "longer than 9 tokens"),
                bad("train --model M --data D --template none --output O", "no template 'none'"),
                bad("eval --model M --data D --max-length 0", "--max-length must be at least 1, got 0"));
    }

    private static Stream<Arguments> training() {
        return Stream.of(
                bad("train --model M --data D --output O --steps 0", "--steps must be at least 1, got 0"),
                bad(
                        "train --model M --data D --output O --steps 1 --epochs 1",
                        "--steps 1 and --epochs 1.0 exclude each other"),
                bad("train --model M --data D --output O --epochs -1", "epochs must be above 0, got -1.0"),
                bad("train --model M --data D --output O --batch-size 0", "batch size must be at least 1, got 0"),
                bad("train --model M --data D --output O --gradient-accumulation 0", "accumulation must be at least 1"),
                bad(
                        "train --model M --data D --output O --learning-rate NaN",
                        "learning rate must be at least 0, got NaN"),
                bad("train --model M --data D --output O --schedule step", "unknown schedule \"step\""),
                bad(
                        "train --model M --data D --output O --warmup-steps -1",
                        "--warmup-steps must be at least 0, got -1"),
                bad(
                        "train --model M --data D --output O --eval-data D --best-metric loss",
                        "--best-metric has no effect without --eval-every"),
                bad(
                        "train --model M --data D --output O --eval-data D --early-stopping 2",
                        "--early-stopping has no effect without --eval-every"),
                bad(
                        "train --model M --data D --output O --eval-every 5",
                        "--eval-every has no effect without --eval-data"),
                bad("train --model M --data D --output O --keep 2", "--keep has no effect without --save-every"),
                bad("train --model M --data D --output O --save-every -1", "--save-every must be at least 0, got -1"),
                bad(
                        "train --model M --data D --output O --report pdf",
                        "--report must be any of csv, tensorboard, plot, html"),
                bad("train --model M --data D", "missing --output"),
                bad("train --model M --data D --output ~/full", "the output folder ~/full is not empty"),
                bad("train --model M --data D --output D", "there is a file of this name"),
                bad("train --model M --data D --output D/below", "rows.jsonl is no folder"),
                bad(
                        "train --model M --data D --output /proc/none/x --steps 1",
                        "the output folder /proc/none/x cannot be"));
    }

    private static Stream<Arguments> machine() {
        return Stream.of(
                bad(
                        "train --model M --data D --output O --dtype float8",
                        "--dtype: unknown dtype \"float8\": expected one of"),
                bad("eval --model M --data D --device gpu", "--device: a device must be cpu or cuda:N, got \"gpu\""),
                bad("eval --model M --data D --device cuda:99", "no device cuda:99: "),
                bad("eval --model M --data D --device cuda:99", "peft4j doctor says what is missing"),
                bad("eval --model M --data D --threads 0", "--threads must be from 1 to "),
                bad("eval --model M --data D --threads 4096", "the processors of this machine, got 4096"));
    }

    private static Stream<Arguments> generation() {
        return Stream.of(
                bad(
                        "generate --model M",
                        "nothing to continue: give one of --prompt, --prompt-ids, --prompts and --chat"),
                bad("generate --model M --prompt-ids 1 --chat", "too many kinds of prompts"),
                bad(
                        "generate --model M --prompt-ids 1,x",
                        "--prompt-ids must be token ids separated by commas, got \"x\""),
                bad("generate --model M --prompt-ids 48", "48"),
                bad("generate --model M --prompt the", "no tokenizer.json in ~/model"),
                bad("generate --model M --chat", "no tokenizer.json in ~/model"),
                bad("generate --model ~/text-model --prompts ~/nothing", "no data file at ~/nothing"),
                bad("generate --model ~/text-model --prompts ~/empty.jsonl", "no prompts in ~/empty.jsonl"),
                bad(
                        "generate --model ~/text-model --prompts ~/prompts.jsonl",
                        "~/prompts.jsonl line 2: expected prompt (text) or input_ids (a list of token ids), got the keys [\"text\"]"),
                bad(
                        "generate --model ~/text-model --prompts ~/no-json.jsonl",
                        "~/no-json.jsonl line 2: expected a value, found the end at column 14"),
                bad(
                        "generate --model M --prompt-ids 1 --num-beams 4",
                        "--num-beams 4: beam search is not in this version"),
                bad("generate --model M --prompt-ids 1 --temperature 0", "temperature must be above 0"),
                bad("generate --model M --prompt-ids 1 --top-p 2", "top_p must be between 0 and 1"),
                bad("generate --model M --prompt-ids 1 --max-new-tokens 0", "max_new_tokens must be at least 1, got 0"),
                bad("generate --model M --prompt-ids 1 --min-new-tokens 300", "min_new_tokens must be at most"),
                bad("generate --model ~/gpt2 --prompt-ids 1 --max-new-tokens 100", "has a table of 64"),
                bad("generate --model M --prompt-ids 1 --batch-size 0", "--batch-size must be at least 1, got 0"),
                bad("generate --model M --prompt-ids 1 --system x", "--system has no effect without --chat"));
    }

    private static Arguments bad(String line, String message) {
        return Arguments.of(line, message);
    }

    private static CommandRun run(String line) {
        Object[] arguments = Arrays.stream(line.split(" "))
                .map(word -> switch (word) {
                    case "M" -> work.resolve("model").toString();
                    case "D" -> work.resolve("rows.jsonl").toString();
                    case "A" -> work.resolve("adapter").toString();
                    case "O" -> work.resolve("output").toString();
                    default ->
                        word.replaceFirst("^D/", work.resolve("rows.jsonl") + "/")
                                .replaceFirst("^A/", work.resolve("adapter") + "/")
                                .replace("~", work.toString());
                })
                .toArray();
        return CommandRun.of(arguments);
    }

    private static Set<String> everything() throws IOException {
        try (Stream<Path> files = Files.walk(work)) {
            return new TreeSet<>(files.map(Path::toString).toList());
        }
    }

    @ParameterizedTest(name = "peft4j {0}")
    @MethodSource("cases")
    void badInputIsToldInOneLineAndNothingIsWritten(String line, String message) throws IOException {
        Set<String> before = everything();
        CommandRun run = run(line);
        assertThat(run.err().lines()).as(run.err()).hasSize(1);
        assertThat(run.err()).startsWith("error: ").contains(message.replace("~", work.toString()));
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isEqualTo(2);
        assertThat(everything()).isEqualTo(before);
    }
}
