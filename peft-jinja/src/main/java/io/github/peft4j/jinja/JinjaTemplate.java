package io.github.peft4j.jinja;

import io.github.peft4j.jinja.internal.library.Globals;
import io.github.peft4j.jinja.internal.parse.Lexer;
import io.github.peft4j.jinja.internal.parse.StatementParser;
import io.github.peft4j.jinja.internal.parse.TokenStream;
import io.github.peft4j.jinja.internal.rendering.JsonText;
import io.github.peft4j.jinja.internal.rendering.Rendering;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.rendering.Work;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.run.Run;
import io.github.peft4j.jinja.internal.tree.Statement;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.None;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed template. Immutable; it may be rendered from several threads at once.
 *
 * <p>Renders what Jinja2 3.1.6 renders with {@code trim_blocks}, {@code lstrip_blocks}, loop controls and transformers' additions
 * ({@code tojson}, {@code raise_exception}, {@code strftime_now}, {@code generation}).
 */
public final class JinjaTemplate {

    /** Characters of a template. The longest that are published have about 20,000. */
    static final int LONGEST = 1 << 20;

    private final List<Statement> body;
    private final JsonText json;

    private JinjaTemplate(List<Statement> body, JsonText json) {
        this.body = body;
        this.json = json;
    }

    /**
     * Parses a template that writes no JSON.
     *
     * @throws IllegalArgumentException as {@link #parse(String, JsonText)}
     */
    public static JinjaTemplate parse(String source) {
        return parse(source, JsonText.NONE);
    }

    /**
     * Parses a template.
     *
     * @param json for the filter {@code tojson}; must be safe for use by several threads if the template is to be
     * @throws IllegalArgumentException if it is no correct template, or uses a tag that chat templates do not have
     */
    public static JinjaTemplate parse(String source, JsonText json) {
        if (source.length() > LONGEST) {
            throw new TemplateException("a template may have " + LONGEST + " characters, got " + source.length());
        }
        return new JinjaTemplate(new StatementParser(new TokenStream(Lexer.tokens(source))).template(), json);
    }

    /**
     * Renders the template.
     *
     * @param variables texts, numbers, truth values, null, and lists and maps with text keys of such
     * @param clock for {@code strftime_now}
     * @throws IllegalArgumentException if the template refuses the variables ({@code raise_exception}), does something impossible, or
     *     takes more work, output or depth than it may
     */
    public String render(Map<String, ?> variables, Clock clock) {
        return rendering(variables, clock, Work.once()).text();
    }

    /**
     * Renders the template as one of several renderings, and tells what is marked in the text.
     *
     * @param work what they may take together
     * @throws IllegalArgumentException as {@link #render(Map, Clock)}
     */
    public Rendering rendering(Map<String, ?> variables, Clock clock, Work work) {
        Given given = new Given();
        Map<String, Object> globals = given.globals(variables);
        return render(globals, clock, new Budget(work, given.characters, given.values));
    }

    /** Renders with another budget. */
    Rendering renderWithin(Budget budget, Map<String, ?> variables, Clock clock) {
        return render(new Given().globals(variables), clock, budget);
    }

    private Rendering render(Map<String, Object> globals, Clock clock, Budget budget) {
        Run run = new Run(budget, clock, json);
        try {
            Statement.all(body, Frame.global(run, globals).inner());
            return run.finish();
        } catch (TemplateException e) {
            throw e.at(run.line());
        }
    }

    /** Turns values of the caller's into the template's own, and counts them and their characters. */
    private static final class Given {

        private long characters;
        private long values;

        Map<String, Object> globals(Map<String, ?> variables) {
            Map<String, Object> globals = new HashMap<>(Globals.ALL);
            variables.forEach((name, value) -> globals.put(name, value(value)));
            return globals;
        }

        Object value(@Nullable Object given) {
            values++;
            if (given == null) {
                return None.NONE;
            } else if (given instanceof String text) {
                characters += text.length();
                return text;
            } else if (given instanceof Boolean || given instanceof Long || given instanceof Double) {
                return given;
            } else if (given instanceof Integer number) {
                return number.longValue();
            } else if (given instanceof List<?> list) {
                List<Object> copy = new ArrayList<>(list.size());
                list.forEach(item -> copy.add(value(item)));
                return copy;
            } else if (given instanceof Map<?, ?> map) {
                Map<Object, Object> copy = new LinkedHashMap<>();
                map.forEach((key, item) -> copy.put(key.toString(), value(item)));
                return copy;
            }
            throw new IllegalArgumentException(
                    "a template's variables are texts, numbers, truth values, lists and maps, got " + given.getClass());
        }
    }
}
