package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a row must be. The messages of its checks stand in the reader's test. */
class ExampleTest {

    @Test
    void counts_what_is_learned_without_the_first_token() {
        assertThat(new Example(new int[] {1, 2, 3}, new int[] {1, -100, 3}).supervisedTokens())
                .isEqualTo(1);
        assertThat(new Example(new int[] {1, 2, 3}, new int[] {1, -100, 3}).length())
                .isEqualTo(3);
        assertThat(new Example(new int[] {1}, new int[] {1}).hasLabel()).isTrue();
        assertThat(new Example(new int[] {1, 2}, new int[] {-100, -100}).hasLabel())
                .isFalse();
    }

    @Test
    void refuses_what_is_no_row() {
        assertThatThrownBy(() -> new Example(new int[0], new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a row needs at least one token");
        assertThatThrownBy(() -> new Example(new int[2], new int[3]))
                .hasMessage("expected a label for each token, got 2 token ids and 3 labels");
        assertThatThrownBy(() -> new Example(new int[] {-1}, new int[1]))
                .hasMessage("token id -1 at position 0 is negative");
        assertThatThrownBy(() -> new Example(new int[1], new int[] {-2}))
                .hasMessage("label -2 at position 0 is negative and not -100");
    }

    @Test
    void checks_the_numbers_of_options() {
        assertThatThrownBy(() -> EncodingOptions.of(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the vocabulary's size must be at least 1, got 0");
        assertThatThrownBy(() -> EncodingOptions.of(1).withMaxLength(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the greatest length must be at least 1, got 0");
    }
}
