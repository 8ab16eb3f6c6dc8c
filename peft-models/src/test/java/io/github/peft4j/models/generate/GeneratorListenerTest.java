package io.github.peft4j.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.LiveArrays;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a listener is told while tokens are made, and what is freed when it ends. */
class GeneratorListenerTest extends GeneratorCase {

    @Test
    void tellsOfEachTokenInTurn() throws InterruptedException {
        GenerationConfig config = tokens(9).eosTokenIds(List.of(37, 1)).build();
        List<List<Integer>> heard = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<Integer> turns = new ArrayList<>();
        List<Generator.Generated> made = new Generator(llama, config).generate(PROMPTS, (prompt, id) -> {
            heard.get(prompt).add(id);
            turns.add(prompt);
        });
        for (int i = 0; i < PROMPTS.size(); i++) {
            assertThat(heard.get(i).stream().mapToInt(id -> id).toArray())
                    .containsExactly(made.get(i).ids());
        }
        assertThat(turns.subList(0, 3)).containsExactly(0, 1, 2);
    }

    @Test
    void freesEverythingItMakes() throws InterruptedException {
        Generator drawing = new Generator(
                llama,
                tokens(6).temperature(0.8).topP(0.9).repetitionPenalty(1.1).build());
        Generator greedy =
                new Generator(llama, tokens(6).eosTokenIds(List.of(37, 1)).build());
        drawing.generate(PROMPTS);
        greedy.generate(PROMPTS);
        int before = LiveArrays.count(llama.scope());
        for (int i = 0; i < 25; i++) {
            drawing.generate(PROMPTS);
            greedy.generate(PROMPTS);
        }
        assertThat(LiveArrays.count(llama.scope())).isEqualTo(before);
    }

    @Test
    void anInterruptionEndsItAndFreesEverything() throws InterruptedException {
        Generator generator = new Generator(llama, tokens(1000).build());
        generator.generate(List.of(new int[] {1}));
        int before = LiveArrays.count(llama.scope());
        int[] heard = new int[1];
        assertThatThrownBy(() -> generator.generate(PROMPTS, (prompt, id) -> {
                    if (++heard[0] == 7) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .isInstanceOf(InterruptedException.class)
                .hasMessage("generation was interrupted");
        assertThat(heard[0]).isEqualTo(9);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(LiveArrays.count(llama.scope())).isEqualTo(before);
    }

    @Test
    void aListenersExceptionEndsItAndFreesEverything() {
        int before = LiveArrays.count(llama.scope());
        assertThatThrownBy(() -> new Generator(llama, tokens(5).build()).generate(PROMPTS, (prompt, id) -> {
                    throw new UnsupportedOperationException("full");
                }))
                .hasMessage("full");
        assertThat(LiveArrays.count(llama.scope())).isEqualTo(before);
    }
}
