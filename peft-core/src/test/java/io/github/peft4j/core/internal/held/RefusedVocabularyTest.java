package io.github.peft4j.core.internal.held;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Token tables that an adapter cannot bring. */
final class RefusedVocabularyTest extends VocabularyCase {

    private void refused(Model<LanguageHead> model, String problem) {
        float[] before = Toy.logits(model);
        int live = model.scope().liveArrays();
        assertThatThrownBy(() -> load(model))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("the adapter in " + saved() + " does not fit the model (1 problem): " + problem);
        assertThat(Toy.logits(model)).containsExactly(before);
        assertThat(model.scope().liveArrays()).isEqualTo(live);
    }

    @Test
    void rowsThatNobodyHasAreNotMadeUp() throws IOException {
        try (Model<LanguageHead> model = base(false)) {
            save(model, FakeConfig.of("q_proj"), tensor(PREFIX + EMBEDDING + ".weight", MORE, 1));
            refused(
                    model,
                    "missing base_model.model.lm_head.weight [36, 16], of the adapter's vocabulary of 36 tokens, where"
                            + " the model has 32: save the adapter with save_embedding_layers=True, or enlarge the"
                            + " checkpoint itself with transformers' resize_token_embeddings and save_pretrained");
        }
    }

    @Test
    void aCopyOfATiedEmbeddingIsNoTableForTheHead() throws IOException {
        try (Model<LanguageHead> model = base(true)) {
            save(model, FakeConfig.of("q_proj").saving(EMBEDDING), tensor(PREFIX + EMBEDDING + ".weight", MORE, 1));
            assertThatThrownBy(() -> load(model))
                    .hasMessageContaining("missing base_model.model.lm_head.weight [36, 16]");
        }
    }

    @Test
    void tablesOfTwoSizesAreRefused() throws IOException {
        try (Model<LanguageHead> model = base(false)) {
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    tensor(PREFIX + EMBEDDING + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + ".weight", Toy.VOCABULARY, 2));
            assertThatThrownBy(() -> load(model)).hasMessageContaining("has shape [");
        }
    }

    /** A file of a few bytes that says it holds a table of a billion rows, as a pickle can whose rows are all one. */
    private record Boasting(Path file, String name) implements Checkpoint {
        @Override
        public Set<String> names() {
            return Set.of(name);
        }

        @Override
        public TensorInfo info(String any) {
            return new TensorInfo(name, StoredType.F32, List.of(1_000_000_000L, (long) Toy.WIDTH));
        }

        @Override
        public ByteBuffer bytes(String any) {
            throw new AssertionError("nothing is read");
        }

        @Override
        public ByteBuffer rows(String any, long from, long to) {
            throw new AssertionError("nothing is read");
        }

        @Override
        public boolean inPlace(String any) {
            return false;
        }

        @Override
        public Path source(String any) {
            return file;
        }

        @Override
        public void close() {}
    }

    @Test
    void aTableThatIsLargerThanItsFileIsRefusedBeforeAnythingIsAllocated() throws IOException {
        Path file = folder.resolve("adapter_model.bin");
        Files.write(file, new byte[1000]);
        try (Model<LanguageHead> model = base(true)) {
            int live = model.scope().liveArrays();
            CarriedWeights carried = new CarriedWeights(model);
            SavedAdapter saved = new SavedAdapter(
                    folder, FakeConfig.of("q_proj"), new Boasting(file, PREFIX + EMBEDDING + ".weight"));
            assertThatThrownBy(() -> carried.resize(saved))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(
                            PREFIX + EMBEDDING + ".weight of shape [1000000000, 16] takes 64000000000 bytes, but its"
                                    + " file has 1000 (" + file + ")");
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }
}
