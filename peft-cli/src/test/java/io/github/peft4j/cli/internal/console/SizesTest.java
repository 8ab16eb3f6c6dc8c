package io.github.peft4j.cli.internal.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {

    @ParameterizedTest
    @CsvSource({
        "8GiB, 8589934592",
        "0.5 GiB, 536870912",
        "900MiB, 943718400",
        "8gb, 8000000000",
        "1.5TB, 1500000000000",
        "2 TiB, 2199023255552",
        "16MB, 16000000"
    })
    void unitsArePowersOfTenOrOfTwoByTheirNames(String text, long bytes) {
        assertThat(Sizes.bytes(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "8G", "GiB", "-1GiB", "8 GiB more", "1e3GiB", "80%", "12345678901GiB"})
    void whatIsNoSizeIsNone(String text) {
        assertThat(Sizes.bytes(text)).isEmpty();
    }
}
