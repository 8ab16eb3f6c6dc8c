package io.github.peft4j.models.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.jinja.internal.rendering.PythonFloat;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class JsonWriterTest {

    private static final int BLOCK = 100;

    /** Digests of what Python wrote: 100 of numbers, 20 of texts, 20 of maps. */
    private static final List<String> GOLDEN = JsonFixtures.lines("writer.txt");

    /** SplitMix64, as in the script that made the digests. */
    private static final class Draws {
        private long state;

        private Draws(long seed) {
            state = seed;
        }

        private long next() {
            state += 0x9E3779B97F4A7C15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }

        private double number(int kind) {
            long bits = next();
            return switch (kind) {
                case 0 -> Double.longBitsToDouble(bits);
                case 1 ->
                    remainder(bits, 1000) / Double.parseDouble("1e" + remainder(Long.divideUnsigned(bits, 1000), 23));
                case 2 ->
                    Double.longBitsToDouble(
                            (remainder(bits, 2046) << 52) + remainder(Long.divideUnsigned(bits, 2046), 3));
                case 3 -> remainder(bits, 100003) / (double) (1 + remainder(Long.divideUnsigned(bits, 100003), 997));
                default -> Float.intBitsToFloat((int) bits);
            };
        }

        private static long remainder(long bits, long divisor) {
            return Long.remainderUnsigned(bits, divisor);
        }

        private String text() {
            long[] limits = {0x80, 0x20, 0x100, 0x3000, 0x10000, 0x110000};
            StringBuilder text = new StringBuilder();
            for (long left = remainder(next(), 12); left > 0; left--) {
                long code = next();
                text.appendCodePoint((int) remainder(code, limits[(int) remainder(next(), limits.length)]));
            }
            return text.toString();
        }
    }

    private static String digest(List<String> lines) {
        try {
            byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(hash).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static IntStream numbers() {
        return IntStream.range(0, 100);
    }

    static IntStream blocks() {
        return IntStream.range(0, 20);
    }

    @ParameterizedTest(name = "numbers of seed {0}")
    @MethodSource("numbers")
    void numbersAreWrittenAsInPython(int block) {
        Draws draws = new Draws(block);
        List<String> lines = new ArrayList<>();
        while (lines.size() < BLOCK) {
            double value = draws.number(block % 5);
            if (Double.isFinite(value)) {
                lines.add(PythonFloat.repr(value));
                assertThat(Double.parseDouble(lines.get(lines.size() - 1))).isEqualTo(value);
            }
        }
        assertThat(digest(lines)).as(() -> lines.toString()).isEqualTo(GOLDEN.get(block));
    }

    @ParameterizedTest(name = "texts of seed {0}")
    @MethodSource("blocks")
    void textsAreWrittenAsInPython(int block) {
        Draws draws = new Draws(1000 + block);
        List<String> lines = IntStream.range(0, BLOCK)
                .mapToObj(i -> JsonWriter.FILE.write(draws.text()))
                .toList();
        assertThat(digest(lines)).as(() -> lines.toString()).isEqualTo(GOLDEN.get(100 + block));
    }

    @ParameterizedTest(name = "maps of seed {0}")
    @MethodSource("blocks")
    void mapsAreWrittenAsInPythonSortedByCodePoints(int block) {
        Draws draws = new Draws(2000 + block);
        Map<String, Object> value = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            String key = draws.text();
            value.put(key, Arrays.asList(draws.next() >>> 1, Map.of(), List.of(), null, true, draws.number(3)));
        }
        assertThat(digest(List.of(JsonWriter.FILE.write(value))))
                .as(() -> JsonWriter.FILE.write(value))
                .isEqualTo(GOLDEN.get(120 + block));
    }

    @ParameterizedTest
    @CsvSource({
        "1e-5, 1e-05",
        "0.0001, 0.0001",
        "1e16, 1e+16",
        "123456789012345680, 1.2345678901234568e+17",
        "9999999999999998, 9999999999999998.0",
        "-0.0, -0.0",
        "0, 0.0",
        "128, 128.0",
        "4.9E-324, 5e-324",
        "1.7976931348623157E308, 1.7976931348623157e+308",
        "2E-3, 0.002",
        "2E23, 2e+23",
        "5.684341886080802e-14, 5.684341886080802e-14",
        "9007199254740993, 9007199254740992.0",
    })
    void wellKnownHardNumbersAreWrittenAsInPython(double value, String text) {
        assertThat(PythonFloat.repr(value)).isEqualTo(text);
    }

    @Test
    void wholeNumbersOfAllSizesAreWrittenInFull() {
        BigInteger large = BigInteger.TEN.pow(30);
        assertThat(JsonWriter.LINE.write(List.of(1, 2L, (short) 3, (byte) 4, large)))
                .isEqualTo("[1, 2, 3, 4, 1000000000000000000000000000000]");
    }

    @Test
    void numbersThatAreNotFiniteAreWrittenAsInPythonUnlessJsonItselfIsWanted() {
        List<Double> values = List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        assertThat(JsonWriter.PYTHON.write(values)).isEqualTo("[NaN, Infinity, -Infinity]");
        assertThat(JsonWriter.PYTHON.finite().write(values)).isEqualTo("[null, null, null]");
    }

    @Test
    void aValueThatHasNoFormInJsonIsRefused() {
        assertThatThrownBy(() -> JsonWriter.FILE.write(new StringBuilder().chars()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected null, a truth value, a number, text, a list or a map, got a java.");
    }

    @Test
    void keysKeepTheirOrderUnlessTheyAreSorted() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("b", new int[] {1, 2});
        map.put("a", Map.of());
        assertThat(JsonWriter.PYTHON.write(map)).isEqualTo("{\"b\": [1, 2], \"a\": {}}");
        assertThat(JsonWriter.LINE.write(map)).isEqualTo("{\"a\": {}, \"b\": [1, 2]}");
        assertThat(JsonWriter.PYTHON.separators(",", ":").write(map)).isEqualTo("{\"b\":[1,2],\"a\":{}}");
    }

    @Test
    void keysThatAreNoTextsAreWrittenAsTexts() {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put(1, "x");
        map.put(2.5, "y");
        map.put(true, "z");
        map.put(null, "n");
        assertThat(JsonWriter.PYTHON.write(map))
                .isEqualTo("{\"1\": \"x\", \"2.5\": \"y\", \"true\": \"z\", \"null\": \"n\"}");
    }

    @Test
    void whatIsEscapedBesidesWhatMustBeCanBeChosen() {
        String text = "\"\u0001ä\u007f\u2028\ud83d\ude00\ud800";
        assertThat(JsonWriter.PYTHON.write(text))
                .isEqualTo("\"\\\"\\u0001\\u00e4\\u007f\\u2028\\ud83d\\ude00\\ud800\"");
        assertThat(JsonWriter.PYTHON.escaping(JsonQuoting.Escaping.UNICODE).write(text))
                .isEqualTo("\"\\\"\\u0001ä\u007f\u2028\ud83d\ude00\ud800\"");
        assertThat(JsonWriter.PYTHON.escaping(JsonQuoting.Escaping.LINE).write(text))
                .isEqualTo("\"\\\"\\u0001ä\\u007f\\u2028\ud83d\ude00\\ud800\"");
        assertThat(JsonWriter.PYTHON.escaping(JsonQuoting.Escaping.LINE).write("\udc00\ud800\ud800\udc00"))
                .isEqualTo("\"\\udc00\\ud800\ud800\udc00\"");
    }

    @Test
    void aMessageShowsOnlyTheBeginningOfALongValue() {
        assertThat(JsonWriter.shown(Map.of("a", List.of(1, "x")))).isEqualTo("{\"a\": [1, \"x\"]}");
        assertThat(JsonWriter.shown("t\u00e4xt\u001b")).isEqualTo("\"t\u00e4xt\\u001b\"");
        assertThat(JsonWriter.shown("x".repeat(1000))).isEqualTo("\"" + "x".repeat(159) + "...");
        assertThat(JsonWriter.shown("\ud83d\ude00".repeat(100))).isEqualTo("\"" + "\ud83d\ude00".repeat(79) + "...");
    }
}
