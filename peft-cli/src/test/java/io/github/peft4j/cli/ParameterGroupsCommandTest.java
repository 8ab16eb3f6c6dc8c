package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which weights {@code train} trains, and at which rates. */
class ParameterGroupsCommandTest {

    @TempDir
    private Path work;

    private Path model;
    private Path data;
    private Path output;

    @BeforeEach
    void write() {
        model = Toy.model(work.resolve("model"));
        data = Toy.rows(work.resolve("rows.jsonl"), 12);
        output = work.resolve("trained");
    }

    private Object[] train(Object... more) {
        return CommandRun.and(new Object[] {"train", "--model", model, "--data", data, "--output", output}, more);
    }

    @Test
    void partsOfAModelAreTrainedAtRatesOfTheirOwn() {
        CommandRun run = CommandRun.of(train(
                "--steps",
                1,
                "--json",
                "--method",
                "full",
                "--train-layers",
                1,
                "--layer-decay",
                0.9,
                "--train",
                "q_proj,k_proj=0",
                "--train",
                ".*_proj=1e-4:0.1"));
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode last = run.lastJson();
        assertThat(last.get("trainable_parameters").asInt())
                .isPositive()
                .isLessThan(last.get("all_parameters").asInt() * 2 / 3);
    }

    @Test
    void loraPlusIsRecordedAndARunIsResumedOnlyWithTheSame() {
        assertThat(CommandRun.of(train("--steps", 2, "--save-every", 2, "--lora-plus-ratio", 16))
                        .code())
                .isZero();
        assertThat(output.resolve("checkpoint-2/trainer_state.json"))
                .content()
                .contains("\"loraplus_lr_ratio\": \"16.0\"");
        CommandRun run = CommandRun.of(train("--steps", 4, "--save-every", 2, "--lora-plus-ratio", 8, "--resume"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("loraplus_lr_ratio was 16.0, is 8.0");
    }

    @Test
    void groupsThatMakeNoSenseAreRefused() {
        refused(
                "--train must be PATTERN=RATE or PATTERN=RATE:DECAY, for example score=1e-3, got \"score\"",
                "--train",
                "score");
        refused("got \"score=fast\"", "--train", "score=fast");
        refused("\"q_porj\" names no weight (did you mean q_proj", "--train", "q_porj=1e-3");
        refused("the learning rate must be at least 0, got -1.0", "--train", "q_proj=-1");
        refused("layer decay must be above 0 and at most 1 (1: none), got 1.5", "--layer-decay", 1.5);
        refused("an adapter's own settings say which layers it is in", "--train-layers", 1);
        refused("the last 3 layers are to be trained, but the model has 2", "--method", "full", "--train-layers", 3);
        refused("LoRA+ is for low-rank updates of layers", "--method", "ia3", "--lora-plus-ratio", 4);
        refused("nothing is left to train", "--train", ".*=0");
    }

    private void refused(String message, Object... options) {
        CommandRun run = CommandRun.of(train(CommandRun.and(new Object[] {"--steps", 1}, options)));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).startsWith("error: ").contains(message);
        assertThat(output).doesNotExist();
    }
}
