package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a class of {@link TokenizerClasses} comes to for one checkpoint. Entries of the table are JSON as it goes into {@code tokenizer.json}, but for
 * objects with a key that begins with {@code $}:
 *
 * <ul>
 *   <li>{@code $flag}, {@code $if} with {@code then} and {@code else}: a switch of the config, with the class's values where it is missing or null
 *   <li>{@code $maybe}, {@code $number}, {@code $text}: a setting of the config, with {@code otherwise}
 *   <li>{@code $token}, {@code $pair}, {@code $template}: special tokens by name, with their ids; a template for one text and for a {@code pair}
 *   <li>{@code $index}: the place of a token in the vocabulary
 *   <li>{@code $charsmap}, {@code $charsmap_then}: the normalization table of the file, if it has one
 *   <li>{@code $file}, {@code $if_file}: a section of the file
 *   <li>{@code $nothing}: left out
 * </ul>
 *
 * @param built what the class has
 * @param file what the folder has
 * @param named special tokens by their names
 * @param added all added tokens
 */
public record ClassTemplate(
        TokenizerClass built,
        TokenizerConfig config,
        TokenizerJson file,
        Map<String, AddedToken> named,
        AddedTokens added) {

    /** What is left out, which null is not. */
    private static final Object NOTHING = new Object();

    /** Whether the class has a section, or settings, of its own. */
    public boolean has(String key) {
        return built.spec().containsKey(key);
    }

    /** A section or the settings of the class; null for none. */
    public @Nullable Object value(String key) throws CheckpointException {
        return orNull(evaluated(built.spec().get(key)));
    }

    private static @Nullable Object orNull(@Nullable Object value) {
        return value == NOTHING ? null : value;
    }

    private @Nullable Object evaluated(@Nullable Object entry) throws CheckpointException {
        if (entry instanceof List) {
            List<@Nullable Object> list = new ArrayList<>();
            for (Object item : JsonValues.list(entry)) {
                Object value = evaluated(item);
                if (value != NOTHING) {
                    list.add(value);
                }
            }
            return list;
        } else if (!(entry instanceof Map)) {
            return entry;
        }
        Map<String, @Nullable Object> fields = JsonValues.object(entry);
        String first = fields.isEmpty() ? "" : fields.keySet().iterator().next();
        if (first.startsWith("$")) {
            return special(first, fields);
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
            Object value = evaluated(field.getValue());
            if (value != NOTHING) {
                object.put(field.getKey(), value);
            }
        }
        return object;
    }

    private @Nullable Object special(String kind, Map<String, @Nullable Object> entry) throws CheckpointException {
        String name = JsonValues.text(entry.get(kind));
        return switch (kind) {
            case "$flag" -> flag(name);
            case "$if" -> evaluated(entry.get(flag(name) ? "then" : "else"));
            case "$maybe" -> config.flag(name);
            case "$number" -> config.number(name, JsonValues.whole(entry.get("otherwise")), Integer.MAX_VALUE);
            case "$text" -> config.text(name, JsonValues.text(entry.get("otherwise")));
            case "$token" -> token(name);
            case "$pair" -> List.of(token(name), entry.get("id") instanceof Integer id ? id : id(name));
            case "$template" -> template(entry);
            case "$index" -> index(token(name), entry);
            case "$charsmap" -> charsmap();
            case "$charsmap_then" -> charsmapThen(entry);
            case "$file" -> section(name) == null ? otherwise(entry) : section(name);
            case "$if_file" -> section(name) == null ? otherwise(entry) : evaluated(entry.get("then"));
            default -> NOTHING; // $nothing
        };
    }

    /** A section of the file; null if it has none. */
    private @Nullable Object section(String name) {
        return file.sections().get(name);
    }

    private @Nullable Object otherwise(Map<String, @Nullable Object> entry) throws CheckpointException {
        return entry.containsKey("otherwise") ? evaluated(entry.get("otherwise")) : NOTHING;
    }

    private boolean flag(String name) {
        Boolean given = config.flag(name);
        if (given != null) {
            return given;
        }
        List<@Nullable Object> values =
                JsonValues.list(JsonValues.at(built.spec().get("options"), name));
        int which = config.has(name) ? 1 : 0;
        return which < values.size() && Boolean.TRUE.equals(values.get(which));
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
        return id(token(name), name);
    }

    private int id(String content, String name) throws CheckpointException {
        Integer id = added.ids().get(content);
        if (id == null) {
            id = file.vocabulary().get(content);
        }
        if (id == null) {
            throw new CheckpointException(file.file() + " has no token for the " + name + " of " + config.file());
        }
        return id;
    }

    /** A template that puts special tokens around a text, and around two. */
    private Map<String, @Nullable Object> template(Map<String, @Nullable Object> entry) throws CheckpointException {
        Map<String, @Nullable Object> tokens = new LinkedHashMap<>();
        Map<String, @Nullable Object> template = new LinkedHashMap<>();
        template.put("type", "TemplateProcessing");
        template.put("single", pieces(JsonValues.list(entry.get("$template")), tokens));
        template.put("pair", pieces(JsonValues.list(entry.get("pair")), tokens));
        template.put("special_tokens", tokens);
        return template;
    }

    private List<@Nullable Object> pieces(List<@Nullable Object> parts, Map<String, @Nullable Object> tokens)
            throws CheckpointException {
        List<@Nullable Object> pieces = new ArrayList<>();
        for (Object part : parts) {
            int type = JsonValues.whole(JsonValues.at(part, "type_id"));
            if (JsonValues.object(part).containsKey("text")) {
                pieces.add(piece("Sequence", "second".equals(JsonValues.at(part, "text")) ? "B" : "A", type));
                continue;
            }
            String content = JsonValues.at(part, "piece") instanceof String plain
                    ? plain
                    : token(JsonValues.text(JsonValues.at(part, "token")));
            String name = JsonValues.at(part, "as") instanceof String other ? other : content;
            pieces.add(piece("SpecialToken", name, type));
            int id = id(content, JsonValues.text(JsonValues.at(part, "token")));
            tokens.put(name, Map.of("id", name, "ids", List.of(id), "tokens", List.of(name)));
        }
        return pieces;
    }

    private static Map<String, Object> piece(String kind, String id, int type) {
        return Map.of(kind, Map.of("id", id, "type_id", type));
    }

    private @Nullable Object index(String token, Map<String, @Nullable Object> entry) throws CheckpointException {
        Integer index = file.firstIndex(token, JsonValues.whole(entry.get("after")), entry.containsKey("scored"));
        if (index != null) {
            return index;
        } else if (!entry.containsKey("otherwise")) {
            throw new CheckpointException(
                    file.file() + ": model.vocab lacks the unk_token " + token + " of tokenizer_class " + built.name());
        }
        return orNull(otherwise(entry));
    }

    private Object charsmap() {
        Object normalizer = section("normalizer");
        boolean sequence = JsonValues.text(JsonValues.at(normalizer, "type")).equals("Sequence");
        for (Object item : sequence
                ? JsonValues.list(JsonValues.at(normalizer, "normalizers"))
                : Collections.singletonList(normalizer)) {
            if (JsonValues.text(JsonValues.at(item, "type")).equals("Precompiled")
                    && JsonValues.object(item).containsKey("precompiled_charsmap")) {
                return JsonValues.object(item);
            }
        }
        return NOTHING;
    }

    private @Nullable Object charsmapThen(Map<String, @Nullable Object> entry) throws CheckpointException {
        Object charsmap = charsmap();
        if (charsmap == NOTHING) {
            return otherwise(entry);
        }
        List<@Nullable Object> normalizers = new ArrayList<>(List.of(charsmap));
        normalizers.addAll(JsonValues.list(entry.get("$charsmap_then")));
        return Map.of("type", "Sequence", "normalizers", normalizers);
    }
}
