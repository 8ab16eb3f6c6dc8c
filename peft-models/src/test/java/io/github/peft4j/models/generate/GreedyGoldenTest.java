package io.github.peft4j.models.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Greedy continuations are token for token those of transformers, with every setting that applies to them. */
@Tag("golden")
class GreedyGoldenTest {

    static final List<String> FAMILIES = Toy.FAMILIES;

    private static GenerationConfig settings(JsonNode json) {
        return GenerationConfig.builder()
                .maxNewTokens(json.get("max_new_tokens").intValue())
                .minNewTokens(json.path("min_new_tokens").asInt(0))
                .repetitionPenalty(json.path("repetition_penalty").asDouble(1))
                .eosTokenIds(Arrays.stream(Toy.ints(json.path("eos_token_id")))
                        .boxed()
                        .toList())
                .build();
    }

    private static void assertEqual(String what, Generator.Generated generated, JsonNode expected) {
        assertThat(generated.ids()).as(what).containsExactly(Toy.ints(expected.get("ids")));
        assertThat(generated.reason().text())
                .as(what)
                .isEqualTo(expected.get("finish").textValue());
    }

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void makesOfABatchWhatTransformersMakes(String family) throws InterruptedException {
        JsonNode golden = Toy.json(family + "/expected.json");
        List<int[]> prompts = Toy.rows(golden.get("prompts"));
        try (Model<LanguageHead> model = Toy.load(family, Precision.FLOAT32)) {
            for (var named : golden.get("cases").properties()) {
                GenerationConfig config = settings(named.getValue().get("settings"));
                List<Generator.Generated> all = new Generator(model, config).generate(prompts);
                assertThat(all).hasSameSizeAs(prompts);
                for (int i = 0; i < all.size(); i++) {
                    String what = named.getKey() + ", prompt " + i;
                    assertEqual(
                            what, all.get(i), named.getValue().get("results").get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void makesOfEachPromptAloneWhatTransformersMakes(String family) throws InterruptedException {
        JsonNode golden = Toy.json(family + "/expected.json");
        List<int[]> prompts = Toy.rows(golden.get("prompts"));
        try (Model<LanguageHead> model = Toy.load(family, Precision.FLOAT32)) {
            JsonNode named = golden.get("cases").get("all");
            Generator generator = new Generator(model, settings(named.get("settings")));
            for (int i = 0; i < prompts.size(); i++) {
                Generator.Generated one =
                        generator.generate(List.of(prompts.get(i))).get(0);
                assertEqual("prompt " + i, one, named.get("results").get(i));
            }
        }
    }
}
