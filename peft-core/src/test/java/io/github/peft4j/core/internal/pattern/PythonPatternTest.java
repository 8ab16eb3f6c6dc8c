package io.github.peft4j.core.internal.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.Golden;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PythonPatternTest {

    private static final Map<String, Object> GOLDEN = Golden.json("patterns.json");

    static Stream<String> expressions() {
        return Golden.object(GOLDEN, "patterns").keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void anExpressionMeansWhatItMeansInPython(String expression) {
        String expected = (String) Golden.object(GOLDEN, "patterns").get(expression);
        String found;
        try {
            PythonPattern pattern = PythonPattern.compile(expression);
            StringBuilder verdicts = new StringBuilder();
            for (String text : Golden.<String>list(GOLDEN, "texts")) {
                int whole = pattern.matchesAll(text) ? 1 : 0;
                int start = pattern.matchesStart(text, new Steps()) ? 2 : 0;
                verdicts.append(whole + start);
            }
            found = verdicts.toString();
        } catch (IllegalArgumentException e) {
            found = "error";
        }
        assertThat(found).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a(b | missing ), unterminated subpattern at position 3",
                "a)b | unbalanced parenthesis at position 1",
                "[a | unterminated character set at position 2",
                "a\\ | bad escape, the expression ends in a backslash at position 1",
                "\\p{L} | bad escape \\p at position 0",
                "(?<n>a) | unknown extension ?<n; a named group is (?P<name>...) at position 0",
                "(?P<1>a) | bad group name '1' at position 0",
                "(?P=x) | unknown group name 'x' at position 6",
                "(?P<a>b)(?P<a>c) | redefinition of group name 'a' at position 14",
                "a(?i)b | global flags not at the start of the expression at position 1",
                "(?#a | missing ), unterminated comment at position 0",
                "\\2 | invalid group reference 2 at position 0",
                "\\400 | octal escape value outside of range 0-0o377 at position 0",
                "\\x4 | incomplete escape \\x4 at position 0",
                "[\\9] | bad escape \\9 at position 1",
                "(?iq) | bad inline flags i at position 0",
                "a** | multiple repeat at position 2",
                "a{2}{3} | multiple repeat at position 4",
                "a^*b | nothing to repeat at position 2",
                "(+a) | nothing to repeat at position 1",
                "a{3,2} | Illegal repetition range",
            })
    void anInvalidExpressionIsRefusedSayingWhy(String expression, String problem) {
        assertThatThrownBy(() -> PythonPattern.compile(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage('"' + expression + "\" is no valid regular expression of Python: " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(a)(?(1)b) | a condition on a group, (?(...) | 3",
                "(?x)a b | the flag x | 0",
                "(?a)\\w | the flag a | 0",
                "(?L)\\w | the flag L | 0",
                "\\N{DIGIT ONE} | a character by name, \\N | 0",
            })
    void whatJavaHasNoCounterpartForIsRefusedByName(String expression, String what, int position) {
        assertThatThrownBy(() -> PythonPattern.compile(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the regular expression \"" + expression + "\" uses " + what
                        + ", which this version does not support (position " + position + ")");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a*)*b",
                "(a|a)*b",
                "(a|aa)+b",
                "(.*)*x",
                "((a+)+)+$b",
                "^(([a-z])+.)+[A-Z]([a-z])+$",
                "((a|aa)+)\\1b",
                "(a?){20}a{40}b"
            })
    void anExpressionThatBacktracksWithoutEndIsStopped(String expression) {
        PythonPattern pattern = PythonPattern.compile(expression);
        String input = "a".repeat(60);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            try {
                assertThat(pattern.matchesAll(input, new Steps(1_000_000))).isFalse();
            } catch (IllegalArgumentException e) {
                assertThat(e)
                        .hasMessage("the regular expression \"" + expression + "\" takes too long on \"" + input
                                + "\": write it without repetitions inside repetitions");
            }
        });
    }

    @Test
    void theWorkOfSeveralMatchesIsBoundedTogether() {
        PythonPattern pattern = PythonPattern.compile("((x|xx)+)\\1y");
        Steps steps = new Steps(10_000);
        String input = "x".repeat(16);
        assertThat(pattern.matchesAll(input)).isFalse();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        pattern.matchesAll(input, steps);
                    }
                })
                .hasMessageContaining("takes too long");
    }

    @Test
    void anExpressionThatNestsWithoutEndIsRefused() {
        String deep = "(".repeat(100_000) + ")".repeat(100_000);
        assertThatThrownBy(() -> PythonPattern.compile(deep))
                .hasMessageContaining("more than 200 groups inside each other");
    }

    @Test
    void anExpressionThatNeedsAStackWithoutEndIsRefused() {
        String wide = "a?".repeat(100_000);
        assertThatThrownBy(() -> PythonPattern.compile(wide).matchesAll("a".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anExpressionAsLongAsABookIsRefused() {
        assertThatThrownBy(() -> PythonPattern.compile("a".repeat(300_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a regular expression of 300000 characters is too long: expected at most 262144");
    }

    @Test
    void aListOfEveryModuleOfALargeModelIsNotTooMuch() {
        List<String> paths = new java.util.ArrayList<>();
        for (int layer = 0; layer < 128; layer++) {
            for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")) {
                paths.add("model.layers." + layer + ".self_attn." + name);
            }
        }
        PythonPattern pattern =
                PythonPattern.compile(".*(" + String.join("|", paths).replace(".", "\\.") + ")");
        Steps steps = new Steps();
        assertThat(paths).allMatch(path -> pattern.matchesAll(path, steps));
    }

    @Test
    void anExpressionIsItsText() {
        PythonPattern pattern = PythonPattern.compile("(?P<a_b>x)");
        assertThat(pattern)
                .hasToString("(?P<a_b>x)")
                .isEqualTo(PythonPattern.compile("(?P<a_b>x)"))
                .hasSameHashCodeAs(PythonPattern.compile("(?P<a_b>x)"))
                .isNotEqualTo(PythonPattern.compile("(?P<ab>x)"));
        assertThat(pattern.groupAtStart("xy", "a_b", new Steps())).isEqualTo("x");
        assertThat(pattern.groupAtStart("y", "a_b", new Steps())).isNull();
    }
}
