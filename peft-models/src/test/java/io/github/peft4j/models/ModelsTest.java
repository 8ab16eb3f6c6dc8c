package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelsTest {

    private static final Golden LLAMA = Golden.of("llama");

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        LLAMA.close();
    }

    private static Model<LanguageHead> load(Path folder) throws CheckpointException {
        return Models.load(folder, Device.cpu(), null);
    }

    private void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> load(path))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(message);
    }

    private Path changed(Consumer<ObjectNode> change) throws IOException {
        return LLAMA.copy(folder.resolve("changed"), change);
    }

    private Path config() {
        return folder.resolve("changed").resolve("config.json");
    }

    @Test
    void saysThatThereIsNoFolder() throws IOException {
        Path none = folder.resolve("none");
        assertRefused(none, "no checkpoint folder at " + none + ": expected a folder with config.json and weights");
        Path file = Files.writeString(folder.resolve("model.safetensors"), "");
        assertRefused(
                file,
                "no checkpoint folder at " + file + ": expected a folder with config.json and weights, found a file");
    }

    @Test
    void saysThatThereIsNoConfig() {
        assertRefused(
                folder,
                "no config.json in " + folder
                        + ": expected a checkpoint folder as Hugging Face's save_pretrained writes it");
    }

    @Test
    void saysWhereAConfigIsNoJson() throws IOException {
        Path copy = LLAMA.copy(folder.resolve("bad"));
        Files.writeString(copy.resolve("config.json"), "{\n  \"model_type\": }");
        assertThatThrownBy(() -> load(copy))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(copy.resolve("config.json") + " is no valid JSON: ")
                .hasMessageContaining("at line 2, column 17");
    }

    @Test
    void saysThatThereAreNoWeights() throws IOException {
        Path copy = LLAMA.copy(folder.resolve("empty"));
        Files.delete(copy.resolve("model.safetensors"));
        assertThatThrownBy(() -> load(copy))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("no checkpoint in " + copy + ": expected one of model.safetensors");
    }

    @Test
    void namesTheArchitecturesThereAre() throws IOException {
        Path copy = changed(config -> config.put("model_type", "mamba"));
        assertRefused(
                copy,
                config()
                        + ": no architecture for model_type \"mamba\": expected one of bert, bloom, distilbert, electra, gemma, gemma2, gemma3_text, gpt2, gpt_neox, llama,"
                        + " mistral, modernbert, olmo2, opt, phi3, qwen2, qwen3, roberta, smollm3, xlm-roberta;"
                        + " another one needs a ModelFamily that builds it on the class path (CONTRIBUTING.md, Adding an"
                        + " architecture)");
        Files.writeString(config(), "{}");
        assertRefused(
                copy, config() + " lacks model_type: expected the name of an architecture, for example \"llama\"");
        Files.writeString(config(), "{\"model_type\": 3}");
        assertRefused(copy, config() + ": model_type must be text, got 3");
    }

    @Test
    void refusesOtherHeads() throws IOException {
        Path copy = changed(config -> config.putArray("architectures").add("LlamaForSequenceClassification"));
        assertRefused(
                copy,
                config() + ": the checkpoint holds a LlamaForSequenceClassification, expected a LlamaForCausalLM"
                        + ": use it for what its own head does, or take a checkpoint with the other");
        Files.writeString(config(), "{\"model_type\": \"llama\", \"architectures\": \"LlamaForCausalLM\"}");
        assertRefused(copy, config() + ": architectures must be a list of texts, got \"LlamaForCausalLM\"");
    }

    @Test
    void takesTheNamesOfItsClassThatOldCheckpointsHave() throws IOException {
        changed(config -> config.putArray("architectures").add("LLaMAForCausalLM"))
                .toFile();
        load(folder.resolve("changed")).close();
    }

    @Test
    void refusesQuantisedCheckpointsByName() throws IOException {
        Path copy = changed(config -> config.putObject("quantization_config").put("quant_method", "gptq"));
        assertRefused(
                copy,
                config() + ": quantization_config of gptq is not implemented; checkpoints without one and those of"
                        + " bitsandbytes load");
    }

    @Test
    void saysOfWhichNameASettingsValueIs() throws IOException {
        try (Golden gpt2 = Golden.of("gpt2")) {
            Path fewer = gpt2.copy(folder.resolve("fewer"), config -> config.put("num_hidden_layers", 1));
            assertThatThrownBy(() -> load(fewer))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(
                            fewer + ", whose config.json says num_hidden_layers = 1 and n_layer = 2 for one setting,"
                                    + " of which the first counts, as in transformers, does not fit its config.json (12 problems): ");
            Path odd = gpt2.copy(folder.resolve("odd"), config -> config.put("num_attention_heads", 3));
            assertThatThrownBy(() -> load(odd))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith(
                            "n_embd 20 is not a multiple of n_head 3; it says num_attention_heads = 3 and n_head = 4 for one"
                                    + " setting, of which the first counts, as in transformers");
        }
    }

    @Test
    void saysInWhichFileAValueIsBad() throws IOException {
        Path copy = changed(config -> config.put("hidden_act", "mash"));
        assertThatThrownBy(() -> load(copy))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(config() + ": unknown activation function \"mash\": expected one of [");
    }

    @Test
    void refusesFormatsThatModelsDoNotComputeIn() throws IOException {
        Path copy = changed(config -> config.put("dtype", "float8"));
        assertRefused(copy, config() + ": unknown dtype \"float8\": expected one of float32, bfloat16, float16");
    }

    /** Copies a checkpoint tensor by tensor; a null replacement leaves one out. */
    private static void rewrite(Path copy, Function<TensorSource, List<TensorSource>> change) throws IOException {
        Path file = copy.resolve("model.safetensors");
        Path old = Files.move(file, copy.resolve("old.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(old)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : checkpoint.names()) {
                tensors.addAll(change.apply(TensorSource.of(checkpoint, name)));
            }
            SafetensorsWriter.write(file, Map.of(), tensors);
        }
        Files.delete(old);
    }

    private static TensorSource zeros(String name, StoredType type, Long... shape) {
        TensorInfo info = new TensorInfo(name, type, List.of(shape));
        return TensorSource.of(info, ByteBuffer.allocate((int) info.byteSize()));
    }

    @Test
    void listsAllThatDoesNotFitInOneMessage() throws IOException {
        Path copy = LLAMA.copy(folder.resolve("misfit"));
        rewrite(copy, tensor -> switch (tensor.info().name()) {
            case "model.norm.weight" -> List.of();
            case "lm_head.weight" -> List.of(zeros("lm_head.weight", StoredType.F32, 37L, 15L));
            case "model.layers.0.mlp.up_proj.weight" ->
                List.of(zeros(tensor.info().name(), StoredType.I64, 26L, 16L));
            case "model.embed_tokens.weight" ->
                List.of(tensor, zeros("model.layers.0.self_attn.q_proj.bias", StoredType.F32, 24L));
            default -> List.of(tensor);
        });
        assertThatThrownBy(() -> load(copy))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(copy + " does not fit its config.json (4 problems): ")
                .hasMessageContaining("missing model.norm.weight, expected shape [16]")
                .hasMessageContaining("lm_head.weight has shape [37, 15], expected [37, 16]")
                .hasMessageContaining(
                        "model.layers.0.mlp.up_proj.weight is stored as I64, expected F64, F32, F16 or BF16 ("
                                + copy.resolve("model.safetensors") + ")")
                .hasMessageContaining("unexpected model.layers.0.self_attn.q_proj.bias");
    }

    @Test
    void countsWhatItDoesNotList() throws IOException {
        Path copy = changed(config -> config.put("num_hidden_layers", 7));
        assertThatThrownBy(() -> load(copy))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("(45 problems): missing model.layers.2.input_layernorm.weight")
                .hasMessageEndingWith("; and 25 more");
    }

    @Test
    void ignoresOldRotaryFrequenciesAndNothingElse() throws IOException {
        Path copy = LLAMA.copy(folder.resolve("old"));
        rewrite(
                copy,
                tensor -> tensor.info().name().equals("lm_head.weight")
                        ? List.of(tensor, zeros("model.layers.0.self_attn.rotary_emb.inv_freq", StoredType.F32, 3L))
                        : List.of(tensor));
        load(copy).close();
        Path other = LLAMA.copy(folder.resolve("other"));
        rewrite(
                other,
                tensor -> tensor.info().name().equals("lm_head.weight")
                        ? List.of(tensor, zeros("model.layers.0.self_attn.rotary_emb.cos", StoredType.F32, 3L))
                        : List.of(tensor));
        assertThatThrownBy(() -> load(other))
                .hasMessageEndingWith("(1 problem): unexpected model.layers.0.self_attn.rotary_emb.cos");
    }

    @Test
    void loadsNothingPartly() throws IOException {
        try (Scope any = Scope.open(Device.cpu())) {
            Path copy = changed(config -> config.put("intermediate_size", 27));
            int before = LiveArrays.count(any);
            assertThatThrownBy(() -> load(copy)).isInstanceOf(CheckpointException.class);
            assertThat(LiveArrays.count(any)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama, dtype, float32, FLOAT32",
        "llama, dtype, bfloat16, BFLOAT16",
        "llama, torch_dtype, torch.float16, FLOAT16",
        "llama-bf16, dtype, , BFLOAT16",
        "llama-bin, dtype, , FLOAT32",
        "llama-sharded, dtype, , FLOAT32"
    })
    void computesInTheCheckpointsOwnFormatUnlessTold(String name, String key, String value, Precision expected)
            throws IOException {
        try (Golden golden = Golden.of(name)) {
            Path copy = golden.copy(folder.resolve("copy"), config -> {
                config.remove("dtype");
                if (value != null) {
                    config.put(key, value);
                }
            });
            try (Model<LanguageHead> own = load(copy);
                    Model<LanguageHead> told = Models.load(copy, Device.cpu(), Precision.FLOAT16)) {
                assertThat(own.precision()).isEqualTo(expected);
                assertThat(own.weightsByPath().values()).allMatch(weight -> weight.precision() == expected);
                assertThat(told.precision()).isEqualTo(Precision.FLOAT16);
            }
        }
    }

    @Test
    void computesInFloat16() throws IOException {
        try (Model<LanguageHead> half = Models.load(LLAMA.folder(), Device.cpu(), Precision.FLOAT16);
                Scope scope = half.scope().child()) {
            float[] logits = scope.kernels().toFloats(half.logits(scope, ModelInput.of(LLAMA.rows())));
            float[] expected = LLAMA.floats("logits");
            // 11 bits instead of bfloat16's 8: an eighth of its error, and a half more for chance.
            double error = Golden.distance(LLAMA.floats("bfloat16"), expected);
            assertThat(Golden.distance(logits, expected)).isLessThan(error / 8 * 1.5);
        }
    }

    /** A head that no service has. */
    @SuppressWarnings("UnusedMethod")
    private abstract static class Unknown extends Head {
        Unknown(Linear layer) {
            super("unknown", layer);
        }
    }

    @Test
    void saysThatAnArchitectureHasNoHeadOfAKind() {
        assertThatThrownBy(() -> Models.load(LLAMA.folder(), LoadOptions.on(Device.cpu()), Unknown.class))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        LLAMA.folder().resolve("config.json")
                                + ": model_type llama is implemented as LlamaForCausalLM, LlamaForSequenceClassification, LlamaForTokenClassification, LlamaModel, expected one with a Unknown");
    }

    @Test
    void loadsAsAnyKindThatIsAskedFor() throws IOException {
        try (Model<?> model = Models.load(LLAMA.folder(), LoadOptions.on(Device.cpu()), Head.class)) {
            assertThat(model.head()).isInstanceOf(LanguageHead.class);
            assertThat(model.anatomy().className()).isEqualTo("LlamaForCausalLM");
        }
    }
}
