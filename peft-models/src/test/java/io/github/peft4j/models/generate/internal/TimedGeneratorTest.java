package io.github.peft4j.models.generate.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.generate.Toy;
import io.github.peft4j.models.kernel.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TimedGeneratorTest {

    @Test
    void makesWhatTheGeneratorMakesAndKnowsHowLongItTook() throws InterruptedException {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32)) {
            Generator plain = new Generator(
                    model,
                    GenerationConfig.builder().greedy(true).maxNewTokens(3).build());
            TimedGenerator timed = new TimedGenerator(plain);
            assertThat(timed.firstTokenSeconds()).isZero();
            assertThat(timed.tokensPerSecond()).isZero();

            List<int[]> prompts = List.of(new int[] {3, 4}, new int[] {5});
            int[] told = new int[1];
            List<Generator.Generated> made = timed.generate(prompts, null, (prompt, id) -> told[0]++);

            assertThat(made.stream().map(Generator.Generated::ids).toList())
                    .usingRecursiveComparison()
                    .isEqualTo(plain.generate(prompts).stream()
                            .map(Generator.Generated::ids)
                            .toList());
            assertThat(told[0]).isEqualTo(6);
            assertThat(timed.firstTokenSeconds()).isPositive();
            assertThat(timed.tokensPerSecond()).isPositive();
        }
    }
}
