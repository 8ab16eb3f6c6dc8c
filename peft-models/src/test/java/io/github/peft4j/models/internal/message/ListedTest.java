package io.github.peft4j.models.internal.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ListedTest {

    @Test
    void twentyAreToldAndTheOthersCounted() {
        String twenty = String.join("; ", Collections.nCopies(20, "a"));
        assertThat(Listed.problems(Collections.nCopies(20, "a"))).isEqualTo(twenty);
        assertThat(Listed.problems(Collections.nCopies(23, "a"))).isEqualTo(twenty + "; and 3 more");
        assertThat(Listed.problems(List.of("a", "b", "c"), 2)).isEqualTo("a; b; and 1 more");
        assertThat(Listed.names(Collections.nCopies(21, "a"))).endsWith("a, a and 1 more");
    }

    @Test
    void problemsAreCountedBeforeTheyAreTold() {
        assertThat(Listed.counted(List.of("a"))).isEqualTo("(1 problem): a");
        assertThat(Listed.counted(List.of("a", "b"))).isEqualTo("(2 problems): a; b");
        assertThat(Listed.counted(Collections.nCopies(22, "a")))
                .startsWith("(22 problems): a; ")
                .endsWith("; and 2 more");
    }
}
