package io.github.peft4j.cli.internal.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FieldsTest {

    @Test
    void jsonKeepsTheOrderAndEveryDigit() {
        Fields fields =
                Fields.of("step", 3L).and("loss", 0.1 + 0.2).and("done", true).and("text", null);
        assertThat(fields.json()).isEqualTo("{\"step\":3,\"loss\":0.30000000000000004,\"done\":true,\"text\":null}");
    }

    @Test
    void whatIsNoNumberForJsonIsNull() {
        assertThat(Fields.of("x", List.of(Double.NaN, Double.POSITIVE_INFINITY, 1e300))
                        .json())
                .isEqualTo("{\"x\":[null,null,1e+300]}");
    }

    @Test
    void aResultIsOneLineWhateverItsText() {
        String text = "a\"b\\c\nd\re\tf\u0001g\u2028h\u00e9\ud83d\ude00\ud800";
        String json = Fields.of("text", text).json();
        assertThat(json)
                .isEqualTo("{\"text\":\"a\\\"b\\\\c\\nd\\re\\tf\\u0001g\\u2028h\u00e9\ud83d\ude00\\ud800\"}")
                .doesNotContain("\n");
    }

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void jsonIsReadBackAsItWas(int seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        random.ints(20, 0, 0xd800).forEach(c -> text.append((char) c));
        double number = Double.longBitsToDouble(random.nextLong());
        int[] ids = random.ints(5).toArray();
        JsonNode read = new ObjectMapper()
                .readTree(Fields.of("text", text.toString())
                        .and("number", number)
                        .and("ids", ids)
                        .json());
        assertThat(read.get("text").asText()).isEqualTo(text.toString());
        assertThat(read.get("ids")).hasSize(5);
        if (Double.isFinite(number)) {
            assertThat(read.get("number").asDouble()).isEqualTo(number);
        }
    }

    @Test
    void peopleSeeNamesInWordsAndValuesInOneColumn() {
        Fields fields =
                Fields.of("kind", "adapter").and("all_parameters", 134515008L).and("base", null);
        assertThat(fields.lines().lines().toList())
                .containsExactly("kind            adapter", "all parameters  134,515,008", "base            -");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "2.302585093 | 2.3026",
                "12.3456789 | 12.346",
                "1234.56789 | 1234.6",
                "123456.7 | 123,457",
                "0.00012207 | 1.221e-04",
                "-0.05 | -0.050000",
                "1e20 | 1.000e+20"
            })
    void decimalsHaveFiveDigitsThatCount(double value, String shown) {
        assertThat(Fields.decimal(value)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"2e-4, 2e-4", "0.01, 0.01", "0.001, 0.001", "0.003, 0.003"})
    void settingsAreShownAsPeopleWriteThem(double value, String shown) {
        assertThat(Fields.plain(value)).isEqualTo(shown);
    }
}
