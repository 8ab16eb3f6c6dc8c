package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.TextGenerator;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.PromptTemplate;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.progress.TrainingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tutorial's way on a small model, with a hub on this computer: by the program and by the commands of {@code docs/tutorial/chinese-chat.md}. */
class ChineseChatTest {

    private static final String MODEL = "Langboat/bloom-1b4-zh";
    private static final String DATA = "toy/alpaca_data_zh";
    private static final Path FIXTURE = Path.of("src/test/resources/chinese-chat");
    private static final Path ROWS = FIXTURE.resolve("alpaca_data_zh");
    private static final String PROMPT = "Human: 考试有哪些技巧?\n\nAssistant: ";

    @TempDir
    private Path work;

    private final LoopbackHub hub = LoopbackHub.start();

    @BeforeEach
    void host() {
        hub.model(MODEL)
                .folder(FIXTURE.resolve("model"))
                .file("README.md", "# Bloom")
                .file(".gitattributes", "*.bin filter=lfs");
        hub.dataset(DATA).folder(ROWS);
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private String run(String main, boolean offline, List<String> arguments) throws Exception {
        Map<String, String> environment = Map.of(
                "HF_HOME", work.resolve("hf").toString(),
                "HF_ENDPOINT", hub.endpoint(),
                "HF_HUB_OFFLINE", offline ? "1" : "0");
        return CommandProcess.run(main, environment, arguments);
    }

    private String program(Path output) throws Exception {
        return run(ChineseChat.class.getName(), false, List.of(MODEL, DATA, output.toString()));
    }

    private String command(String line, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("--threads", "1"));
        return run(CommandProcess.MAIN, true, arguments);
    }

    @Test
    void theProgramAndTheCommandsGoFromTwoNamesToTheSameAnswer() throws Exception {
        Path chatbot = work.resolve("chatbot");
        String said = program(chatbot);
        assertThat(said)
                .contains("32 rows, ", ", 2 rows cut to the greatest length, ", "trainable params: 160 || all params: ")
                .contains("\n" + PROMPT);
        assertThat(hub.seen().stream().map(LoopbackHub.Seen::path))
                .anyMatch(path -> path.endsWith(
                        "/" + MODEL + "/resolve/" + hub.model(MODEL).commit() + "/pytorch_model.bin"))
                .noneMatch(path -> path.endsWith(".gitattributes"));
        JsonNode config = new ObjectMapper()
                .readTree(chatbot.resolve("checkpoint-4/adapter_config.json").toFile());
        assertThat(config.get("base_model_name_or_path").asText()).isEqualTo(MODEL);
        assertThat(config.get("peft_type").asText()).isEqualTo("PROMPT_TUNING");
        assertThat(config.get("num_virtual_tokens").asInt()).isEqualTo(10);

        hub.forget();
        Path commanded = work.resolve("commanded");
        String trained = command(
                "train --method prompt-tuning --set num_virtual_tokens=10 --template human-assistant --max-length 256"
                        + " --truncate right --epochs 1 --batch-size 1 --gradient-accumulation 8 --learning-rate 1e-2"
                        + " --save-every 20",
                "--model",
                MODEL,
                "--data",
                ROWS.toString(),
                "--output",
                commanded.toString());
        assertThat(trained).contains("2 rows cut", "trainable parameters  160");
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            assertThat(chatbot.resolve(file)).hasSameBinaryContentAs(commanded.resolve(file));
        }

        Path prompts = Files.writeString(
                work.resolve("prompts.jsonl"), new ObjectMapper().writeValueAsString(Map.of("prompt", PROMPT)));
        JsonNode answer = new ObjectMapper()
                .readTree(command(
                                "generate --max-length 256 --top-k 50 --seed 0 --json",
                                "--model",
                                MODEL,
                                "--adapter",
                                commanded.resolve("checkpoint-4").toString(),
                                "--prompts",
                                prompts.toString())
                        .lines()
                        .filter(line -> line.startsWith("{\"ids\""))
                        .findFirst()
                        .orElseThrow());
        assertThat(said).endsWith("\n" + PROMPT + answer.get("text").asText() + System.lineSeparator());
        assertThat(hub.seen()).isEmpty();
    }

    @Test
    void theVectorsMayBeginAsWords() throws Exception {
        String words = "下面是一段人与机器人的对话。";
        ChineseChat chat =
                new ChineseChat(FIXTURE.resolve("model").toString(), ROWS.toString(), work.resolve("chatbot"), words);
        Path newest = chat.train();
        JsonNode config = new ObjectMapper()
                .readTree(newest.resolve("adapter_config.json").toFile());
        assertThat(config.get("prompt_tuning_init").asText()).isEqualTo("TEXT");
        assertThat(config.get("prompt_tuning_init_text").asText()).isEqualTo(words);
        assertThat(config.get("num_virtual_tokens").asInt()).isGreaterThan(10);
        assertThat(chat.answer(newest, "考试有哪些技巧?")).startsWith(PROMPT);
    }

    @Test
    void itsNumbersAreThoseOfTheTutorialInPython() throws Exception {
        JsonNode python =
                new ObjectMapper().readTree(FIXTURE.resolve("tutorial.json").toFile());
        Path folder = FIXTURE.resolve("model");
        try (Model<LanguageHead> base = Models.load(folder)) {
            EncodingOptions options = EncodingOptions.of(base)
                    .withTemplate(PromptTemplate.HUMAN_ASSISTANT)
                    .withMaxLength(256)
                    .withTruncation(EncodingOptions.Truncation.RIGHT);
            Dataset rows = Dataset.from(RowSource.named(ROWS.toString()), options);
            String words = python.get("words").asText();
            int tokens = base.tokenizer().encode(words).length;
            var model = PeftModel.attach(
                    base,
                    PromptTuningConfig.builder(tokens)
                            .text(words, folder.toString())
                            .build());
            TrainingConfig settings = TrainingConfig.builder()
                    .epochs(1)
                    .batchSize(1)
                    .accumulation(8)
                    .learningRate(1e-2)
                    .shuffle(false)
                    .build();
            List<Double> losses = new ArrayList<>();
            TrainingListener listener = new TrainingListener() {
                @Override
                public void step(Step report) {
                    losses.add(report.loss());
                }
            };
            FineTuner.of(model, settings).listener(listener).train(rows.rows());
            assertThat(losses).hasSize(python.get("losses").size());
            for (int step = 0; step < losses.size(); step++) {
                assertThat(losses.get(step))
                        .isCloseTo(python.get("losses").get(step).asDouble(), within(2e-4));
            }
            assertThat(meanDifference(model, python.get("prompt_embeddings"))).isLessThan(2e-4);
            GenerationConfig greedy = GenerationConfig.builder(base)
                    .greedy(true)
                    .maxLength(python.get("max_length").asInt())
                    .build();
            assertThat(PROMPT + TextGenerator.of(base, greedy).generate(PROMPT))
                    .isEqualTo(python.get("answer").asText());
        }
    }

    /** The mean distance of trained numbers, of which each step moves most by as much as its rate. */
    private static double meanDifference(PeftModel<?> model, JsonNode vectors) {
        Weight trained = model.adapter().parameters().get("prompt_embeddings");
        float[] found = trained.array().toFloatArray();
        int width = vectors.get(0).size();
        assertThat(found).hasSize(vectors.size() * width);
        double sum = 0;
        for (int i = 0; i < found.length; i++) {
            sum += Math.abs(found[i] - vectors.get(i / width).get(i % width).asDouble());
        }
        return sum / found.length;
    }
}
