package io.github.peft4j.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.jinja.internal.rendering.JsonText;
import io.github.peft4j.jinja.internal.rendering.Rendering;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.rendering.Work;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the golden cases cannot show: messages, the clock, marked parts, sharing between threads. */
class JinjaTemplateTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-06T03:04:05.678Z"), ZoneId.of("UTC"));

    private static Rendering render(String template, Map<String, ?> variables) {
        return JinjaTemplate.parse(template).rendering(variables, CLOCK, Work.once());
    }

    private static String render(String template) {
        return render(template, Map.of("x", "text", "messages", List.of(Map.of("role", "user"))))
                .text();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "{{ a.b }}¦'a' is undefined (line 1)",
                "{{ x.nope() }}¦'str' has no attribute or element 'nope' (line 1)",
                "{{ messages[0].content + x }}¦'dict' has no attribute or element 'content' (line 1)",
                "{{ messages[3].role }}¦'list' has no attribute or element 3 (it has 1) (line 1)",
                "{{ messages[messages].a }}¦'list' has no attribute or element of type list (line 1)",
                "{{ x.__class__.y }}¦access to attribute '__class__' is not allowed in templates (line 1)",
                "{{ 1 + x }}¦'+' is not possible between 'int' and 'str' (line 1)",
                "{{ 1 in 2 }}¦iteration is not possible with 'int' (line 1)",
                "{{ 1 < x }}¦'<' is not possible between 'int' and 'str' (line 1)",
                "{{ 1 in x }}¦'in <text>' is not possible with 'int' (line 1)",
                "{{ x() }}¦a call is not possible with 'str' (line 1)",
                "{{ x | nope }}¦no filter 'nope'. There are [abs, capitalize, count, d, default, dictsort, first, float, indent, int, items, join, last, length, list, lower, map, max, min, reject, rejectattr, replace, reverse, round, safe, select, selectattr, sort, string, sum, title, tojson, trim, unique, upper] (line 1)",
                "{{ x is nope }}¦no test 'nope'. There are [boolean, callable, defined, even, false, filter, float, integer, iterable, mapping, none, number, odd, sequence, string, test, true, undefined] and comparisons (line 1)",
                "{{ x | trim(1) }}¦trim: the argument 'chars' must be a text, got int (line 1)",
                "{{ x | trim(nope='a') }}¦trim has no argument 'nope'; it has [chars] (line 1)",
                "{{ x | upper(1) }}¦upper takes at most 0 arguments, got 1 (line 1)",
                "{{ x | replace('a') }}¦replace needs the argument 'new' (line 1)",
                "{{ x.replace('a', 'b', 'c') }}¦replace: the argument 'count' must be a whole number, got str (line 1)",
                "{{ x.replace('a', 'b', old='c') }}¦replace got the argument 'old' twice (line 1)",
                "{{ dict(1, 2) }}¦dict takes at most 1 argument, got 2 (line 1)",
                "{{ dict(a=1, a=2) }}¦the argument 'a' stands twice in a call (line 1)",
                "{{ x | map(**x) }}¦'**' is not possible with 'str' (line 1)",
                "{{ x | selectattr }}¦selectattr needs the name of an attribute (line 1)",
                "{{ x | map }}¦map needs the name of a filter (line 1)",
                "{{ {} | dictsort(by='x') }}¦dictsort: 'by' must be 'key' or 'value', got 'x' (line 1)",
                "{{ 1 | round(0, 'x') }}¦round: the method must be common, ceil or floor (line 1)",
                "{{ [1] | tojson }}¦the filter tojson is not available here: no writer of JSON was given (line 1)",
                "{{ x.split('') }}¦split: the separator is empty (line 1)",
                "{{ [1].index(2) }}¦index: the value is not in the list (line 1)",
                "{{ x[::0] }}¦a slice's step must not be 0 (line 1)",
                "{{ x.format() }}¦the method 'format' of texts is not supported in chat templates. There are [capitalize, count, endswith, find, isalnum, isalpha, isdigit, islower, isspace, isupper, join, lower, lstrip, partition, removeprefix, removesuffix, replace, rfind, rpartition, rsplit, rstrip, split, splitlines, startswith, strip, title, upper] (line 1)",
                "{{ lipsum }}¦'lipsum' is not supported in chat templates (line 1)",
                "{{ messages.append(1) }}¦access to 'append' is not allowed: templates cannot change lists and dicts (line 1)",
                "{% set x.a = 1 %}¦cannot set x.a: x is no namespace() but 'str' (line 1)",
                "{% set a, b = 1, 2, 3 %}¦cannot assign 3 values to 2 variables (line 1)",
                "{{ namespace(_a=1) }}¦templates cannot store underscore-prefixed attributes on a namespace, got '_a' (line 1)",
                "{% for a in [1] %}{{ loop([]) }}{% endfor %}¦loop cannot be called: the for lacks 'recursive' (line 1)",
                "{% for a in [1] %}{{ loop.cycle() }}{% endfor %}¦loop.cycle needs values to go through (line 1)",
                "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}¦macro 'f' takes at most 1 arguments, got 2 (line 1)",
                "{% macro f(a) %}{% endmacro %}{{ f(b=2) }}¦macro 'f' has no argument 'b'; it has [a] (line 1)",
                "{% macro f(a) %}{% endmacro %}{{ f(1, a=2) }}¦macro 'f' got the argument 'a' twice (line 1)",
                "{% macro f(a) %}{{ a.b }}{% endmacro %}{{ f() }}¦parameter 'a' was not provided (line 1)",
                "{{ raise_exception('roles!') }}¦roles! (line 1)",
                "{{ range }}¦a 'function' cannot be printed (line 1)",
                "{{ range(1, 2, 0) }}¦range: the step must not be 0 (line 1)",
                "{{ strftime_now('%Q') }}¦strftime_now: no directive %Q (line 1)",
                "{{ 1 / 0 }}¦division by zero (line 1)",
                "{{ 2 ** 64 }}¦2 ** 64 does not fit 64 bits (line 1)",
                "{{ 2 is divisibleby 'x' }}¦a test of divisibility is not possible with 'str' (line 1)",
                "{{ '\\xZZ' }}¦a string has the escape \\x without 2 hexadecimal digits of a character (line 1)",
                "{{ 'a }}¦a string is not closed: expected ' (line 1)",
                "{{ x is string is defined }}¦tests with 'is' cannot be chained (line 1)",
                "{{ [1] in messages[0] }}¦looking for a key is not possible with 'list' (line 1)",
                "{{ x[x:] }}¦slicing by a bound is not possible with 'str' (line 1)",
                "{{ 5 | indent }}¦the filter indent is not possible with 'int' (line 1)",
                "{{ ? }}¦unexpected character '?' (line 1)",
                "{{ ) }}¦unexpected ')' (line 1)",
                "{{ 012 }}¦the number 012 begins with 0 (line 1)",
                "{{ }}¦expected an expression, found the end of the expression (line 1)",
                "{{ 1 2 }}¦expected '}}', found '2' (line 1)",
                "{% if x %}¦expected a tag 'elif' or 'else' or 'endif', found the end of the template (line 1)",
                "{% if %}{% endif %}¦expected an expression, found the end of the tag (line 1)",
                "{% for in x %}¦'in' cannot be assigned to (line 1)",
                "{% for a x %}¦expected 'in', found 'x' (line 1)",
                "{% endif %}¦the tag 'endif' is not known or out of place in a chat template (line 1)",
                "{% 1 %}¦expected the name of a tag, found '1' (line 1)",
                "{% call 1 %}{% endcall %}¦the tag 'call' needs the call of a macro (line 1)",
                "{% macro f(a=1, b) %}¦a parameter without a default stands after one with a default (line 1)",
                "{% set none = 1 %}¦'none' cannot be assigned to (line 1)",
                "{# x¦a comment is not closed: expected '#}' (line 1)",
                "{% raw %}{% x %}¦a raw block is not closed: expected '{% endraw %}' (line 1)",
            })
    void says_what_is_wrong(String template, String message) {
        assertThatThrownBy(() -> render(template))
                .isInstanceOf(TemplateException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            value = {
                "'\n\n{{ missing.x }}'¦3",
                "'{% if true %}\n{% for a in [1, 2] %}\n\n{{ missing.x }}{% endfor %}{% endif %}'¦4",
                "'{% macro f() %}\n{{ missing.x }}{% endmacro %}\n\n{{ f() }}'¦2",
                "'{% macro f() %}\n{% endmacro %}\n{{ f() ~ missing.x }}'¦3",
                "'{# \n #}{% raw %}\n{% endraw %}\n{% set a = missing.x %}'¦4",
                "'{{ 1 +\n\n\n }}'¦4",
            })
    void says_in_which_line(String template, int line) {
        assertThatThrownBy(() -> render(template)).hasMessageEndingWith("(line " + line + ")");
    }

    @ParameterizedTest
    @CsvSource({
        "%d %b %Y, 06 Jul 2024",
        "%-d %B %y, 6 July 24",
        "%A %a %j, Saturday Sat 188",
        "%H:%M:%S.%f, 03:04:05.678000",
        "%I %p %-I, 03 AM 3",
        "%F %T %D %R, 2024-07-06 03:04:05 07/06/24 03:04",
        "100%%, 100%"
    })
    void prints_the_time_as_python_does(String format, String expected) {
        assertThat(render("{{ strftime_now('" + format + "') }}")).isEqualTo(expected);
    }

    @Test
    void marks_what_the_model_says() {
        Rendering rendering = render(
                "{% for m in m %}[{% generation %}{{ m }}!{% endgeneration %}]{% endfor %}",
                Map.of("m", List.of("é😀", "b")));

        assertThat(rendering.text()).isEqualTo("[é😀!][b!]");
        assertThat(rendering.generated()).containsExactly(new Rendering.Span(1, 5), new Rendering.Span(7, 9));
        assertThat(rendering.everySpanKnown()).isTrue();
    }

    @Test
    void does_not_guess_where_captured_text_ends_up() {
        Rendering rendering =
                render("{% set a %}x{% generation %}y{% endgeneration %}{% endset %}{{ a | upper }}", Map.of());

        assertThat(rendering.text()).isEqualTo("XY");
        assertThat(rendering.generated()).isEmpty();
        assertThat(rendering.everySpanKnown()).isFalse();
    }

    @Test
    void gives_the_writer_of_json_plain_values_and_the_layout() {
        List<Object> written = new ArrayList<>();
        JsonText json = (value, layout, view, out) -> {
            Map<?, ?> map = (Map<?, ?>) view.plain(value, 0);
            written.add(layout);
            written.addAll(map.keySet());
            map.values().forEach(each -> written.add(view.plain(each, 1)));
            out.accept("<");
            out.accept(">");
        };

        assertThat(JinjaTemplate.parse(
                                "{{ {'b': x, 1: none, true: (1.5,)} | tojson(indent=1, separators=('a', 'b')) }}", json)
                        .render(Map.of("x", "text"), CLOCK))
                .isEqualTo("<>");
        assertThat(written)
                .containsExactly(
                        new JsonText.Layout(false, " ", List.of("a", "b")), "b", 1L, true, "text", null, List.of(1.5));
    }

    @Test
    void renders_in_several_threads_at_once() {
        JinjaTemplate template = JinjaTemplate.parse(
                "{% set ns = namespace(n=0) %}{% for i in range(n) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}");

        List<String> sums = IntStream.range(0, 200)
                .parallel()
                .mapToObj(n -> template.render(Map.of("n", n), CLOCK))
                .toList();

        List<String> expected = new ArrayList<>();
        IntStream.range(0, 200).forEach(n -> expected.add("" + n * (n - 1) / 2));
        assertThat(sums).isEqualTo(expected);
    }
}
