package io.github.peft4j.models.internal.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "größe 7 – \"x\" \\ y", "日本語", "नमस्ते", "👩‍🚀", "می‌خواهم"})
    void whatEverybodySeesAsItIsStays(String text) {
        assertThat(Printable.excerpt(text)).isEqualTo(text);
        assertThat(Printable.message(text)).isEqualTo(text);
        assertThat(Printable.text(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0x1b, \\u001b",
        "0x00, \\u0000",
        "0x7f, \\u007f",
        "0x9b, \\u009b",
        "0x0a, \\u000a",
        "0x0d, \\u000d",
        "0x2028, \\u2028",
        "0x202e, \\u202e",
        "0x2066, \\u2066",
        "0xfeff, \\ufeff",
        "0xd800, \\ud800",
        "0xe0041, \\udb40\\udc41"
    })
    void whatSteersATerminalOrIsNotSeenIsEscaped(int character, String escaped) {
        String text = "a" + Character.toString(character) + "b";
        assertThat(Printable.excerpt(text)).isEqualTo("a" + escaped + "b");
        assertThat(Printable.quoted(text)).isEqualTo("\"a" + escaped + "b\"");
    }

    @Test
    void linesAndTabsOfATextStayAndNothingElseThatSteersATerminal() {
        assertThat(Printable.text("a\n\tb\r\u001b[31m")).isEqualTo("a\n\tb\\u000d\\u001b[31m");
    }

    @Test
    void theMiddleOfALongMessageIsLeftOutAndCounted() {
        String text = "begin" + "x".repeat(15_000_000) + "end";
        assertThat(Printable.message(text))
                .startsWith("beginxxx")
                .endsWith("xxxend")
                .contains(" ... 14992048 characters left out ... ")
                .hasSizeLessThanOrEqualTo(Printable.LONGEST_MESSAGE);
    }

    @Test
    void whatFitsExactlyIsWhole() {
        assertThat(Printable.excerpt("x".repeat(160))).isEqualTo("x".repeat(160));
        assertThat(Printable.excerpt("x".repeat(161))).contains(" 41 characters left out");
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void anyTextBecomesOneBoundedLineOfVisibleCharacters(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] characters = random.ints(random.nextInt(20_000), 0, random.nextBoolean() ? 256 : 0x110000)
                .toArray();
        String text = new String(characters, 0, characters.length);
        String message = Printable.message(text);
        assertThat(message.codePoints()).noneMatch(Printable::isHidden);
        assertThat(message).hasSizeLessThanOrEqualTo(Printable.LONGEST_MESSAGE);
        assertThat(Printable.message(message)).isEqualTo(message);
        assertThat(Printable.text(text).codePoints().filter(c -> c != '\n' && c != '\t'))
                .noneMatch(Printable::isHidden);
    }
}
