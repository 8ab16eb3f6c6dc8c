package io.github.peft4j.models.embedding;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code tools/golden_embedding.py} recorded of sentence-transformers. */
@Tag("golden")
class TextEmbedderGoldenTest {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());

    /** A folder and what the library makes of texts. */
    private record Case(Path folder, JsonNode golden) {

        static Case of(String name) throws IOException {
            try {
                Path folder = Path.of(Objects.requireNonNull(
                                TextEmbedderGoldenTest.class.getResource("/golden/embedding/" + name), name)
                        .toURI());
                return new Case(
                        folder,
                        new ObjectMapper()
                                .readTree(folder.resolve("golden.json").toFile()));
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }

        List<String> texts() {
            return StreamSupport.stream(golden.get("texts").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
        }

        void assertVectors(String prompt, float[][] found) {
            JsonNode vectors = golden.get("vectors").get(prompt);
            assertThat(found).hasNumberOfRows(vectors.size());
            for (int i = 0; i < found.length; i++) {
                float[] expected = new float[vectors.get(i).size()];
                for (int d = 0; d < expected.length; d++) {
                    expected[d] = (float) vectors.get(i).get(d).asDouble();
                }
                assertClose("text " + i, found[i], expected, 1e-5);
            }
        }

        void assertAll(Model<EmbeddingHead> model) throws IOException {
            TextEmbedder embedder = TextEmbedder.of(model);
            assertVectors("", embedder.embed(texts()));
            for (Map.Entry<String, JsonNode> prompted : golden.get("vectors").properties()) {
                if (!prompted.getKey().isEmpty()) {
                    assertVectors(
                            prompted.getKey(),
                            embedder.withPromptNamed(prompted.getKey()).embed(texts()));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"old", "new", "several", "instructed", "plain-encoder", "plain-decoder"})
    void vectorsAreSentenceTransformers(String name) throws IOException {
        Case golden = Case.of(name);
        try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
            assertThat(model.head().maxLength())
                    .isEqualTo(golden.golden().get("max_length").asInt());
            golden.assertAll(model);
        }
    }

    @Test
    void textsThatAreCutAreCounted() throws IOException {
        Case golden = Case.of("old");
        try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
            TextEmbedder.Embedded made = TextEmbedder.of(model).withPrompt("").embedded(golden.texts());
            long longer = StreamSupport.stream(golden.golden().get("lengths").spliterator(), false)
                    .filter(length -> length.asInt() > 12)
                    .count();
            assertThat(made.cut()).isEqualTo((int) longer).isPositive();
        }
    }

    /** Written again, in the words of old, and read again. */
    @ParameterizedTest
    @ValueSource(strings = {"old", "new", "several", "instructed", "plain-decoder"})
    void whatIsSavedIsAFolderOfSentenceTransformers(String name, @TempDir Path saved) throws IOException {
        Case golden = Case.of(name);
        try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
            Path folder = model.origin().folder();
            PretrainedFolder.write(
                    model.weightsByPath(),
                    model.precision(),
                    new PretrainedFolder.Sources(folder, folder, model.head()),
                    saved,
                    model.origin().config(),
                    1 << 20);
        }
        try (Model<EmbeddingHead> model = Models.load(saved, CPU, EmbeddingHead.class)) {
            golden.assertAll(model);
        }
        try (Model<Head> model = Models.load(saved, CPU, Head.class)) {
            assertThat(model.head()).isInstanceOf(EmbeddingHead.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"mean, MEAN", "last, LASTTOKEN", "cls, CLS"})
    void anotherPoolingCanBeAskedFor(String asked, Pooling.Mode mode) throws IOException {
        Case golden = Case.of("old");
        Map<String, Object> changes = Map.of(EmbeddingHead.POOLING, asked, EmbeddingHead.NORMALIZE, false);
        try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU.withConfig(changes), EmbeddingHead.class)) {
            assertThat(model.head().pooling().modes()).containsExactly(mode);
            assertThat(model.head().normalizes()).isFalse();
            assertThat(model.origin().config()).doesNotContainKeys(EmbeddingHead.POOLING, EmbeddingHead.NORMALIZE);
            float[][] vectors = TextEmbedder.of(model).embed(golden.texts());
            double squares = 0;
            for (float value : vectors[0]) {
                squares += (double) value * value;
            }
            assertThat(squares).isNotCloseTo(1, within(1e-3));
        }
    }

    @Test
    void manyThreadsCanUseOne() throws IOException, InterruptedException, ExecutionException {
        Case golden = Case.of("old");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
            TextEmbedder embedder = TextEmbedder.of(model);
            List<Callable<float[][]>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                calls.add(() -> embedder.embed(golden.texts()));
            }
            for (Future<float[][]> made : threads.invokeAll(calls)) {
                golden.assertVectors("", made.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refusesWhatItCannotEmbed() throws IOException {
        try (Model<EmbeddingHead> model = Models.load(Case.of("plain-decoder").folder(), CPU, EmbeddingHead.class)) {
            assertThatThrownBy(() -> TextEmbedder.of(model).embed(List.of("a text", "")))
                    .hasMessage("text 1 is empty, and the tokenizer puts no token around texts: there is nothing to"
                            + " make a vector of");
        }
        try (Model<EmbeddingHead> model = Models.load(Case.of("old").folder(), CPU, EmbeddingHead.class)) {
            assertThatThrownBy(() -> TextEmbedder.of(model).withPromptNamed("question"))
                    .hasMessage("no prompt \"question\": expected one of [passage, query]");
        }
    }
}
