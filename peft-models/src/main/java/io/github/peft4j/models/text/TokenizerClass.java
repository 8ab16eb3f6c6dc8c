package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How transformers builds a tokenizer of a class. Most classes are as {@code tokenizer.json} describes them. Others take only vocabulary, merges
 * and added tokens from the file and build the rest anew; text with a blank in front, and text after special tokens, can then come out
 * differently from what the file says.
 *
 * @param name the class
 * @param spec its entry in the table
 */
record TokenizerClass(String name, JsonNode spec) {

    /** As the file describes it. */
    static final TokenizerClass AS_WRITTEN = new TokenizerClass("", MissingNode.getInstance());

    /** Of the classes that number some of their tokens none is published with more than a few hundred. */
    private static final int MOST_NUMBERED = 10_000;

    /** Whether the tokenizer is built anew around vocabulary and merges, so that the file's added tokens do not count by themselves. */
    boolean builds() {
        return spec.has("model");
    }

    /** The type of its model; empty if that of the file stays. */
    String modelType() {
        return spec.path("model").asText("");
    }

    /** Special tokens of which the config says nothing, by name; empty for those that then are none. */
    Map<String, Optional<AddedToken>> defaultTokens() {
        Map<String, Optional<AddedToken>> tokens = new LinkedHashMap<>();
        spec.path("tokens")
                .properties()
                .forEach(entry -> tokens.put(
                        entry.getKey(),
                        entry.getValue().isTextual()
                                ? Optional.of(
                                        token(entry.getKey(), entry.getValue().textValue()))
                                : Optional.empty()));
        return tokens;
    }

    /** A special token with a name as this class makes it of a text. */
    AddedToken token(String name, String content) {
        JsonNode object = spec.path("objects").path(name);
        return object.isMissingNode()
                ? AddedToken.special(content)
                : new AddedToken(
                        content,
                        false,
                        object.path("lstrip").asBoolean(),
                        false,
                        object.path("normalized").asBoolean(),
                        true);
    }

    /** Further special tokens with a name that it always has. */
    Map<String, String> namedTokens() {
        Map<String, String> named = new LinkedHashMap<>();
        spec.path("named")
                .properties()
                .forEach(e -> named.put(e.getKey(), e.getValue().textValue()));
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
        List<String> more = new ArrayList<>(spec.path("lists_named").asBoolean() ? named : List.of());
        spec.path("more").forEach(token -> more.add(token.textValue()));
        if (given.isEmpty()) {
            spec.path("more_if_none").forEach(token -> more.add(token.textValue()));
        }
        JsonNode numbered = spec.path("numbered");
        String form = numbered.path("form").asText("");
        String beginning = form.replaceFirst("%d.*", "");
        if (!form.isEmpty() && given.stream().noneMatch(token -> token.content().contains(beginning))) {
            int count = config.number(
                    numbered.get("option").textValue(), numbered.get("count").intValue(), MOST_NUMBERED);
            for (int i = numbered.get("from").intValue(); i < count; i++) {
                more.add(form.replace("%d", Integer.toString(i)));
            }
        }
        List<AddedToken> all = new ArrayList<>(given);
        more.forEach(token -> all.add(AddedToken.special(token)));
        return all;
    }

    /** Whether it adds all special tokens once more, as plain ones. */
    boolean addsAgain() {
        return spec.path("adds_again").asBoolean(false);
    }
}
