package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples around encoders, on a toy one and a few rows of theirs. */
class ClassifierExamplesTest {

    private static final Path QUICKSTART = Path.of("../peft-cli/src/main/resources/quickstart");
    private static final Path ENTITIES = Path.of("src/main/resources/entities");
    private static final Path HANDBOOK = Path.of("src/main/resources/handbook");
    private static final Path INTENTS = Path.of("src/main/resources/intents");
    private static final Path SENTIMENT = Path.of("src/main/resources/sentiment");

    @TempDir
    private Path folder;

    private Path checkpoint;

    @BeforeEach
    void write() throws Exception {
        checkpoint = ToyCheckpoint.bert(folder.resolve("bert"), QUICKSTART);
    }

    /** The first rows of each part. */
    private Path some(Path data) throws Exception {
        Path few = Files.createDirectories(folder.resolve("rows"));
        for (String part : List.of("train.jsonl", "test.jsonl")) {
            try (BufferedReader lines = Files.newBufferedReader(data.resolve(part))) {
                Files.write(few.resolve(part), lines.lines().limit(32).toList());
            }
        }
        return few;
    }

    static List<String> ways() {
        return CompareClassifiers.ways();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theComparisonTrainsEachWay(String way) throws Exception {
        assertThat(CompareClassifiers.run(checkpoint, some(SENTIMENT), 1, 0, way))
                .matches("\\| " + way + " \\| [\\d.]+ % \\| [\\d,]+ \\| [\\d.]+ % \\| \\d+ \\| [\\d,]+ \\|");
    }

    @Test
    void intentsAreCountedOneByOne() throws Exception {
        Path adapter = folder.resolve("adapter");
        assertThat(IntentsByPromptTuning.run(checkpoint, some(INTENTS), adapter, 1))
                .startsWith("| intent | rows | found | said and right |\n|---|---|---|---|\n| alarm | ")
                .containsPattern("\n[\\d.]+ % of all\n$");
        assertThat(adapter).isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    @Test
    void entitiesAreJudgedForEachWay() throws Exception {
        Path adapter = folder.resolve("adapter");
        assertThat(TagEntities.run(checkpoint, some(ENTITIES), adapter, 1))
                .containsPattern("\n\\| the head alone \\| [\\d.]+ \\|")
                .containsPattern("\n\\| LoRA \\| [\\d.]+ \\|");
        assertThat(adapter).isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    @Test
    void entriesAreSoughtBeforeAndAfterTraining() throws Exception {
        Path adapter = folder.resolve("adapter");
        String told = EmbeddingsWithLora.run(checkpoint, some(HANDBOOK), adapter, 20);
        String metrics = "( \\| [01]\\.\\d{3}){3} \\|\n";
        String nearest = "((    -?[01]\\.\\d{3} (Toaster|Projector): .*\n){5})";
        Matcher parts = Pattern.compile("\\| as they are" + metrics + "\\| with LoRA" + metrics
                        + "\n\".*\", as they are:\n" + nearest + "with LoRA:\n" + nearest)
                .matcher(told);
        assertThat(parts.find()).as(told).isTrue();
        assertThat(parts.group(6)).as("after training").isNotEqualTo(parts.group(3));
        assertThat(adapter).isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    @Test
    void noQuestionOrEntryOfTheHandbookIsBothTrainedOnAndHeldOut() throws Exception {
        assertThat(texts("train")).hasSize(2 * 192).doesNotContainAnyElementsOf(texts("test"));
    }

    private static List<String> texts(String part) throws Exception {
        Pattern text = Pattern.compile("\"(anchor|positive)\": \"([^\"]+)\"");
        return text.matcher(Files.readString(HANDBOOK.resolve(part + ".jsonl")))
                .results()
                .map(found -> found.group(2))
                .toList();
    }

    private static HttpResponse<String> post(int port, String text) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/classify"))
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Two adapters with heads of their own: what is active when a request comes counts. */
    @Test
    void theServerSaysWhatTheModelSaysWithTheAdapterInForce() throws Exception {
        try (Model<SequenceHead> base = ClassifierInDjl.load(checkpoint.toString(), List.of("negative", "positive"))) {
            var lora = LoraConfig.builder(4, 8)
                    .targetModules("query", "value")
                    .initLoraWeights(false) // so that a new adapter changes something
                    .build();
            var model = PeftModel.attach(base, lora, new AttachContext("first", 1, true));
            model.add(lora, new AttachContext("second", 2, true));
            try (ClassifierInDjl server = ClassifierInDjl.serve(base, 0)) {
                String text = "What a film!";
                int port = server.port();
                HttpResponse<String> first = post(port, text);
                assertThat(first.statusCode()).isEqualTo(200);
                assertThat(first.body()).contains(expected(base, text));
                model.setActive("second");
                HttpResponse<String> second = post(port, text);
                assertThat(second.body()).contains(expected(base, text)).isNotEqualTo(first.body());

                HttpResponse<String> tooLong = post(port, "word ".repeat(1000));
                assertThat(tooLong.statusCode()).isEqualTo(400);
                assertThat(tooLong.body()).contains("256");
                assertThat(post(port, "x".repeat(70_000)).statusCode()).isEqualTo(413);
            }
            assertThat(expected(base, "still there")).isNotEmpty();
        }
    }

    /** The beginning of the number for the second label. */
    private static String expected(Model<SequenceHead> model, String text) throws Exception {
        var classifier = new SequenceClassifier(model);
        Row row = new Row(model.tokenizer().encode(text), Row.Target.NONE);
        double[] scores = classifier.scores(classifier.logits(List.of(row)).get(0));
        return String.format(Locale.ROOT, "%.4f", Math.floor(scores[1] * 1e4) / 1e4);
    }
}
