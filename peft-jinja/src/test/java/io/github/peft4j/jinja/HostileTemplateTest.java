package io.github.peft4j.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.rendering.Work;
import io.github.peft4j.jinja.internal.run.Budget;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that would take all time, all memory or the whole stack, or reach for Java: each ends soon, with a message. */
class HostileTemplateTest {

    private static final Map<String, ?> VARIABLES =
            Map.of("s", "a", "n", 1, "messages", List.of(Map.of("role", "user")));

    private static final String LONG = "the template works too long";
    private static final String DEEP = "nested more than 200 deep";
    private static final String BRACKETS = "more than 100 brackets and tags inside each other";
    private static final String GROW = "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}{% for i in range(14) %}"
            + "{% set ns.x = ns.x ~ ns.x %}{% endfor %}{% set big = ns.x %}";
    private static final String PAIRS =
            "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}" + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}";
    private static final String DEEP_LIST =
            "{% set ns = namespace(x=[1]) %}{% for i in range(5000) %}" + "{% set ns.x = [ns.x] %}{% endfor %}";

    static Stream<Arguments> hostile() {
        return Stream.of(large(), repeated(), deep()).flatMap(cases -> cases);
    }

    private static Stream<Arguments> large() {
        return Stream.of(
                of("loops in loops", loops(""), LONG),
                of("a silent loop", loops("{% set x = 1 %}"), LONG),
                of("doubling a text", GROW.replace("14", "100"), LONG),
                of("doubling a list", PAIRS.replace("[ns.x, ns.x]", "ns.x + ns.x"), LONG),
                of("printing a list that shares its parts", PAIRS + "{{ ns.x }}", LONG),
                of("comparing it", PAIRS + "{{ ns.x == ns.x + [] }}{{ [ns.x] == [ns.x] }}", LONG),
                of("ordering it", PAIRS + "{{ ns.x < [ns.x[0], ns.x[0]] }}", LONG),
                of("printing a deep list", DEEP_LIST + "{{ ns.x }}", "more than 100 deep"),
                of(
                        "comparing it",
                        DEEP_LIST + "{% set a = ns.x %}" + DEEP_LIST + "{{ a == ns.x }}",
                        "more than 100 deep"),
                of(
                        "ordering it",
                        DEEP_LIST + "{% set a = ns.x %}" + DEEP_LIST + "{{ a < ns.x }}",
                        "more than 100 deep"),
                of("repeating a text", "{{ 'a' * 9000000000000 }}", LONG),
                of("repeating a list", "{{ [1] * 2000000000 }}", LONG),
                of("a long range", "{{ range(1000000) }}", "at most 100000 numbers"),
                of("a range backwards", "{{ range(2000000000, -2000000000, -1) }}", "at most 100000 numbers"),
                of("a wide margin", "{{ 'a\nb' | indent(2000000000) }}", LONG),
                of("replacing nothing", GROW + "{{ big | replace('', big) }}", LONG),
                of("a long separator", GROW + "{{ range(100000) | join(big) }}", LONG),
                of("joining", GROW + "{{ big.join(range(1000) | map('string')) }}", LONG),
                of("looking for a long text", GROW + "{{ (big ~ 'b') in (big ~ big) }}", LONG),
                of("counting a long text", GROW + "{{ (big ~ big).count(big ~ 'b') }}", LONG),
                of("splitting by a long text", GROW + "{{ (big ~ big).split(big ~ 'b') }}", LONG),
                of("stripping many characters", GROW + "{{ (big ~ 'b').strip(big ~ 'c') }}", LONG),
                of("the characters of a text", GROW + "{{ big | list | length }}", LONG),
                of("long keys", GROW + "{% for i in range(100000) %}{{ big == big ~ '' }}{% endfor %}", LONG),
                of("sorting long texts", GROW + "{{ ([big] * 100) | sort }}", LONG),
                of("all different", "{{ range(100000) | unique | list }}", LONG),
                of(
                        "beginnings in a tuple",
                        GROW + "{% set p = big[1:] ~ 'b' %}{{ big.startswith((p,) * 10000) }}",
                        LONG),
                of("ends in a tuple", GROW + "{{ (big ~ big).endswith(('b' ~ big,) * 10000) }}", LONG));
    }

    private static Stream<Arguments> repeated() {
        return Stream.of(
                of("short beginnings in a tuple", often("{{ 'a'.startswith(('b',) * 1000) }}"), LONG),
                of("long beginnings", GROW + often("{{ big.removeprefix(big) }}"), LONG),
                of("long keys made anew", GROW + "{% set d = {big: 1} %}" + often("{{ d[big ~ ''] }}"), LONG),
                of("long keys that are not there", GROW + "{% set d = {big: 1} %}" + often("{{ d[big ~ 'b'] }}"), LONG),
                of("getting by long keys", GROW + "{% set d = {big: 1} %}" + often("{{ d.get(big ~ '') }}"), LONG),
                of("looking for long keys", GROW + "{% set d = {big: 1} %}" + often("{{ (big ~ '') in d }}"), LONG),
                of("dicts with long keys", GROW + often("{% set d = {big ~ '': 1} %}"), LONG),
                of(
                        "comparing dicts with long keys",
                        GROW + "{% set d = {big: 1} %}{% set e = {big ~ '': 1} %}" + often("{{ d == e }}"),
                        LONG),
                of("long paths", GROW + often("{{ [{}] | map(attribute=big) | list }}"), LONG),
                of("the same long text", GROW + "{% set b = big ~ '' %}" + often("{{ big is sameas b }}"), LONG),
                of("long texts in order", GROW + "{% set b = big ~ 'b' %}" + often("{{ big ~ 'a' < b }}"), LONG),
                of("lengths", GROW + often("{{ (big ~ 'é') | length }}"), LONG),
                of("elements of a text", GROW + "{% set b = big ~ 'é' %}" + often("{{ b[-1] }}"), LONG),
                of("titles", GROW + often("{% set b = big.title() %}"), LONG),
                of("cases", GROW + often("{{ big is lower }}"), LONG),
                of("lines", "{% set s = '\n' * 100000 %}" + often("{% set b = s.splitlines() %}"), LONG),
                of("words", "{% set s = 'a ' * 100000 %}" + often("{% set b = s.split() %}"), LONG),
                of("numbers in texts", GROW + often("{{ big | int }}{{ big | float }}"), LONG),
                of("digits of floats", often("{% set b = ([1e-300] * 1000) ~ '' %}"), LONG),
                of("rounding", often(often("{{ 1e-300 | round(310) }}")), LONG),
                of("dates", often("{% set b = strftime_now('%A' * 10000) %}"), LONG),
                of("sorting numbers of two kinds", often("{% set b = ([1e-300, 1] * 10000) | sort %}"), LONG),
                of(
                        "many parameters",
                        "{% macro f(a" + ",a".repeat(5000) + ") %}{% endmacro %}" + often("{{ f() }}"),
                        LONG),
                of(
                        "many scopes",
                        "{% with x = 1 %}".repeat(90) + often(often("{{ messages }}")) + "{% endwith %}".repeat(90),
                        LONG),
                of("pairs of a dict", "{% set d = dict(a=1, b=2) %}" + often(often("{% set b = d.items() %}")), LONG));
    }

    private static Stream<Arguments> deep() {
        return Stream.of(
                of("much output", GROW + "{% for i in range(100) %}{{ big }}{% endfor %}", "characters"),
                of(
                        "much captured text",
                        GROW + "{% set y %}{% for i in range(100) %}{{ big }}{% endfor %}{% endset %}",
                        "characters"),
                of("a macro without end", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", DEEP),
                of(
                        "two macros",
                        "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
                        DEEP),
                of(
                        "a macro with many calls",
                        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(50) }}",
                        LONG),
                of("a recursive loop", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", DEEP),
                of("a default that calls", "{% macro f(a=f()) %}{% endmacro %}{{ f() }}", DEEP),
                of(
                        "a caller",
                        "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}",
                        DEEP),
                of("brackets", nested("(", ")"), BRACKETS),
                of("lists", nested("[", "]"), BRACKETS),
                of("dicts", nested("{1:", "}"), BRACKETS),
                of("calls", nested("x(", ")"), BRACKETS),
                of("subscripts", nested("x[", "]"), BRACKETS),
                of("tests", nested("1 is in (", ")"), BRACKETS),
                of("negations", "{{ " + "not ".repeat(100_000) + "1 }}", BRACKETS),
                of("signs", "{{ " + "-".repeat(100_000) + "1 }}", BRACKETS),
                of("conditions", "{{ " + "1 if 0 else ".repeat(50_000) + "1 }}", BRACKETS),
                of("tags", "{% if 1 %}".repeat(50_000), BRACKETS),
                of("targets", "{% set " + "(".repeat(100_000) + "a" + ")".repeat(100_000) + " = 1 %}", BRACKETS),
                of("a long sum", "{{ 1" + " + 1".repeat(100_000) + " }}", DEEP),
                of("a long chain", "{{ x" + ".a".repeat(100_000) + " }}", DEEP),
                of("many filters", "{{ 1" + " | string".repeat(50_000) + " }}", DEEP),
                of("many conditions", "{{ 1" + " if 1".repeat(50_000) + " }}", DEEP),
                of("many ands", "{{ 1" + " and 1".repeat(50_000) + " }}", DEEP),
                of("large powers", "{{ 9 ** 99999999999 }}", "does not fit 64 bits"),
                of("large numbers", "{{ 9223372036854775807 + 1 }}", "does not fit 64 bits"),
                of("negating the smallest number", "{{ -(0 - 9223372036854775807 - 1) }}", "does not fit 64 bits"),
                of("dividing the smallest number", "{{ (0 - 9223372036854775807 - 1) // -1 }}", "does not fit 64 bits"),
                of("large literals", "{{ 99999999999999999999 }}", "does not fit 64 bits"),
                of("long literals", "{{ " + "9".repeat(100_000) + " }}", "more than 64 digits"),
                of(
                        "a long template",
                        " ".repeat((1 << 20) + 1),
                        "a template may have 1048576 characters, got 1048577"));
    }

    private static Arguments of(String name, String template, String message) {
        return Arguments.of(name, template, message);
    }

    private static String nested(String open, String close) {
        return "{{ " + open.repeat(100_000) + "1" + close.repeat(100_000) + " }}";
    }

    private static String often(String body) {
        return "{% for _ in range(100000) %}" + body + "{% endfor %}";
    }

    private static String loops(String body) {
        return "{% for a in range(100000) %}{% for b in range(100000) %}" + body + "{% endfor %}{% endfor %}";
    }

    /** A tenth of the real work makes the tests ten times as fast. */
    private static String renderWithLess(String template) {
        return JinjaTemplate.parse(template)
                .renderWithin(Budget.of(Work.of(25_600_000), 3_200_000, 1 << 20), VARIABLES, Clock.systemUTC())
                .text();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void ends_with_a_message(String name, String template, String message) {
        assertThatThrownBy(() -> renderWithLess(template))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{% set x = 1 %}", "{{ a }}"})
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void ends_in_seconds_with_all_the_work_that_is_allowed(String body) {
        assertThatThrownBy(() -> render(loops(body)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(LONG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}",
                "{% macro f(a=f()) %}{% endmacro %}{{ f() }}",
                "{% for x in [1] recursive %}{% set y %}{% filter upper %}{{ loop([1]) }}{% endfilter %}{% endset %}{% endfor %}"
            })
    void needs_half_a_megabyte_of_stack(String template) throws InterruptedException {
        Throwable[] thrown = {null};
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        render(template);
                    } catch (TemplateException | StackOverflowError e) {
                        thrown[0] = e;
                    }
                },
                "small stack",
                512 << 10);
        thread.start();
        thread.join();

        assertThat(thrown[0]).isInstanceOf(TemplateException.class).hasMessageContaining(DEEP);
    }

    @Test
    void makes_no_more_than_sixteen_million_characters() {
        assertThatThrownBy(() -> render(GROW + "{% for i in range(100) %}{{ big }}{% endfor %}"))
                .isInstanceOf(TemplateException.class)
                .hasMessage("the template makes more than 16777221 characters (line 1)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ s.getClass() }}",
                "{{ s.getClass().forName('java.lang.Runtime') }}",
                "{{ messages.getClass() }}",
                "{{ messages.stream() }}",
                "{{ messages[0].entrySet() }}",
                "{{ s.class.classLoader }}",
                "{{ s.__class__.__mro__ }}",
                "{{ range.__globals__ }}{{ range.call() }}",
                "{{ namespace().__init__.__globals__ }}",
                "{{ s.repeat(1000000000) }}",
                "{{ s.matches('(a+)+$') }}",
                "{{ n.getDeclaringClass() }}",
                "{{ messages.append(1) }}",
                "{{ messages.clear() }}",
                "{{ messages[0].update({'role': 'x'}) }}",
                "{{ messages[0].pop('role') }}",
                "{% for m in messages %}{{ loop.getClass() }}{% endfor %}",
                "{% macro f() %}{% endmacro %}{{ f.getClass() }}",
                "{{ messages | map(attribute='class.name') | list }}",
                "{% include '/etc/passwd' %}",
                "{% import 'os' as os %}",
                "{% extends 'x' %}",
                "{% do x %}"
            })
    void cannot_reach_java_files_or_change_what_it_was_given(String template) {
        assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ s.class }}",
                "{{ s.bytes }}",
                "{{ messages.size }}",
                "{{ range.class }}",
                "{{ s.__class__ }}",
                "{{ loop }}"
            })
    void does_not_see_java_attributes(String template) {
        assertThat(render(template)).isEmpty();
    }

    @Test
    void does_not_render_what_a_message_says() {
        Map<String, ?> variables = Map.of("s", "{{ 1 + 1 }}{% raise_exception('x') %}");

        assertThat(JinjaTemplate.parse("{{ s }}{{ s | trim }}{% set x %}{{ s }}{% endset %}{{ x }}")
                        .render(variables, Clock.systemUTC()))
                .isEqualTo("{{ 1 + 1 }}{% raise_exception('x') %}".repeat(3));
    }

    @Test
    void gives_long_conversations_more_work() {
        String text = "a b".repeat(1_000_000);
        String template =
                "{% for m in messages %}{{ m.strip().replace('b', 'c') ~ m.upper() | lower | trim }}{% endfor %}";

        assertThat(JinjaTemplate.parse(template)
                        .render(Map.of("messages", List.of(text, text, text)), Clock.systemUTC()))
                .hasSize(18_000_000);
    }

    @Test
    void refuses_variables_that_are_no_plain_data() {
        assertThatThrownBy(() -> JinjaTemplate.parse("x").render(Map.of("a", new Object()), Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a template's variables are texts, numbers, truth values, lists and maps, got class java.lang.Object");
    }

    private static String render(String template) {
        Map<String, ?> variables = Map.of("s", "a", "n", 1, "messages", List.of(Map.of("role", "user")));
        return JinjaTemplate.parse(template).render(variables, Clock.systemUTC());
    }
}
