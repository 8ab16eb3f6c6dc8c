package io.github.peft4j.core.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.FakeAdapter;
import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.Golden;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MergedCheckpointTest {

    @TempDir
    private Path folder;

    private PeftModel<?> attach(Model<LanguageHead> model, FakeConfig config) {
        return PeftModel.attach(model, config, AttachContext.of(0), FakeMethod.ALONE);
    }

    private Path source(boolean tied) {
        return Toy.write(folder.resolve("base"), tied);
    }

    private static void change(Weight weight) {
        weight.scope().kernels().scaleInto(weight.array(), -1.25);
    }

    private static Set<String> tensors(Path written) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(written)) {
            return checkpoint.names();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theWrittenModelComputesWhatTheAdaptedOneDoes(boolean tied) throws IOException {
        Path merged = folder.resolve("merged");
        float[] adapted;
        try (Model<LanguageHead> model = Toy.load(source(tied))) {
            PeftModel<?> peft =
                    attach(model, FakeConfig.of("q_proj", "down_proj").withInitial(1.5));
            adapted = Toy.logits(model);
            assertThat(peft.saveMerged(merged).largest()).isPositive();
            assertThat(tensors(merged)).hasSize(Toy.shapes(tied).size());
            assertThat(Toy.logits(model)).as("the model afterwards").containsExactly(adapted);
        }
        assertThat(merged.resolve("config.json")).hasSameTextualContentAs(folder.resolve("base/config.json"));
        try (Checkpoint checkpoint = Checkpoint.open(merged)) {
            assertThat(checkpoint.names())
                    .containsExactlyInAnyOrderElementsOf(Toy.shapes(tied).keySet());
        }
        try (Model<LanguageHead> model = Toy.load(merged)) {
            assertThat(Toy.logits(model)).containsExactly(adapted, Offset.offset(1e-5f));
        }
    }

    @Test
    void copiesTakeThePlaceOfWhatTheyAreCopiesOf() throws IOException {
        Path merged = folder.resolve("merged");
        float[] adapted;
        try (Model<LanguageHead> model = Toy.load(source(false))) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj").saving("lm_head", "model.norm"));
            peft.adapter().parameters().values().forEach(MergedCheckpointTest::change);
            adapted = Toy.logits(model);
            peft.saveMerged(merged);
            assertThat(tensors(merged)).hasSize(21);
        }
        try (Model<LanguageHead> model = Toy.load(merged)) {
            assertThat(Toy.logits(model)).containsExactly(adapted, Offset.offset(1e-5f));
        }
    }

    @Test
    void aTiedHeadThatWasTrainedApartIsWrittenApart() throws IOException {
        Path merged = folder.resolve("merged");
        float[] adapted;
        try (Model<LanguageHead> model = Toy.load(source(true))) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj").saving("lm_head"));
            peft.adapter().parameters().values().forEach(MergedCheckpointTest::change);
            adapted = Toy.logits(model);
            peft.saveMerged(merged);
        }
        assertThat(Golden.read(merged.resolve("config.json")))
                .containsEntry("tie_word_embeddings", false)
                .containsEntry("rms_norm_eps", 1e-6)
                .containsEntry("architectures", List.of("LlamaForCausalLM"));
        try (Model<LanguageHead> model = Toy.load(merged)) {
            assertThat(model.anatomy().headIsTied()).isFalse();
            assertThat(Toy.logits(model)).containsExactly(adapted, Offset.offset(1e-5f));
        }
    }

    @Test
    void theFormatIsTheModelsAndTheConfigSaysSo() throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> model = Toy.load(source(false), Precision.BFLOAT16)) {
            attach(model, FakeConfig.of("q_proj").saving("lm_head").withInitial(1.5))
                    .saveMerged(merged);
        }
        assertThat(Golden.read(merged.resolve("config.json"))).containsEntry("dtype", "bfloat16");
        try (Checkpoint checkpoint = Checkpoint.open(merged)) {
            for (String name : checkpoint.names()) {
                assertThat(checkpoint.info(name).type()).hasToString("BF16");
            }
        }
    }

    @Test
    void aLargeModelIsWrittenInShards() throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> model = Toy.load(source(false))) {
            attach(model, FakeConfig.of("q_proj")).saveMerged(merged, 4096);
        }
        try (Stream<Path> files = Files.list(merged)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("model.safetensors.index.json", "model-00001-of-00006.safetensors")
                    .doesNotContain("model.safetensors");
        }
        try (Model<LanguageHead> model = Toy.load(merged)) {
            assertThat(model.parameterCount()).isEqualTo(4944);
        }
    }

    @Test
    void theTokenizerComesAlong() throws IOException {
        Path base = source(false);
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")) {
            Files.writeString(base.resolve(name), name);
        }
        Files.writeString(base.resolve("notes.txt"), "not needed");
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> model = Toy.load(base)) {
            attach(model, FakeConfig.of("q_proj")).saveMerged(merged);
        }
        assertThat(merged.resolve("chat_template.jinja")).hasContent("chat_template.jinja");
        assertThat(merged.resolve("tokenizer.json")).exists();
        assertThat(merged.resolve("notes.txt")).doesNotExist();
    }

    @Test
    void onlyActiveAdaptersAreWrittenAndMergedOnesStayMerged() throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> model = Toy.load(source(false))) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj").withInitial(1.5));
            peft.add(FakeConfig.of("q_proj").withInitial(7), new AttachContext("b", 0, true));
            WeightChange change = peft.mergeActive();
            float[] expected = Toy.logits(model);
            assertThat(peft.saveMerged(merged)).isEqualTo(change);
            assertThat(peft.status().adapters().get(0).merged()).isTrue();
            assertThat(Toy.logits(model)).containsExactly(expected);
            peft.deactivate();
            assertThat(peft.saveMerged(folder.resolve("plain"))).isEqualTo(WeightChange.NONE);
        }
        try (Checkpoint one = Checkpoint.open(folder.resolve("plain"));
                Checkpoint other = Checkpoint.open(folder.resolve("base"))) {
            for (String name : other.names()) {
                assertThat(one.bytes(name)).isEqualTo(other.bytes(name));
            }
        }
    }

    @Test
    void theBaseModelItselfIsNotOverwritten() throws IOException {
        Path base = source(false);
        Path link = Files.createSymbolicLink(folder.resolve("link"), base);
        try (Model<LanguageHead> model = Toy.load(base)) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj"));
            assertThatThrownBy(() -> peft.saveMerged(link))
                    .isInstanceOf(IOException.class)
                    .hasMessage(link + " holds the base model: give another folder, so that it is not overwritten");
            assertThat(peft.status().adapters()).noneMatch(ModelStatus.OfAdapter::merged);
        }
    }

    @Test
    void anAdaptersFolderIsNotWrittenInto() throws IOException {
        Path base = source(false);
        Path adapter = folder.resolve("adapter");
        try (Model<LanguageHead> model = Toy.load(base)) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj"));
            peft.save(adapter);
            assertThatThrownBy(() -> peft.saveMerged(adapter))
                    .isInstanceOf(IOException.class)
                    .hasMessage(adapter + " holds an adapter, which transformers would put on top of the merged weights"
                            + " when it reads them: give another folder");
        }
    }

    @Test
    void aModelFromNowhereHasNoConfigToWrite() {
        try (Model<LanguageHead> model = Toy.load(source(false))) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj"));
            model.setOrigin(null);
            assertThatThrownBy(() -> peft.saveMerged(folder.resolve("merged")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the model was not loaded from a folder, so there is no config to write beside its"
                            + " weights: say where it came from with Model.setOrigin");
        }
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path base = source(false);
        Path file = Files.writeString(folder.resolve("file"), "x");
        try (Model<LanguageHead> model = Toy.load(base)) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj"));
            assertThatThrownBy(() -> peft.saveMerged(file))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Provided path (" + file + ") should be a directory, not a file");
        }
    }

    @Test
    void anAdapterThatCannotBeMergedCannotBeWrittenMerged() throws IOException {
        Path base = source(false);
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> model = Toy.load(base)) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj"));
            ((FakeAdapter) peft.adapter()).canMerge = false;
            assertThatThrownBy(() -> peft.saveMerged(merged))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("adapter 'default' of type FAKE cannot be merged into the base model's weights");
            assertThat(merged).doesNotExist();
        }
    }

    @Test
    void tiedOrNotWhatIsInUseIsWhatCounts() throws IOException {
        try (Model<LanguageHead> model = Toy.load(source(true))) {
            PeftModel<?> peft = attach(model, FakeConfig.of("q_proj").saving("lm_head"));
            peft.deactivate();
            peft.saveMerged(folder.resolve("merged"));
        }
        assertThat(Golden.read(folder.resolve("merged/config.json")))
                .containsAllEntriesOf(Map.of("tie_word_embeddings", true));
    }
}
