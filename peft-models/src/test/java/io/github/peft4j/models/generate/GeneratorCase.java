package io.github.peft4j.models.generate;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A toy model that makes tokens. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GeneratorCase {

    static final List<int[]> PROMPTS =
            List.of(new int[] {7}, new int[] {3, 14, 15, 9, 2}, new int[] {31, 41, 5, 9, 26, 5, 35, 8, 9, 7, 9});

    Model<LanguageHead> llama;

    @BeforeAll
    void load() {
        llama = Toy.load("llama", Precision.FLOAT32);
    }

    @AfterAll
    void close() {
        llama.close();
    }

    static GenerationConfig.Builder tokens(int count) {
        return GenerationConfig.builder().maxNewTokens(count);
    }

    static List<int[]> ids(Model<LanguageHead> model, GenerationConfig config, List<int[]> prompts)
            throws InterruptedException {
        return new Generator(model, config)
                .generate(prompts).stream().map(Generator.Generated::ids).toList();
    }
}
