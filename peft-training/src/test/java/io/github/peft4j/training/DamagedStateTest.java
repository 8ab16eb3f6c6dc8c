package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.RunState;
import io.github.peft4j.training.internal.state.SavedRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A checkpoint's state as a careless or hostile hand leaves it: refused with the file, the value and what was expected. */
class DamagedStateTest {

    private static final TrainingConfig CONFIG =
            TrainingConfig.builder().steps(6).batchSize(2).learningRate(0.01).build();

    @TempDir
    private static Path folder;

    private static Path checkpoint;
    private static String state;

    @BeforeAll
    static void train() throws IOException {
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0)) {
            run.tuner(CONFIG.toBuilder().steps(4).saveEvery(2).build())
                    .checkpointsIn(folder.resolve("output"))
                    .train(Golden.rows());
        }
        checkpoint = folder.resolve("output/checkpoint-4");
        state = Files.readString(checkpoint.resolve(RunState.FILE));
    }

    private record Damage(String from, String to, String problem) {
        @Override
        public String toString() {
            return to.isEmpty() ? from + " left out" : to;
        }
    }

    static Stream<Damage> damages() {
        String steps = "global_step is %s, expected a whole number from 0 to 4";
        return Stream.of(
                new Damage("\"global_step\": 4", "\"global_step\": -5", String.format(steps, "-5")),
                new Damage("\"global_step\": 4", "\"global_step\": 5", String.format(steps, "5")),
                new Damage("\"global_step\": 4", "\"global_step\": \"4\"", String.format(steps, "\"4\"")),
                new Damage("\"global_step\": 4", "\"global_step\": 4.0", String.format(steps, "4.0")),
                new Damage("\"global_step\": 4", "\"global_step\": null", String.format(steps, "null")),
                new Damage("\"global_step\": 4", "\"global_step\": 1e30", String.format(steps, "1e+30")),
                new Damage("\"global_step\": 4,", "", String.format(steps, "absent")),
                new Damage(
                        "\"global_step\": 4",
                        "\"global_step\": 2",
                        "global_step is 2, expected 4 as in the folder's name"),
                new Damage(
                        "\"max_steps\": 4",
                        "\"max_steps\": 0",
                        "max_steps is 0, expected a whole number from 1 to 281474976710656"),
                new Damage(
                        "\"max_steps\": 4",
                        "\"max_steps\": 99999999999999999999",
                        "max_steps is 99999999999999999999, expected a whole number from 1 to"),
                new Damage(
                        "\"batches_per_epoch\": 5",
                        "\"batches_per_epoch\": 0",
                        "batches_per_epoch is 0, expected a whole number from 1 to"),
                new Damage(
                        "\"batches_per_epoch\": 5",
                        "\"batches_per_epoch\": 4",
                        "batches_per_epoch is 4, expected 5 by the same data and settings"),
                new Damage(
                        "\"gradient_accumulation_steps\": 1",
                        "\"gradient_accumulation_steps\": -1",
                        "gradient_accumulation_steps is -1, expected a whole number from 1 to 2147483647"),
                new Damage(
                        "\"gradient_accumulation_steps\": 1",
                        "\"gradient_accumulation_steps\": 4294967297",
                        "gradient_accumulation_steps is 4294967297, expected a whole number from 1 to 2147483647"),
                new Damage(
                        "\"num_input_tokens_seen\": ",
                        "\"num_input_tokens_seen\": -",
                        ", expected a whole number from 0 to 281474976710656"),
                new Damage(
                        "\"log_history\": [", "\"log_history\": 7, \"other\": [", "log_history is 7, expected a list"),
                new Damage(
                        "\"log_history\": [",
                        "\"log_history\": [ \"x\",",
                        "log_history[0] is \"x\", expected an object"),
                new Damage(
                        "\"step\": 3", "\"step\": 9", "log_history[2].step is 9, expected a whole number from 2 to 4"),
                new Damage(
                        "\"step\": 3", "\"step\": 1", "log_history[2].step is 1, expected a whole number from 2 to 4"),
                new Damage(
                        "\"step\": 3",
                        "\"more\": \"low\", \"step\": 3",
                        "log_history[2].more is \"low\", expected a number"),
                new Damage(
                        "\"settings\": {",
                        "\"settings\": [], \"other\": {",
                        "settings is [], expected an object of texts"),
                new Damage("\"seed\": \"42\"", "\"seed\": 42", "settings.seed is 42, expected a text"),
                new Damage(
                        "\"format\": 1",
                        "\"format\": \"1\"",
                        "was not written by this version: expected format 1 under stateful_callbacks.peft4j, got \"1\""));
    }

    /** A copy of the checkpoint, under its own name, that something was done to. */
    private static Path damaged(Path into, Consumer<Path> damage) throws IOException {
        Path copy = Files.createDirectories(into.resolve("checkpoint-4"));
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        damage.accept(copy);
        return copy;
    }

    private static void requireRefused(Path damaged, String file, String problem) throws IOException {
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0)) {
            float[] before = run.weights();
            assertThatThrownBy(() -> run.tuner(CONFIG).resumeFrom(damaged).train(Golden.rows()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(damaged.resolve(file).toString())
                    .hasMessageContaining(problem);
            assertThat(run.weights()).as("the weights").containsExactly(before);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void aStateThatCannotBeIsRefused(Damage damage, @TempDir Path copy) throws IOException {
        assertThat(state).contains(damage.from);
        Path damaged = damaged(copy, into -> write(into.resolve(RunState.FILE), state.replace(damage.from, damage.to)));
        requireRefused(damaged, RunState.FILE, damage.problem);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void allThatIsWrongIsInOneMessage(@TempDir Path copy) throws IOException {
        String bad = state.replace("\"global_step\": 4", "\"global_step\": -5")
                .replace("\"batches_per_epoch\": 5", "\"batches_per_epoch\": true")
                .replace("\"seed\": \"42\"", "\"seed\": null");
        Path damaged = damaged(copy, into -> write(into.resolve(RunState.FILE), bad));
        requireRefused(damaged, RunState.FILE, " holds what cannot be (3 problems): ");
        requireRefused(damaged, RunState.FILE, "global_step is -5, ");
        requireRefused(damaged, RunState.FILE, "; batches_per_epoch is true, ");
        requireRefused(damaged, RunState.FILE, "; settings.seed is null, expected a text");
    }

    @Test
    void aFolderOfAnotherNameNeedNotAgreeWithIt(@TempDir Path copy) throws IOException {
        Path renamed = Files.move(damaged(copy, into -> {}), copy.resolve("my-favourite"));
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0)) {
            assertThat(run.tuner(CONFIG)
                            .resumeFrom(renamed)
                            .train(Golden.rows())
                            .steps())
                    .isEqualTo(6);
        }
        Path asAnother = Files.move(renamed, copy.resolve("checkpoint-3"));
        requireRefused(asAnother, RunState.FILE, "global_step is 4, expected 3 as in the folder's name");
    }

    private static void optimizer(Path into, String prefix, float value) {
        Path file = into.resolve(SavedRun.OPTIMIZER);
        List<TensorSource> tensors = new ArrayList<>();
        try (Checkpoint saved = Checkpoint.open(checkpoint.resolve(SavedRun.OPTIMIZER))) {
            for (String name : saved.names()) {
                ByteBuffer bytes = ByteBuffer.allocateDirect(
                                (int) saved.info(name).byteSize())
                        .order(ByteOrder.LITTLE_ENDIAN);
                bytes.put(saved.bytes(name)).flip();
                if (name.startsWith(prefix)) {
                    bytes.putFloat(0, value);
                }
                tensors.add(TensorSource.of(saved.info(name), bytes));
            }
            Files.delete(file);
            SafetensorsWriter.write(file, Map.of(), tensors);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theOptimizerMustHaveTakenAsManySteps(@TempDir Path copy) throws IOException {
        Path damaged = damaged(copy, into -> optimizer(into, "step", 2));
        requireRefused(damaged, SavedRun.OPTIMIZER, "step is 2.0, expected 4 as in trainer_state.json");
    }

    @Test
    void numbersOfAnotherFormatAreRefused(@TempDir Path copy) throws IOException {
        Path damaged = damaged(copy, into -> {
            try (Checkpoint saved = Checkpoint.open(checkpoint.resolve(SavedRun.OPTIMIZER))) {
                List<TensorSource> tensors = new ArrayList<>();
                for (String name : saved.names()) {
                    TensorInfo info = new TensorInfo(
                            name, StoredType.F16, saved.info(name).shape());
                    tensors.add(TensorSource.of(info, ByteBuffer.allocateDirect((int) info.byteSize())));
                }
                Files.delete(into.resolve(SavedRun.OPTIMIZER));
                SafetensorsWriter.write(into.resolve(SavedRun.OPTIMIZER), Map.of(), tensors);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        requireRefused(damaged, SavedRun.OPTIMIZER, "toy.weight is stored as F16, expected F32; ");
    }

    @Test
    void momentsThatNoStepLeavesAreRefused(@TempDir Path copy) throws IOException {
        Path damaged = damaged(copy, into -> optimizer(into, "exp_avg_sq.", -1));
        requireRefused(damaged, SavedRun.OPTIMIZER, "toy.weight holds negative values, expected means of squares");
        Path infinite = damaged(copy.resolve("2"), into -> optimizer(into, "exp_avg.", Float.POSITIVE_INFINITY));
        requireRefused(infinite, SavedRun.OPTIMIZER, "toy.weight holds values that are not finite");
    }
}
