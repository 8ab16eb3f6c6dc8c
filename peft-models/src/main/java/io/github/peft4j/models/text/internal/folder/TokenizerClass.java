package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonValues;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How transformers builds a tokenizer of a class. Most classes are as {@code tokenizer.json} describes them. Others take only vocabulary, merges
 * and added tokens from the file and build the rest anew; text with a blank in front, and text after special tokens, can then come out
 * differently from what the file says.
 *
 * @param name the class
 * @param spec its entry in the table
 */
public record TokenizerClass(String name, Map<String, @Nullable Object> spec) {

    /** As the file describes it. */
    static final TokenizerClass AS_WRITTEN = new TokenizerClass("", Map.of());

    /** Of the classes that number some of their tokens none is published with more than a few hundred. */
    private static final int MOST_NUMBERED = 10_000;

    /** Whether the tokenizer is built anew around vocabulary and merges, so that the file's added tokens do not count by themselves. */
    public boolean builds() {
        return spec.containsKey("model");
    }

    /** The type of its model; empty if that of the file stays. */
    public String modelType() {
        return JsonValues.text(spec.get("model"));
    }

    /** Special tokens of which the config says nothing, by name; empty for those that then are none. */
    Map<String, Optional<AddedToken>> defaultTokens() {
        Map<String, Optional<AddedToken>> tokens = new LinkedHashMap<>();
        JsonValues.object(spec.get("tokens"))
                .forEach((key, content) -> tokens.put(
                        key, content instanceof String text ? Optional.of(token(key, text)) : Optional.empty()));
        return tokens;
    }

    /** A special token with a name as this class makes it of a text. */
    AddedToken token(String name, String content) {
        Object object = JsonValues.at(spec.get("objects"), name);
        return object == null
                ? AddedToken.special(content)
                : new AddedToken(content, false, isTrue(object, "lstrip"), false, isTrue(object, "normalized"), true);
    }

    private static boolean isTrue(Object object, String key) {
        return Boolean.TRUE.equals(JsonValues.at(object, key));
    }

    /** Further special tokens with a name that it always has. */
    Map<String, String> namedTokens() {
        Map<String, String> named = new LinkedHashMap<>();
        JsonValues.object(spec.get("named")).forEach((name, content) -> named.put(name, JsonValues.text(content)));
        return named;
    }

    /**
     * Special tokens without a name, where the config gives none.
     *
     * @param given what the config gives under an old key
     * @param named those with a name that the class always has
     * @param config for how many numbered ones there are
     * @throws CheckpointException if these are too many
     */
    List<AddedToken> more(List<AddedToken> given, Collection<String> named, TokenizerConfig config)
            throws CheckpointException {
        List<String> more = new ArrayList<>(isTrue(spec, "lists_named") ? named : List.of());
        JsonValues.list(spec.get("more")).forEach(token -> more.add(JsonValues.text(token)));
        if (given.isEmpty()) {
            JsonValues.list(spec.get("more_if_none")).forEach(token -> more.add(JsonValues.text(token)));
        }
        Map<String, @Nullable Object> numbered = JsonValues.object(spec.get("numbered"));
        String form = JsonValues.text(numbered.get("form"));
        String beginning = form.replaceFirst("%d.*", "");
        if (!form.isEmpty() && given.stream().noneMatch(token -> token.content().contains(beginning))) {
            int count = config.number(
                    JsonValues.text(numbered.get("option")), JsonValues.whole(numbered.get("count")), MOST_NUMBERED);
            for (int i = JsonValues.whole(numbered.get("from")); i < count; i++) {
                more.add(form.replace("%d", Integer.toString(i)));
            }
        }
        List<AddedToken> all = new ArrayList<>(given);
        more.forEach(token -> all.add(AddedToken.special(token)));
        return all;
    }

    /**
     * Whether models are told which of two texts a token is of: whether their inputs have {@code token_type_ids}, by the config or else by the class.
     */
    public boolean tellsTexts(TokenizerConfig config) {
        Object inputs = config.settings().get("model_input_names");
        return inputs == null ? isTrue(spec, "types") : JsonValues.list(inputs).contains("token_type_ids");
    }

    /** Whether it adds all special tokens once more, as plain ones. */
    boolean addsAgain() {
        return isTrue(spec, "adds_again");
    }
}
