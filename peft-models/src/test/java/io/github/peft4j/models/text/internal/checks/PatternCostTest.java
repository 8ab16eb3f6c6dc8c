package io.github.peft4j.models.text.internal.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which expressions are quick on any text, which on short ones, and which never. */
class PatternCostTest {

    private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                // GPT-2; Llama 3 and GPT-4; Qwen2; Bloom; CLIP
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+",
                "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
                "a|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
                // DeepSeek, its coder, Falcon, what SentencePiece's normalizers replace
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[\\r\\n]",
                "\\s?\\p{L}+",
                "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
                "[0-9][0-9][0-9]",
                "\\p{N}{1,3}",
                " {2,}",
                "\\s{2,}|[\\n\\r\\t]",
                "\\s+",
            })
    void published_expressions_are_quick_on_any_text(String expression) {
        assertThat(PatternCost.of(expression).longestText()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void so_are_those_that_divide_words_before_capitals() {
        String contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
        String words =
                WORD + UPPER + "*" + LOWER + "+" + contraction + "|" + WORD + UPPER + "+" + LOWER + "*" + contraction;
        String rest = "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

        assertThat(PatternCost.of(words + rest).longestText()).isEqualTo(Integer.MAX_VALUE);
        assertThat(PatternCost.of("[\\p{Han}]+|" + words.replace("\\p{M}]", "\\p{M}&&[^\\p{Han}]]") + rest)
                        .longestText())
                .isEqualTo(Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a*b",
                "[\\s\\S]+x",
                "\\s*[\\r\\n]+",
                "\\s*[\\r\\n]+|\\s|\\s+(?!\\S)x",
                "\\s+$",
                "a|\\s*[\\r\\n]+|\\s++(?!\\S)|\\s",
                "(?=(\\d{3})+(?!\\d))",
                "\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))",
                "a(?:b+c|d)",
                "(?:ab)+",
            })
    void others_are_quick_on_short_texts_only(String expression) {
        assertThat(PatternCost.of(expression).longestText()).isBetween(1024, 32768);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            value = {
                "(a+)+@has repetitions in each other",
                "(a*)*b@has repetitions in each other",
                "(?:a|aa)+b@has repetitions in each other",
                "(?:a?){2,}b@has repetitions in each other",
                "(?:(?=a))+@repeats something that can be empty",
                "a*b*c@has several unbounded repetitions that can fail one after the other",
                "a+.*x|b@has several unbounded repetitions that can fail one after the other",
                "(?:a{1,99}){1,9}b@can match in too many ways at one place",
                "(a{1,100}){1,100}@can match in too many ways at one place",
                "(a{1000}){1000}@is too large",
                "a{1,100000}@repeats something {1,100000} times, expected at most 1000, the smaller number first",
                "a{3,1}@repeats something {3,1} times, expected at most 1000, the smaller number first",
                "a**@repeats something repeated at character 2",
                "a{2}{3}@repeats something repeated at character 7",
                "*a@repeats nothing at character 0",
                "^*@repeats something that takes no character at character 1",
                "(a)\\1@has \\1, which is not supported",
                "\\g<1>@has \\g, which is not supported",
                "(?<n>a)@has the group \"(?<n\", which is not supported",
                "(?(1)a)@has the group \"(?(1\", which is not supported",
                "(?~a)@has the group \"(?~a\", which is not supported",
                "(*FAIL)@has the group \"(*FA\", which is not supported",
                "(?<=a+)b@looks behind without bound",
                "(a@lacks a )",
                "a)@has a ) too many",
                "[a@lacks a ]",
                "\\p{@has a \\p without {name}",
                "a\\@ends with \\",
            })
    void the_rest_is_refused(String expression, String why) {
        assertThatThrownBy(() -> PatternCost.of(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Test
    void groups_lie_in_each_other_only_so_deep() {
        assertThatThrownBy(() -> PatternCost.of("(".repeat(5000) + "a" + ")".repeat(5000)))
                .hasMessage("has more than 16 groups in each other");
        assertThatThrownBy(() -> PatternCost.of("[".repeat(5000) + "a" + "]".repeat(5000)))
                .hasMessage("has more than 16 [ in each other");
    }
}
