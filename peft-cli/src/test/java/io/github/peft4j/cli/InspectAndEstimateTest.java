package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.testkit.ToyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InspectAndEstimateTest {

    @TempDir
    private Path work;

    private static JsonNode json(Object... arguments) {
        CommandRun run = CommandRun.of(CommandRun.and(arguments, "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run.lastJson();
    }

    @ParameterizedTest
    @EnumSource(ToyModel.class)
    void parametersAreThoseOfTheModel(ToyModel toy) {
        Path folder = toy.write(work.resolve(toy.name()));
        JsonNode inspected = json("inspect", folder);
        JsonNode estimated = json("estimate", "--model", folder, "--method", "full", "--dtype", "float32");
        List<String> names = new ArrayList<>();
        inspected.fieldNames().forEachRemaining(names::add);
        assertThat(names).startsWith("kind", "model_type", "parameters", "dtype", "bytes");
        assertThat(inspected.get("kind").asText()).isEqualTo("checkpoint");
        assertThat(inspected.get("dtype").asText()).isEqualTo("float32");
        assertThat(inspected.get("bytes").asLong())
                .isEqualTo(4 * inspected.get("parameters").asLong());
        assertThat(estimated.get("weights_mib").asDouble() * (1 << 20))
                .isCloseTo(4.0 * inspected.get("parameters").asLong(), within(0.5));
    }

    @Test
    void anArchitectureThatIsNotImplementedIsDescribedAllTheSame() {
        Path folder = Toy.model(work.resolve("model"));
        Toy.text(folder.resolve("config.json"), "{\"model_type\":\"mamba\"}");
        assertThat(json("inspect", folder).get("model_type").asText()).isEqualTo("mamba");
    }

    @Test
    void peopleSeeAlignedLines() {
        CommandRun run = CommandRun.of("inspect", Toy.model(work.resolve("model")));
        assertThat(run.out().lines().toList()).contains("kind        checkpoint", "model type  llama");
    }

    @Test
    void theTokensOfATextAreShownOneByOne() {
        Path folder = Toy.modelWithText(work.resolve("model"));
        CommandRun run = CommandRun.of("inspect", folder, "--text", "the cat</s> zzz", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "{\"id\":3,\"piece\":\"the\",\"special\":false,\"start\":0,\"end\":3}",
                        "{\"id\":4,\"piece\":\"cat\",\"special\":false,\"start\":4,\"end\":7}",
                        "{\"id\":2,\"piece\":\"</s>\",\"special\":true,\"start\":7,\"end\":11}",
                        "{\"id\":0,\"piece\":\"<unk>\",\"special\":true,\"start\":12,\"end\":15}");
    }

    @Test
    void peopleSeeTheTokensOfATextAsATable() {
        Path folder = Toy.modelWithText(work.resolve("model"));
        Toy.text(
                folder.resolve("tokenizer.json"),
                "{\"added_tokens\":[{\"id\":1,\"content\":\"\\u001b[31m\",\"special\":true}],\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"a\",\"vocab\":{\"a\":0}}}");
        CommandRun run = CommandRun.of("inspect", "--model", folder, "--text", "a\u001b[31m");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "      id           piece",
                        "       0           'a'",
                        "       1  special  '\\u001b[31m'",
                        "2 tokens");
    }

    @Test
    void aTextThatTheTokenizerHasNoTokensForIsBadInput() {
        Path folder = Toy.modelWithText(work.resolve("model"));
        Path file = folder.resolve("tokenizer.json");
        Toy.text(
                file,
                "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,"
                        + "\"vocab\":{\"a\":0}}}");
        String error = "error: the tokenizer " + file
                + " cannot encode the text: WordPiece error: Missing [UNK] token from the vocabulary";
        for (CommandRun run : List.of(
                CommandRun.of("inspect", folder, "--text", "b"),
                CommandRun.of("generate", "--model", folder, "--prompt", "hello"))) {
            assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(run.err().strip()).isEqualTo(error);
        }
    }

    @Test
    void parametersAreListedByName() {
        Path model = ToyModel.LLAMA.write(work.resolve("model"));
        CommandRun run = CommandRun.of("inspect", model, "--parameters", "--json");
        List<JsonNode> lines = run.json();
        assertThat(lines.get(0).toString())
                .isEqualTo("{\"name\":\"lm_head.weight\",\"shape\":[48,16],\"dtype\":\"float32\",\"parameters\":768}");
        assertThat(lines.subList(0, lines.size() - 1))
                .extracting(line -> line.get("name").asText())
                .contains("model.layers.1.self_attn.q_proj.weight", "model.norm.weight")
                .hasSize(lines.get(lines.size() - 1).get("tensors").asInt());
        assertThat(lines.subList(0, lines.size() - 1).stream()
                        .mapToLong(line -> line.get("parameters").asLong())
                        .sum())
                .isEqualTo(run.lastJson().get("parameters").asLong());
        assertThat(CommandRun.of("inspect", model, "--parameters").out())
                .contains("model.layers.0.self_attn.k_proj.weight          [8, 16]   float32\n")
                .contains("\n\nkind ");
    }

    @Test
    void aMethodTellsWhichParametersItTrains() {
        Path model = ToyModel.LLAMA.write(work.resolve("model"));
        List<JsonNode> lines = CommandRun.of(
                        "inspect",
                        model,
                        "--parameters",
                        "--json",
                        "--method",
                        "lora",
                        "--set",
                        "r=4",
                        "--set",
                        "target_modules=q_proj")
                .json();
        List<String> trained = lines.stream()
                .filter(line -> line.path("trainable").asBoolean())
                .map(line -> line.get("name").asText() + " " + line.get("shape"))
                .toList();
        assertThat(trained)
                .containsExactlyInAnyOrder(
                        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight [4,16]",
                        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight [16,4]",
                        "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight [4,16]",
                        "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight [16,4]");
        assertThat(lines).extracting(line -> line.path("name").asText()).contains("model.embed_tokens.weight");
        assertThat(CommandRun.of("inspect", model, "--method", "lora").err())
                .contains("a method has no effect without --parameters");
    }

    @Test
    void ofAnAdapterTheTensorsOfItsFileAreListedLayerByLayer() {
        Path model = Toy.model(work.resolve("model"));
        Path adapter = work.resolve("adapter");
        CommandRun trained = CommandRun.of(
                "train",
                "--model",
                model,
                "--data",
                Toy.rows(work.resolve("rows.jsonl"), 4),
                "--output",
                adapter,
                "--steps",
                1,
                "--set",
                "r=2",
                "--set",
                "target_modules=v_proj");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(CommandRun.of("inspect", adapter, "--parameters", "--json").json())
                .extracting(line -> line.path("name").asText())
                .startsWith("base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight")
                .hasSize(5);
    }

    @Test
    void anEstimateIsTheSumOfItsParts() {
        JsonNode estimate = json("estimate", "--model", Toy.model(work.resolve("model")));
        List<String> names = new ArrayList<>();
        estimate.fieldNames().forEachRemaining(names::add);
        assertThat(names).contains("weights_mib", "adapter_mib", "optimizer_mib", "activations_mib", "total_mib");
        double sum = 0;
        for (String name : names) {
            sum += name.equals("total_mib") ? 0 : estimate.get(name).asDouble();
        }
        assertThat(estimate.get("total_mib").asDouble()).isCloseTo(sum, within(1e-9));
    }

    @Test
    void whatIsTrainedCostsAGradientAndTwoMoments() {
        JsonNode estimate = json("estimate", "--model", Toy.model(work.resolve("model")), "--set", "r=4");
        double adapter = estimate.get("adapter_mib").asDouble();
        assertThat(adapter * (1 << 20)).isCloseTo(4.0 * 2 * 4 * (16 + 16 + 16 + 8), within(0.5));
        assertThat(estimate.get("optimizer_mib").asDouble()).isCloseTo(3 * adapter, within(1e-9));
    }

    @Test
    void morePassesTakeMoreAndRecomputingTakesLess() {
        Path model = Toy.model(work.resolve("model"));
        double plain = activations(model);
        assertThat(activations(model, "--batch-size", 8)).isGreaterThan(1.8 * plain);
        assertThat(activations(model, "--max-length", 1024)).isGreaterThan(1.8 * plain);
        assertThat(activations(model, "--dtype", "bfloat16")).isLessThan(0.7 * plain);
        assertThat(activations(model, "--checkpointing")).isLessThan(plain);
        assertThat(activations(model, "--set", "layers_to_transform=1")).isLessThan(plain);
    }

    private static double activations(Path model, Object... more) {
        return json(CommandRun.and(new Object[] {"estimate", "--model", model}, more))
                .get("activations_mib")
                .asDouble();
    }

    @Test
    void aConfigThatQuantizesCountsAsTheOption() throws Exception {
        Path model = Toy.model(work.resolve("model"));
        double plain = weights(model);
        double asked = weights(model, "--quantize", "nf4");
        Path config = model.resolve("config.json");
        String text = Files.readString(config);
        Toy.text(
                config,
                text.substring(0, text.lastIndexOf('}'))
                        + ",\"quantization_config\":{\"load_in_4bit\":true,\"bnb_4bit_quant_type\":\"nf4\","
                        + "\"bnb_4bit_use_double_quant\":true}}");
        assertThat(weights(model)).isEqualTo(asked).isLessThan(plain);
    }

    private static double weights(Path model, Object... more) {
        return json(CommandRun.and(new Object[] {"estimate", "--model", model}, more))
                .get("weights_mib")
                .asDouble();
    }

    @Test
    void noWeightsAreNeeded() throws Exception {
        Path model = Toy.model(work.resolve("model"));
        Files.delete(model.resolve("model.safetensors"));
        assertThat(json("estimate", "--model", model).get("total_mib").asDouble())
                .isPositive();
    }

    @Test
    void whatFitsIsToldForEveryWayOfComputing() {
        Path model = Toy.model(work.resolve("model"));
        JsonNode estimate = json("estimate", "--model", model, "--batch-size", 8, "--max-length", 32, "--fit", "1GiB");
        JsonNode fits = estimate.get("fits");
        assertThat(fits.get("room_mib").asDouble()).isEqualTo(1024);
        assertThat(fits.get("recommended").toString())
                .isEqualTo("{\"batch_size\":8,\"max_length\":32,"
                        + "\"options\":[\"--dtype\",\"float32\",\"--batch-size\",\"8\",\"--max-length\",\"32\"]}");
        assertThat(fits.get("ways")).hasSize(6).allSatisfy(way -> {
            assertThat(way.get("longest_row").asInt())
                    .isGreaterThanOrEqualTo(way.get("longest_row_of_batch").asInt());
            assertThat(way.get("largest_batch").asInt()).isGreaterThan(8);
        });
        assertThat(fits.get("ways").get(0).get("total_mib").asDouble())
                .isEqualTo(estimate.get("total_mib").asDouble());
    }

    @Test
    void peopleSeeWhatToTrainWithAndThenTheTable() {
        Path model = Toy.model(work.resolve("model"));
        String text = CommandRun.of(
                        "estimate", "--model", model, "--max-length", 32, "--dtype", "bfloat16", "--fit", "1 GiB")
                .out();
        assertThat(text)
                .contains(
                        "4 rows of 32 tokens fit: train with --dtype bfloat16 --batch-size 4 --max-length 32\n\ndtype ");
        assertThat(text.substring(text.indexOf("\n\ndtype ") + 2)
                        .lines()
                        .skip(1)
                        .map(line -> line.split(" ", 2)[0]))
                .containsExactly("bfloat16", "bfloat16", "float32", "float32", "bfloat16", "bfloat16");
        assertThat(CommandRun.of("estimate", "--model", model, "--fit", "100MiB")
                        .out())
                .contains("not even a row of one token fits");
    }

    @Test
    void rowsOfAFileAreMeasured() {
        Path model = Toy.model(work.resolve("model"));
        Path rows = Toy.rows(work.resolve("rows.jsonl"), 4);
        CommandRun run = CommandRun.of("estimate", "--model", model, "--data", rows, "--fit", "50%", "--json");
        JsonNode estimate = run.lastJson();
        assertThat(estimate.get("rows").asInt()).isEqualTo(4);
        assertThat(estimate.get("fits").get("max_length").asInt())
                .isEqualTo(estimate.get("longest_row").asInt())
                .isGreaterThanOrEqualTo((int) estimate.get("mean_row").asDouble());
    }

    @Test
    void theLastLayersAloneTakeLessThanAll() {
        Path model = Toy.model(work.resolve("model"));
        double all = json("estimate", "--model", model, "--method", "full")
                .get("optimizer_mib")
                .asDouble();
        assertThat(json("estimate", "--model", model, "--method", "full", "--train-layers", 1)
                        .get("optimizer_mib")
                        .asDouble())
                .isPositive()
                .isLessThan(all);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
                    --fit=8x; --fit must be a size such as 8GiB, 900MiB or 8GB, or a share such as 80%, got "8x"
                    --fit=0GiB; --fit must be more than nothing
                    --train-layers=1; `the last 1 layers can be chosen where a whole model is trained; an adapter's own settings say which layers it is in, as layers_to_transform does`
                    --batch-size=0; --batch-size must be at least 1, got 0
                    """)
    void whatIsNoSizeIsRefused(String option, String message) {
        CommandRun run = CommandRun.of("estimate", "--model", Toy.model(work.resolve("model")), option);
        assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err().strip()).isEqualTo("error: " + message);
    }

    @Test
    void quantizedWeightsCannotBeTrained() {
        CommandRun run = CommandRun.of(
                "estimate", "--model", Toy.model(work.resolve("model")), "--method", "full", "--quantize", "nf4");
        assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("leave out --quantize nf4, or train an adapter");
    }
}
