package io.github.peft4j.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every small template of the fixture renders as Jinja2 in transformers' environment does, or fails where it fails; those that write JSON are tried
 * where there is a writer.
 */
class JinjaGoldenTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What Jinja2 does and we refuse, each with a message. */
    private static final Set<String> REFUSED = Set.of(
            "{{ {(1, 2): 3} }}",
            "{{ cycler }}",
            "{{ joiner }}",
            "{{ self }}",
            "{{ 1_000 }}",
            "{{ s.format(1) }}",
            "{{ s.encode() }}",
            "{{ '%s' % 1 }}",
            "{{ s|escape }}",
            "{{ s|e }}",
            "{{ (s|safe) + \"<\" }}",
            "{{ s|safe|trim }}",
            "{% for x in li %}{{ loop }}{% endfor %}",
            "{% raw %}",
            "{% block a %}x{% endblock %}");

    static Stream<Arguments> cases() throws IOException {
        try (InputStream in = JinjaGoldenTest.class.getResourceAsStream("/jinja/templates.json")) {
            JsonNode fixture = JSON.readTree(in);
            Map<String, ?> variables = variables(fixture.get("variables"));
            return StreamSupport.stream(fixture.get("cases").spliterator(), false)
                    .filter(c -> !c.get("template").textValue().contains("tojson"))
                    .map(c -> Arguments.of(
                            c.get("template").textValue(),
                            c.has("text") ? c.get("text").textValue() : null,
                            variables));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> variables(JsonNode node) {
        return JSON.convertValue(node, Map.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void renders_what_jinja2_renders(String template, String expected, Map<String, ?> variables) {
        if (expected == null || REFUSED.contains(template)) {
            assertThatThrownBy(() -> render(template, variables))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("(line ");
        } else {
            assertThat(render(template, variables)).isEqualTo(expected);
        }
    }

    private static String render(String template, Map<String, ?> variables) {
        return JinjaTemplate.parse(template).render(variables, Clock.systemUTC());
    }
}
