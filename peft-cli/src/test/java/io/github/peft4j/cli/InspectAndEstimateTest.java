package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.testkit.ToyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
}
