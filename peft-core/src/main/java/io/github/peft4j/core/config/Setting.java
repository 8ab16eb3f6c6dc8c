package io.github.peft4j.core.config;

import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a method, told once: its name in {@code adapter_config.json}, what it holds, its default, what it must keep to, and what it
 * means. Reading, writing, checks and the reference page follow from it; a {@link ConfigSchema} is a list of them. Immutable; the methods
 * that add something return another setting.
 *
 * @param <T> its value in Java; null where the default is
 */
public final class Setting<T extends @Nullable Object> {

    /**
     * Takes settings one by one.
     *
     * @param <B> what it is, to go on with
     */
    public interface Sink<B> {

        /**
         * Sets a setting.
         *
         * @throws IllegalArgumentException if the method does not have it
         */
        <T extends @Nullable Object> B set(Setting<T> setting, @Nullable T value);
    }

    /** How values come in and go out, and what they keep to. */
    private record Form<T extends @Nullable Object>(
            @Nullable T otherwise,
            Function<ConfigValues, T> reader,
            Function<T, @Nullable Object> writer,
            BiConsumer<T, Consumer<String>> check) {

        Form<T> reading(Function<ConfigValues, T> other) {
            return new Form<>(otherwise, other, writer, check);
        }

        Form<T> writing(Function<T, @Nullable Object> other) {
            return new Form<>(otherwise, reader, other, check);
        }

        Form<T> checking(BiConsumer<T, Consumer<String>> also) {
            return new Form<>(otherwise, reader, writer, check.andThen(also));
        }
    }

    private final String key;
    private final String meaning;
    private final @Nullable String defaultText;
    private final boolean alwaysWritten;
    private final Form<T> form;

    private Setting(String key, String meaning, @Nullable String defaultText, boolean alwaysWritten, Form<T> form) {
        this.key = key;
        this.meaning = meaning;
        this.defaultText = defaultText;
        this.alwaysWritten = alwaysWritten;
        this.form = form;
    }

    private static <T extends @Nullable Object> Setting<T> of(
            String key, @Nullable T otherwise, Function<ConfigValues, T> reader, String meaning) {
        return new Setting<>(
                key, meaning, null, true, new Form<>(otherwise, reader, value -> value, (value, problems) -> {}));
    }

    /** A whole number. */
    public static Setting<Integer> integer(String key, int otherwise, String meaning) {
        return of(key, otherwise, values -> values.integer(key, otherwise), meaning);
    }

    /** A whole number that is at least 1. */
    public static Setting<Integer> count(String key, int otherwise, String meaning) {
        return integer(key, otherwise, meaning).in("at least 1", number -> number >= 1);
    }

    /** A whole number that is at least 1, or null, which is the default. */
    public static Setting<@Nullable Integer> countOrNull(String key, String meaning) {
        return integerOrNull(key, meaning).in("at least 1", number -> number == null || number >= 1);
    }

    /** A whole number or null, which is the default. */
    public static Setting<@Nullable Integer> integerOrNull(String key, String meaning) {
        return of(key, null, values -> values.integerOrNull(key), meaning);
    }

    /**
     * A whole number that is at least 1 and has no default.
     *
     * @param missing what is said where it is not given
     */
    public static Setting<Integer> required(String key, String missing, String meaning) {
        Function<ConfigValues, Integer> reader = values -> {
            if (values.isNull(key)) {
                values.reject(missing);
            }
            return values.integer(key, 1);
        };
        return of(key, 1, reader, meaning)
                .in("at least 1", number -> number >= 1)
                .defaultsTo("must be given");
    }

    /** A number. */
    public static Setting<Double> number(String key, double otherwise, String meaning) {
        return of(key, otherwise, values -> values.number(key, otherwise), meaning);
    }

    /** A probability with which something is dropped in training: from 0, the default, to below 1. */
    public static Setting<Double> dropout(String key, String meaning) {
        return number(key, 0, meaning).in("at least 0 and below 1", share -> share >= 0 && share < 1);
    }

