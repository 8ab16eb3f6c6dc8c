package io.github.peft4j.core.internal.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MinimalSuffixesTest {

    @Test
    void hundredsOfPathsBecomeAFewNames() {
        List<String> targets = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            targets.add("model.decoder.layers." + i + ".self_attn.q_proj");
            targets.add("model.decoder.layers." + i + ".self_attn.v_proj");
            others.add("model.encoder.layers." + i + ".self_attn.k_proj");
        }
        assertThat(MinimalSuffixes.of(targets, others)).containsExactly("q_proj", "v_proj");
    }

    @Test
    void asMuchOfAPathIsKeptAsSetsItApart() {
        assertThat(MinimalSuffixes.of(List.of("a.x.q", "b.x.q"), List.of("c.x.q")))
                .containsExactly("a.x.q", "b.x.q");
        assertThat(MinimalSuffixes.of(List.of("a.x.q", "a.y.q"), List.of("a.z.q")))
                .containsExactly("x.q", "y.q");
    }

    @Test
    void whatCannotBeSetApartStaysAsItIs() {
        assertThat(MinimalSuffixes.of(List.of("q"), List.of("a.q"))).containsExactly("q");
    }
}
