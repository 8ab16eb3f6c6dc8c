package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways in which checkpoints hold weights, and where the weights lie once loaded. */
class CheckpointFormsTest {

    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path folder;

    private static Model<LanguageHead> load(Path folder, Precision precision) throws IOException {
        return Models.load(folder, Device.cpu(), precision);
    }

    private static float[] logits(Model<LanguageHead> model, Golden golden) {
        try (Scope scope = model.scope().child()) {
            return scope.kernels().toFloats(model.logits(scope, ModelInput.of(golden.rows())));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama-bf16, false",
        "llama-bin, true",
        "llama-sharded, false",
        "llama-bare, true",
        "gpt2-bare, true",
        "gpt_neox-unbiased, true",
        "opt-bare, true",
        "opt-plain, false",
        "gpt2-untied, false",
        "bloom-bare, true",
        "llama-doubles, false",
        "gpt2-doubles, true"
    })
    void readsEveryFormThatTransformersWrites(String name, boolean tied) throws IOException {
        try (Golden golden = Golden.of(name);
                Model<LanguageHead> model = load(golden.folder(), Precision.FLOAT32)) {
            assertClose(name, logits(model, golden), golden.floats("logits"), TOLERANCE);
            assertThat(model.anatomy().headIsTied()).isEqualTo(tied);
        }
    }

    /** The format that a config of 64 bits asks for is the widest that models compute in. */
    @Test
    void computesInFloat32WhatIsStoredInFloat64() throws IOException {
        try (Golden golden = Golden.of("gpt2-doubles");
                Model<LanguageHead> model = Models.load(golden.folder(), Device.cpu(), null)) {
            assertThat(model.precision()).isEqualTo(Precision.FLOAT32);
            assertClose("logits", logits(model, golden), golden.floats("logits"), TOLERANCE);
        }
    }

    @Test
    void doesNotTieWhatTheFileHoldsTwice() throws IOException {
        try (Golden golden = Golden.of("gpt2-untied")) {
            Path copy = golden.copy(folder.resolve("tied"), config -> config.put("tie_word_embeddings", true));
            try (Model<LanguageHead> model = load(copy, Precision.FLOAT32)) {
                assertThat(model.anatomy().headIsTied()).isFalse();
                float[] expected = golden.floats("variant.tied by the config though the file holds two");
                assertClose("logits", logits(model, golden), expected, TOLERANCE);
            }
        }
    }

    private static Path renamed(Golden golden, Path copy, UnaryOperator<String> name) throws IOException {
        golden.copy(copy);
        Path file = copy.resolve("model.safetensors");
        Path old = Files.move(file, copy.resolve("old.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(old)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String present : checkpoint.names()) {
                TensorSource source = TensorSource.of(checkpoint, present);
                TensorInfo info = source.info();
                tensors.add(new TensorSource(
                        new TensorInfo(name.apply(info.name()), info.type(), info.shape()), source.content()));
            }
            SafetensorsWriter.write(file, Map.of(), tensors);
        }
        Files.delete(old);
        return copy;
    }

    /** As libraries write it that keep the first name of a shared tensor. */
    @Test
    void tiesToTheHeadWhereOnlyThatIsThere() throws IOException {
        try (Golden golden = Golden.of("llama-biased")) {
            Path copy = renamed(
                    golden,
                    folder.resolve("head"),
                    name -> name.equals("model.embed_tokens.weight") ? "lm_head.weight" : name);
            try (Model<LanguageHead> model = load(copy, Precision.FLOAT32)) {
                assertThat(model.anatomy().headIsTied()).isTrue();
                assertClose("logits", logits(model, golden), golden.floats("logits"), TOLERANCE);
            }
        }
    }

    @Test
    void reportsATiedWeightThatIsMissingOnce() throws IOException {
        try (Golden golden = Golden.of("llama-biased")) {
            Path copy = renamed(
                    golden,
                    folder.resolve("none"),
                    name -> name.equals("model.embed_tokens.weight") ? "model.other.weight" : name);
            assertThatThrownBy(() -> load(copy, Precision.FLOAT32))
                    .hasMessageEndingWith("(2 problems): missing model.embed_tokens.weight, expected shape [37, 18];"
                            + " unexpected model.other.weight");
        }
    }