    /** A number that is written whole or not, as it was given. */
    public static Setting<Number> numberAsWritten(String key, Number otherwise, String meaning) {
        return of(key, otherwise, values -> values.numberAsWritten(key, otherwise), meaning);
    }

    /** {@link #numberAsWritten}, or null, which is the default. */
    public static Setting<@Nullable Number> numberOrNull(String key, String meaning) {
        return of(key, null, values -> values.isNull(key) ? null : values.numberAsWritten(key, 0), meaning);
    }

    /** A truth value. */
    public static Setting<Boolean> flag(String key, boolean otherwise, String meaning) {
        return of(key, otherwise, values -> values.flag(key, otherwise), meaning);
    }

    /** Text. */
    public static Setting<String> text(String key, String otherwise, String meaning) {
        return of(key, otherwise, values -> values.text(key, otherwise), meaning);
    }

    /** Text or null, which is the default. */
    public static Setting<@Nullable String> textOrNull(String key, String meaning) {
        return of(key, null, values -> values.textOrNull(key), meaning);
    }

    /** The name of a constant, in whichever of Python's spellings it stands there. */
    public static Setting<String> constantName(String key, String otherwise, String meaning) {
        return of(key, otherwise, values -> values.constantName(key, otherwise), meaning);
    }

    /** A constant by its name, in capital or small letters; written as {@code spelling} has it. */
    public static <E extends Enum<E>> Setting<E> constant(
            String key, E otherwise, Function<E, String> spelling, String meaning) {
        Setting<E> setting = of(key, otherwise, values -> values.constant(key, otherwise), meaning);
        return setting.written(spelling::apply);
    }

    /** A truth value or a name, as text: {@code true}, {@code false} or the name. */
    public static Setting<String> flagOrText(String key, String otherwise, String meaning) {
        return Setting.of(
                        key,
                        otherwise,
                        values -> values.flagOrText(key, otherwise).toString(),
                        meaning)
                .written(value ->
                        value.equals("true") || value.equals("false") ? (Object) Boolean.valueOf(value) : value);
    }

    /** Modules by names, by a pattern or by a shorthand; null is the default. */
    public static Setting<@Nullable TargetModules> modules(String key, String meaning) {
        Setting<@Nullable TargetModules> setting = of(key, null, values -> values.targetsOrNull(key), meaning);
        return setting.written(modules -> modules == null ? null : modules.json());
    }

    /** A whole number or a list of them; null is the default. */
    public static Setting<@Nullable OneOrMany<Integer>> oneOrManyIntegers(String key, String meaning) {
        Setting<@Nullable OneOrMany<Integer>> setting = of(key, null, values -> values.oneOrManyIntegers(key), meaning);
        return setting.written(values -> values == null ? null : values.json());
    }

    /** Text or a list of text; null is the default. */
    public static Setting<@Nullable OneOrMany<String>> oneOrManyTexts(String key, String meaning) {
        Setting<@Nullable OneOrMany<String>> setting = of(key, null, values -> values.oneOrManyTexts(key), meaning);
        return setting.written(values -> values == null ? null : values.json());
    }

    /** A list of text; null is the default. */
    public static Setting<@Nullable List<String>> texts(String key, String meaning) {
        return of(key, null, values -> values.textsOrNull(key), meaning);
    }

    /** A list of whole numbers; an empty one is the default. */
    public static Setting<List<Integer>> integers(String key, String meaning) {
        return of(key, List.of(), values -> Objects.requireNonNullElse(values.integersOrNull(key), List.of()), meaning);
    }

    /** {@code List<Integer>}, or {@code Map<String, List<Integer>>}; null is the default. */
    public static Setting<@Nullable Object> integersOrByText(String key, String meaning) {
        return of(key, null, values -> values.integersOrByText(key), meaning);
    }

    /** Numbers by text, each written whole or not as it was given; none are the default. */
    public static Setting<Map<String, Number>> numbersByText(String key, String meaning) {
        return of(key, Map.of(), values -> values.numbersAsWritten(key), meaning);
    }

