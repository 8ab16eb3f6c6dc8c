package io.github.peft4j.cli.internal.option;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TypedTextTest {

    @ParameterizedTest
    @CsvSource({
        "'a\\nb', 'a\nb'",
        "'a\\tb', 'a\tb'",
        "'a\\\\nb', 'a\\nb'",
        "'a\\\\\\nb', 'a\\\nb'",
        "'\\d+', '\\d+'",
        "'end\\', 'end\\'",
        "'a\nb', 'a\nb'",
        "'', ''",
    })
    void lineEndsAndTabsCanBeTyped(String typed, String text) {
        assertThat(TypedText.unescaped(typed)).isEqualTo(text);
    }
}
