package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonQuoting;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The files of a tokenizer with tokens added, as transformers' {@code add_tokens} and {@code save_pretrained} leave them. What is there
 * already keeps its id and properties, and every byte of {@code tokenizer.json} that says something else stays.
 *
 * @param ids of the tokens that were asked for, new or not, in their order
 * @param json {@code tokenizer.json}
 * @param config {@code tokenizer_config.json}
 */
public record NewTokens(Map<String, Integer> ids, byte[] json, String config) {

    private static final String DECODER = "added_tokens_decoder";

    /** Transformers 4 and 5 read this one, and 5 takes it for {@code extra_special_tokens} where that is missing. */
    private static final String SPECIAL = "additional_special_tokens";

    private static final String SPECIAL_5 = "extra_special_tokens";

    private static final JsonWriter FILE = JsonWriter.PYTHON.indented("  ").escaping(JsonQuoting.Escaping.UNICODE);

    /**
     * Adds tokens to those of a folder.
     *
     * @param tokens each once
     * @param special whether decoding may leave them out; such are looked for before normalization
     * @throws CheckpointException if a file is damaged
     */
    public static NewTokens of(Path folder, List<String> tokens, boolean special) throws CheckpointException {
        FolderTokens known = FolderTokens.read(folder);
        AddedTokens added = known.added().copy();
        Map<AddedToken, Integer> fresh = onlyByOtherFiles(known);
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (String content : tokens) {
            AddedToken token = new AddedToken(content, false, false, false, !special, special);
            if (!added.contains(token)) {
                added.add(token);
                fresh.put(token, added.ids().get(content));
            }
            ids.put(content, added.ids().get(content));
        }
        return new NewTokens(ids, json(known.json(), fresh), FILE.write(config(known, fresh)) + "\n");
    }

    /** Tokens that {@code tokenizer.json} does not list: in it they must stand before those that follow them. */
    private static Map<AddedToken, Integer> onlyByOtherFiles(FolderTokens known) {
        Set<String> listed =
                known.json().added().stream().map(AddedToken::content).collect(Collectors.toSet());
        Map<String, Integer> ids = known.added().ids();
        Map<AddedToken, Integer> others = new LinkedHashMap<>();
        known.added().all().stream()
                .filter(token -> !listed.contains(token.content()))
                .sorted(Comparator.comparing(token -> ids.get(token.content())))
                .forEach(token -> others.put(token, ids.get(token.content())));
        return others;
    }

    private static byte[] json(TokenizerJson file, Map<AddedToken, Integer> fresh) {
        if (fresh.isEmpty()) {
            return file.bytes();
        }
        StringBuilder items = new StringBuilder();
        fresh.forEach((token, id) -> items.append(items.isEmpty() ? "" : ",")
                .append("\n    ")
                .append(FILE.write(token.json(id)).replace("\n", "\n    ")));
        byte[] bytes = file.bytes();
        if (file.behindAdded() < 0) {
            int begin = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('{') + 1;
            return spliced(bytes, begin, "\n  \"added_tokens\": [" + items + "\n  ],", begin);
        }
        int bracket = file.behindAdded() - 1;
        int end = bracket;
        while (Character.isWhitespace(bytes[end - 1])) {
            end--;
        }
        return spliced(bytes, end, (bytes[end - 1] == '[' ? "" : ",") + items + "\n  ", bracket);
    }

    /** Bytes up to a place, a text, and the bytes from another place on. */
    private static byte[] spliced(byte[] bytes, int to, String text, int from) {
        byte[] more = text.getBytes(StandardCharsets.UTF_8);
        byte[] whole = new byte[to + more.length + bytes.length - from];
        System.arraycopy(bytes, 0, whole, 0, to);
        System.arraycopy(more, 0, whole, to, more.length);
        System.arraycopy(bytes, from, whole, to + more.length, bytes.length - from);
        return whole;
    }

    private static Map<String, @Nullable Object> config(FolderTokens known, Map<AddedToken, Integer> fresh)
            throws CheckpointException {
        Map<String, @Nullable Object> settings =
                new LinkedHashMap<>(known.config().settings());
        String declared = known.config().className();
        TokenizerClass alone = TokenizerClasses.of(
                declared, null, known.json().mentionsByteLevel(), known.config().file());
        if (declared == null || !alone.equals(known.built())) {
            // The checkpoint's config.json, which has a say in it, will not lie beside these files.
            String built = known.built().name();
            settings.put("tokenizer_class", built.isEmpty() ? "PreTrainedTokenizerFast" : built);
        }
        if (settings.get(DECODER) instanceof Map<?, ?> decoder) {
            Map<Object, @Nullable Object> more = new LinkedHashMap<>(decoder);
            fresh.forEach((token, id) -> {
                Map<String, Object> properties = token.json(id);
                properties.remove("id");
                more.put(String.valueOf(id), properties);
            });
            settings.put(DECODER, more);
        }
        List<String> special = fresh.keySet().stream()
                .filter(token -> token.special() && !known.added().contains(token))
                .map(AddedToken::content)
                .toList();
        if (!special.isEmpty()) {
            list(settings, special);
        }
        return settings;
    }

    private static void list(Map<String, @Nullable Object> settings, List<String> special) {
        String key = JsonValues.list(settings.get(SPECIAL_5)).isEmpty() ? SPECIAL : SPECIAL_5;
        if (settings.get(key) == null || settings.get(key) instanceof List) {
            List<@Nullable Object> all = new ArrayList<>(JsonValues.list(settings.get(key)));
            all.addAll(special);
            settings.put(key, all);
        }
    }
}
