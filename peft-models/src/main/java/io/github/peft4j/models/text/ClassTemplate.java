package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a class of {@link TokenizerClasses} comes to for one checkpoint. Entries of the table are JSON as it goes into {@code tokenizer.json}, but for
 * objects with a key that begins with {@code $}:
 *
 * <ul>
 *   <li>{@code $flag}, {@code $if} with {@code then} and {@code else}: a switch of the config, with the class's values where it is missing or null
 *   <li>{@code $maybe}, {@code $number}, {@code $text}: a setting of the config, with {@code otherwise}
 *   <li>{@code $token}, {@code $pair}, {@code $template}: special tokens by name, with their ids
 *   <li>{@code $index}: the place of a token in the vocabulary
 *   <li>{@code $charsmap}, {@code $charsmap_then}: the normalization table of the file, if it has one
 *   <li>{@code $file}, {@code $if_file}: a section of the file
 *   <li>{@code $nothing}: left out
 * </ul>
 */
final class ClassTemplate {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final TokenizerClass built;
    private final TokenizerConfig config;
    private final TokenizerJson file;
    private final Map<String, AddedToken> named;
    private final AddedTokens added;

    ClassTemplate(
            TokenizerClass built,
            TokenizerConfig config,
            TokenizerJson file,
            Map<String, AddedToken> named,
            AddedTokens added) {
        this.built = built;
        this.config = config;
        this.file = file;
        this.named = named;
        this.added = added;
    }

    /** A section or setting of the class; null if it has none of its own. */
    @Nullable
    JsonNode value(String key) throws CheckpointException {
        JsonNode entry = built.spec().get(key);
        JsonNode value = entry == null ? null : evaluated(entry);
        return entry != null && value == null ? NullNode.getInstance() : value;
    }

    /** What an entry comes to; null if it is left out. */
    private @Nullable JsonNode evaluated(JsonNode entry) throws CheckpointException {
        if (entry instanceof ArrayNode list) {
            ArrayNode array = JSON.arrayNode();
            for (JsonNode item : list) {
                JsonNode value = evaluated(item);
                if (value != null) {
                    array.add(value);
                }
            }
            return array;
        } else if (!(entry instanceof ObjectNode)) {
            return entry;
        }
        String first = entry.properties().isEmpty() ? "" : entry.fieldNames().next();
        if (first.startsWith("$")) {
            return special(first, entry);
        }
        ObjectNode object = JSON.objectNode();
        for (Map.Entry<String, JsonNode> field : entry.properties()) {
            JsonNode value = evaluated(field.getValue());
            if (value != null) {
                object.set(field.getKey(), value);
            }
        }
        return object;
    }

    private @Nullable JsonNode special(String kind, JsonNode entry) throws CheckpointException {
        String name = entry.get(kind).asText();
        return switch (kind) {
            case "$flag" -> JSON.booleanNode(flag(name));
            case "$if" -> evaluated(entry.get(flag(name) ? "then" : "else"));
            case "$maybe" -> {
                Boolean flag = config.flag(name);
                yield flag == null ? NullNode.getInstance() : JSON.booleanNode(flag);
            }
            case "$number" ->
                JSON.numberNode(config.number(name, entry.get("otherwise").intValue(), Integer.MAX_VALUE));
            case "$text" ->
                JSON.textNode(config.text(name, entry.get("otherwise").textValue()));
            case "$token" -> JSON.textNode(token(name));
            case "$pair" ->
                JSON.arrayNode()
                        .add(token(name))
                        .add(entry.has("id") ? entry.get("id").intValue() : id(name));
            case "$template" -> template(entry.get(kind));
            case "$index" -> index(token(name), entry);
            case "$charsmap" -> charsmap();
            case "$charsmap_then" -> charsmapThen(entry);
            case "$file" -> section(name) == null ? otherwise(entry) : section(name);
            case "$if_file" -> section(name) == null ? otherwise(entry) : evaluated(entry.get("then"));
            default -> null; // $nothing
        };
    }

    /** A section of the file; null if it has none. */
    private @Nullable JsonNode section(String name) {
        JsonNode section = file.sections().get(name);
        return section == null || section.isNull() ? null : section;
    }

    private @Nullable JsonNode otherwise(JsonNode entry) throws CheckpointException {
        return entry.has("otherwise") ? evaluated(entry.get("otherwise")) : null;
    }

    private boolean flag(String name) {
        JsonNode values = built.spec().path("options").path(name);
        Boolean given = config.flag(name);
        return given == null ? values.path(config.has(name) ? 1 : 0).asBoolean() : given;
    }

    private String token(String name) throws CheckpointException {
        AddedToken token = named.get(name);
        if (token == null) {
            throw new CheckpointException(
                    config.file() + ": tokenizer_class " + built.name() + " needs " + name + ", which is null there");
        }
        return token.content();
    }

    private int id(String name) throws CheckpointException {
        String content = token(name);
        Integer id = added.ids().get(content);
        if (id == null) {
            id = file.vocabulary().get(content);
        }
        if (id == null) {
            throw new CheckpointException(file.file() + " has no token for the " + name + " of " + config.file());
        }
        return id;
    }

    /** A template that puts special tokens around a text. */
    private JsonNode template(JsonNode parts) throws CheckpointException {
        ObjectNode template = JSON.objectNode().put("type", "TemplateProcessing");
        ArrayNode pieces = template.putArray("single");
        ObjectNode tokens = JSON.objectNode();
        for (JsonNode part : parts) {
            boolean text = part.has("text");
            String name =
                    text ? "A" : part.path("as").asText(token(part.get("token").textValue()));
            ObjectNode piece = pieces.addObject().putObject(text ? "Sequence" : "SpecialToken");
            piece.put("id", name).put("type_id", part.path("type_id").asInt(0));
            if (!text) {
                ObjectNode token = tokens.putObject(name).put("id", name);
                token.putArray("ids").add(id(part.get("token").textValue()));
                token.putArray("tokens").add(name);
            }
        }
        ArrayNode pair = template.putArray("pair");
        pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
        template.set("special_tokens", tokens);
        return template;
    }

    private JsonNode index(String token, JsonNode entry) throws CheckpointException {
        Integer index = file.firstIndex(token, entry.path("after").asInt(0), entry.has("scored"));
        if (index != null) {
            return JSON.numberNode(index);
        } else if (!entry.has("otherwise")) {
            throw new CheckpointException(
                    file.file() + ": model.vocab lacks the unk_token " + token + " of tokenizer_class " + built.name());
        }
        JsonNode otherwise = otherwise(entry);
        return otherwise == null ? NullNode.getInstance() : otherwise;
    }

    private @Nullable JsonNode charsmap() {
        JsonNode normalizer = section("normalizer");
        if (normalizer == null) {
            return null;
        }
        JsonNode list = normalizer.path("type").asText().equals("Sequence")
                ? normalizer.path("normalizers")
                : JSON.arrayNode().add(normalizer);
        for (JsonNode item : list) {
            if (item.path("type").asText().equals("Precompiled") && item.has("precompiled_charsmap")) {
                return item;
            }
        }
        return null;
    }

    private @Nullable JsonNode charsmapThen(JsonNode entry) throws CheckpointException {
        JsonNode charsmap = charsmap();
        if (charsmap == null) {
            return otherwise(entry);
        }
        ObjectNode sequence = JSON.objectNode().put("type", "Sequence");
        sequence.putArray("normalizers").add(charsmap).addAll((ArrayNode) entry.get("$charsmap_then"));
        return sequence;
    }
}