    /** Whole numbers by text; none are the default. */
    public static Setting<Map<String, Integer>> integersByText(String key, String meaning) {
        return of(key, Map.of(), values -> values.integersByText(key), meaning);
    }

    /** An object of any content; null is the default. */
    public static Setting<@Nullable Map<String, @Nullable Object>> object(String key, String meaning) {
        return of(key, null, values -> values.objectOrNull(key), meaning);
    }

    private <U extends @Nullable Object> Setting<U> with(Form<U> other) {
        return new Setting<>(key, meaning, defaultText, alwaysWritten, other);
    }

    private Setting<T> written(Function<T, @Nullable Object> writer) {
        return with(form.writing(writer));
    }

    /**
     * The setting as values of another type.
     *
     * @param read may throw an IllegalArgumentException, whose message is then all that is said
     * @param write the way back
     */
    public <U extends @Nullable Object> Setting<U> as(Function<T, U> read, Function<U, T> write) {
        U otherwise = read.apply(form.otherwise);
        Function<ConfigValues, U> reader = values -> {
            try {
                return read.apply(form.reader.apply(values));
            } catch (IllegalArgumentException e) {
                values.reject(String.valueOf(e.getMessage()));
                return otherwise;
            }
        };
        return with(new Form<>(
                otherwise,
                reader,
                value -> form.writer.apply(write.apply(value)),
                (value, problems) -> form.check.accept(write.apply(value), problems)));
    }

    /** The setting with a bound, for example {@code "at least 1"}, which is part of its meaning too. */
    public Setting<T> in(String expected, Predicate<T> holds) {
        Form<T> bounded = form.checking((value, problems) -> {
            if (!holds.test(value)) {
                problems.accept(key + " must be " + expected + ", got " + value);
            }
        });
        return new Setting<>(key, meaning + "; " + expected, defaultText, alwaysWritten, bounded);
    }

    /** The setting with a check of its own, which tells what is wrong with a value. */
    public Setting<T> checked(BiConsumer<T, Consumer<String>> check) {
        return with(form.checking(check));
    }

    /** The setting without these values, which ask for something that is not implemented. */
    public Setting<T> refusing(Set<T> values) {
        return with(form.reading(given -> {
            T value = form.reader.apply(given);
            if (!values.contains(value)) {
                return value;
            }
            given.refuse(key);
            return otherwise();
        }));
    }

    /** The setting with other words for its default on the reference page, for example {@code "the architecture's"}. */
    public Setting<T> defaultsTo(String text) {
        return new Setting<>(key, meaning, text, alwaysWritten, form);
    }

    /** The setting left out of files where it has its default. */
    public Setting<T> unlessDefault() {
        return new Setting<>(key, meaning, defaultText, false, form);
    }

    /** Its name in {@code adapter_config.json}. */
    public String key() {
        return key;
    }

    /** The value where none is given. */
    @SuppressWarnings("NullAway") // Null where T has it.
    public T otherwise() {
        return form.otherwise;
    }

    /** What it means, in words of the reference page. */
    public String meaning() {
        return meaning;
    }

    /** Its default, in words of the reference page. */
    public String defaultText() {
        if (defaultText != null) {
            return defaultText;
        }
        Object value = form.writer.apply(otherwise());
        boolean none = value == null
                || (value instanceof Collection<?> many && many.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty());
        return none ? "none" : value instanceof String text ? "`" + text + "`" : JsonWriter.LINE.write(value);
    }

    T read(ConfigValues values) {
        return form.reader.apply(values);
    }

    void check(T value, Consumer<String> problems) {
        form.check.accept(value, problems);
    }

    void write(T value, Map<String, @Nullable Object> settings) {
        if (alwaysWritten || !Objects.equals(value, form.otherwise)) {
            settings.put(key, form.writer.apply(value));
        }
    }

    @Override
    public String toString() {
        return key;
    }
}
