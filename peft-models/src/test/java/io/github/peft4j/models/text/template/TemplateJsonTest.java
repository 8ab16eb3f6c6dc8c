package io.github.peft4j.models.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.jinja.JinjaTemplate;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.rendering.Work;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** JSON in templates: what Python writes, within what a template may spend. */
class TemplateJsonTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String LONG = "the template works too long";
    private static final String GROW = "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}{% for i in range(14) %}"
            + "{% set ns.x = ns.x ~ ns.x %}{% endfor %}{% set big = ns.x %}";

    static Stream<Arguments> golden() throws IOException {
        try (InputStream in = TemplateJsonTest.class.getResourceAsStream("/jinja/templates.json")) {
            JsonNode fixture = JSON.readTree(in);
            Map<?, ?> variables = JSON.convertValue(fixture.get("variables"), Map.class);
            return StreamSupport.stream(fixture.get("cases").spliterator(), false)
                    .filter(c -> c.get("template").textValue().contains("tojson"))
                    .map(c -> Arguments.of(
                            c.get("template").textValue(),
                            c.has("text") ? c.get("text").textValue() : null,
                            variables));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("golden")
    void is_what_python_writes(String template, String expected, Map<String, ?> variables) {
        if (expected == null) {
            assertThatThrownBy(() -> render(template, variables)).isInstanceOf(TemplateException.class);
        } else {
            assertThat(render(template, variables)).isEqualTo(expected);
        }
    }

    @Test
    void there_are_templates_to_try() throws IOException {
        assertThat(golden()).hasSizeGreaterThan(10);
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of(
                        "a list that shares its parts",
                        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
                                + "{{ ns.x | tojson }}",
                        LONG),
                Arguments.of(
                        "a deep list",
                        "{% set ns = namespace(x=[1]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}"
                                + "{{ ns.x | tojson }}",
                        "more than 100 deep"),
                Arguments.of("a wide margin", "{{ [1] | tojson(indent=2000000000) }}", LONG),
                Arguments.of("margins of margins", GROW + "{{ [[[[[1]]]]] | tojson(indent=big) }}".repeat(30), LONG),
                Arguments.of(
                        "digits of floats",
                        "{% for _ in range(100000) %}{% set b = ([5e-324] * 1000) | tojson %}{% endfor %}",
                        LONG));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void ends_with_a_message(String name, String template, String message) {
        assertThatThrownBy(() -> render(template, Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(message);
    }

    @Test
    void separators_are_two_texts() {
        assertThatThrownBy(() -> render("{{ [1] | tojson(separators=[1]) }}", Map.of()))
                .hasMessage("tojson: separators must be two texts (line 1)");
    }

    private static String render(String template, Map<String, ?> variables) {
        return JinjaTemplate.parse(template, TemplateJson::write)
                .rendering(variables, Clock.systemUTC(), Work.of(25_600_000))
                .text();
    }
}