    // ---- where weights lie

    private static float first(Weight weight) {
        return weight.scope().kernels().toFloats(weight.array())[0];
    }

    /** Overwrites the first two bytes of every tensor's data in a file that is mapped. */
    private static void scribble(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer length = ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            channel.read(length, 0);
            long start = 8 + length.getLong(0);
            byte[] pattern = new byte[(int) (channel.size() - start)];
            for (int i = 0; i < pattern.length; i += 2) {
                pattern[i + 1] = 0x42;
            }
            channel.write(ByteBuffer.wrap(pattern), start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is written to the file shows in the weights: they are the file. */
    @ParameterizedTest
    @CsvSource({
        "llama, FLOAT32, true",
        "llama, BFLOAT16, false",
        "llama-bf16, BFLOAT16, true",
        "llama-bf16, FLOAT32, false"
    })
    void usesWeightsWhereTheFileIsMappedUnlessTheyAreConverted(String name, Precision precision, boolean mapped)
            throws IOException {
        try (Golden golden = Golden.of(name)) {
            Path copy = golden.copy(folder.resolve("copy"));
            try (Model<LanguageHead> model = load(copy, precision)) {
                Weight weight = model.weightsByPath().get("model.layers.0.self_attn.q_proj.weight");
                float before = first(weight);
                scribble(copy.resolve("model.safetensors"));
                assertThat((int) first(weight) == 32).isEqualTo(mapped);
                assertThat(first(weight) == before).isEqualTo(!mapped);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FLOAT32", "BFLOAT16"})
    void copiesAMappedWeightBeforeItIsChanged(Precision precision) throws IOException {
        try (Golden golden = Golden.of("llama-bf16")) {
            Path copy = golden.copy(folder.resolve("copy"));
            byte[] file = Files.readAllBytes(copy.resolve("model.safetensors"));
            try (Model<LanguageHead> model = load(copy, precision)) {
                for (Weight weight : model.weightsByPath().values()) {
                    NDArray before = weight.array();
                    weight.makeWritable();
                    assertThat(weight.array() == before).isEqualTo(precision == Precision.FLOAT32);
                    weight.setTrainable(true);
                    assertThat(weight.precision()).isEqualTo(Precision.FLOAT32);
                    weight.scope().kernels().scaleInto(weight.array(), 2);
                }
            }
            assertThat(Files.readAllBytes(copy.resolve("model.safetensors"))).isEqualTo(file);
        }
    }

    // ---- the end

    @Test
    void refusesToWorkOnceItIsClosed() throws IOException {
        try (Golden golden = Golden.of("llama")) {
            Model<LanguageHead> model = load(golden.folder(), Precision.FLOAT32);
            Scope before = model.scope();
            int live = LiveArrays.count(before);
            model.close();
            model.close();
            assertThatThrownBy(model::scope)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this model is closed: its memory is freed");
            assertThatThrownBy(() -> logits(model, golden)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Forward.inference(model.scope())).isInstanceOf(IllegalStateException.class);
            try (Scope other = Scope.open(Device.cpu())) {
                assertThat(LiveArrays.count(other)).isLessThan(live);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 37})
    void refusesTokensThatAreNotInTheVocabulary(int id) throws IOException {
        try (Golden golden = Golden.of("llama");
                Model<LanguageHead> model = load(golden.folder(), Precision.FLOAT32);
                Scope scope = model.scope().child()) {
            assertThatThrownBy(() -> model.logits(scope, ModelInput.of(List.of(new int[] {1, id}))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("token id " + id + " is not in the vocabulary of 37 tokens: is the tokenizer that of"
                            + " this checkpoint?");
        }
    }

    @Test
    void refusesRowsLongerThanATableOfPositions() throws IOException {
        try (Golden golden = Golden.of("gpt2");
                Model<LanguageHead> model = load(golden.folder(), Precision.FLOAT32);
                Scope scope = model.scope().child()) {
            model.logits(scope, ModelInput.of(List.of(new int[48])));
            assertThatThrownBy(() -> model.logits(scope, ModelInput.of(Arrays.asList(new int[3], new int[49]))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a row has 49 positions, but gpt2 has a table of 48: shorten the rows");
        }
    }
}
