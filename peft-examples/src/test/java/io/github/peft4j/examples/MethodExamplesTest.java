package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each example does a few steps; those made for Bloom find Bloom's layers in a Bloom checkpoint. */
class MethodExamplesTest {

    private static final Path QUICKSTART = Path.of("../peft-cli/src/main/resources/quickstart");

    @TempDir
    Path folder;

    /** An example's way from rows to an answer. */
    private interface Example {
        String run(InstructionTuning tuning) throws Exception;
    }

    private void assertRuns(Example example) throws Exception {
        assertThat(example.run(new InstructionTuning(
                        QUICKSTART, QUICKSTART.resolve("held_out.jsonl"), folder.resolve("adapter"), 2)))
                .isNotNull();
        assertThat(folder.resolve("adapter"))
                .isDirectoryContaining("glob:**/adapter_config.json")
                .isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    private void assertRunsOnBloom(Example example) throws Exception {
        assertThat(example.run(new InstructionTuning(
                        ToyCheckpoint.bloom(folder.resolve("bloom"), QUICKSTART),
                        QUICKSTART.resolve("held_out.jsonl"),
                        folder.resolve("adapter"),
                        2)))
                .isNotNull();
        assertThat(folder.resolve("adapter")).isDirectoryContaining("glob:**/adapter_config.json");
    }

    @Test
    void promptTuning() throws Exception {
        assertRunsOnBloom(PromptTuningOnBloom::run);
    }

    @Test
    void pTuning() throws Exception {
        assertRunsOnBloom(PTuningOnBloom::run);
        assertThat(folder.resolve("adapter/prompt_encoder.safetensors")).exists();
    }

    @Test
    void prefixTuningWithAndWithoutProjection() throws Exception {
        assertRunsOnBloom(PrefixTuningOnBloom::run);
        assertThat(folder.resolve("projected/prompt_encoder.safetensors")).exists();
    }

    @Test
    void loraOnBloom() throws Exception {
        assertRunsOnBloom(LoraOnBloom::run);
    }

    @Test
    void ia3OnBloom() throws Exception {
        assertRunsOnBloom(Ia3OnBloom::run);
    }

    @Test
    void loraAndBitFitOnLlama() throws Exception {
        assertRuns(LoraAndBitFitOnLlama::run);
    }

    @Test
    void llamaAdapter() throws Exception {
        assertRuns(LlamaAdapterOnAlpaca::run);
    }

    @Test
    void theComparisonTrainsEveryMethodFromTheSameModel() throws Exception {
        Path rows = QUICKSTART.resolve("held_out.jsonl");
        List<CompareMethods.Outcome> outcomes = CompareMethods.run(QUICKSTART, rows, rows, 3);
        assertThat(outcomes).hasSize(12).allSatisfy(o -> assertThat(o.nll()).isBetween(0.5, 3.06));
        assertThat(CompareMethods.table(outcomes)).contains("| lora |", "| prefix-tuning |");
        CompareMethods.plot(outcomes, folder.resolve("methods.png"));
        assertThat(folder.resolve("methods.png")).isNotEmptyFile();
    }
}
