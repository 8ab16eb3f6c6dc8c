package io.github.peft4j.core.config.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists, targets and objects, as files and settings give them. */
final class ConfigListsTest extends ConfigValuesCase {

    @Test
    void listsOfTextAreRead() {
        assertThat(json("x", List.of("a", "b")).textsOrNull("x")).containsExactly("a", "b");
        assertThat(json("x", "a").textsOrNull("x")).containsExactly("a");
        assertThat(json("x", List.of()).textsOrNull("x")).isEmpty();
        assertThat(json("x", null).textsOrNull("x")).isNull();
        assertThat(setting("a, 'b',\"c\"").textsOrNull("x")).containsExactly("a", "b", "c");
        assertThat(setting("[a,b]").textsOrNull("x")).containsExactly("a", "b");
        assertThat(setting("[]").textsOrNull("x")).isEmpty();
    }

    @Test
    void aListWithSomethingElseInItIsRefused() {
        ConfigValues texts = json("x", List.of("a", 1));
        texts.textsOrNull("x");
        refused(texts, "x must be a list of text, got [\"a\", 1] (file)");
        ConfigValues nulls = json("x", Arrays.asList("a", null));
        nulls.textsOrNull("x");
        refused(nulls, "x must be a list of text, got [\"a\", null] (file)");
        ConfigValues numbers = setting("1,b");
        numbers.integersOrNull("x");
        refused(numbers, "x must be a list of whole numbers, got \"1,b\" (settings)");
    }

    @Test
    void listsOfNumbersAreRead() {
        assertThat(json("x", List.of(1, 2)).integersOrNull("x")).containsExactly(1, 2);
        assertThat(json("x", 3).integersOrNull("x")).containsExactly(3);
        assertThat(setting("[0, 2]").integersOrNull("x")).containsExactly(0, 2);
        assertThat(setting("4").integersOrNull("x")).containsExactly(4);
        assertThat(setting("null").integersOrNull("x")).isNull();
    }

    @Test
    void targetsAreNamesOrAnExpression() {
        assertThat(json("x", List.of("q", "v")).targetsOrNull("x")).isEqualTo(TargetModules.named("q", "v"));
        assertThat(json("x", ".*q").targetsOrNull("x")).isEqualTo(TargetModules.ofPattern(".*q"));
        assertThat(json("x", "All-Linear").targetsOrNull("x")).isEqualTo(new TargetModules.AllLinear());
        assertThat(setting("q,v").targetsOrNull("x")).isEqualTo(TargetModules.named("q", "v"));
        assertThat(json("x", null).targetsOrNull("x")).isNull();
    }

    @Test
    void targetsThatAreNeitherAreRefused() {
        ConfigValues number = json("x", 3);
        number.targetsOrNull("x");
        refused(number, "x must be a list of module names or a regular expression, got 3 (file)");
        ConfigValues expression = json("x", "(q");
        expression.targetsOrNull("x");
        refused(
                expression,
                "x must be a list of module names or a regular expression, got \"(q\": \"(q\" is no valid regular"
                        + " expression of Python: missing ), unterminated subpattern at position 2 (file)");
    }

    @Test
    void numbersAsWrittenAreReadInOrder() {
        Map<String, Object> pattern = new LinkedHashMap<>();
        pattern.put("v", 4);
        pattern.put("q", 0.5);
        assertThat(json("x", pattern).numbersAsWritten("x")).containsExactly(Map.entry("v", 4), Map.entry("q", 0.5));
        assertThat(json("x", null).numbersAsWritten("x")).isEmpty();
        assertThat(setting("v:4, q:0.5").numbersAsWritten("x")).containsExactly(Map.entry("v", 4), Map.entry("q", 0.5));
        assertThat(setting("{\"a,b:c\": 3}").numbersAsWritten("x")).containsExactly(Map.entry("a,b:c", 3));
        assertThat(setting("{}").numbersAsWritten("x")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"v", ":4", "v:x", "`v:4,q`", "{\"v\": \"x\"}"})
    void aSettingThatIsNoTableIsRefused(String text) {
        ConfigValues values = setting(text);
        values.numbersAsWritten("x");
        refused(values, "x must be an object of numbers, got " + JsonWriter.LINE.write(text) + " (settings)");
    }

    @Test
    void aSettingThatIsNoValidJsonIsRefused() {
        ConfigValues values = setting("{v: 1}");
        values.numbersAsWritten("x");
        assertThatThrownBy(values::finish)
                .hasMessageStartingWith(
                        "x must be an object of numbers, got \"{v: 1}\": the setting is no valid JSON: ");
    }

    @Test
    void aTableOfSomethingElseIsRefused() {
        for (Object value : List.of(3, Map.of("v", "x"), List.of(1))) {
            ConfigValues values = json("x", value);
            values.numbersAsWritten("x");
            refused(values, "x must be an object of numbers, got " + JsonWriter.LINE.write(value) + " (file)");
        }
    }

    @Test
    void objectsOfAnyContentAreRead() {
        assertThat(json("x", Map.of("a", List.of())).objectOrNull("x")).isEqualTo(Map.of("a", List.of()));
        assertThat(setting("{\"a\": {\"b\": null}}").objectOrNull("x").get("a")).hasToString("{b=null}");
        assertThat(setting("a:1,b:c").objectOrNull("x")).isEqualTo(Map.of("a", 1, "b", "c"));
        assertThat(json("x", null).objectOrNull("x")).isNull();
        ConfigValues values = json("x", "text");
        values.objectOrNull("x");
        refused(values, "x must be an object, got \"text\" (file)");
    }

    @Test
    void emptyTextIsNoListOfText() {
        assertThat(json("x", "").textsOrNull("x")).isEmpty();
        assertThat(json("x", "").oneOrManyTexts("x")).isNull();
        assertThat(json("x", List.of("")).textsOrNull("x")).containsExactly("");
    }
}
