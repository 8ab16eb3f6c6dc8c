package io.github.peft4j.core.internal.publish;

import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a base model is called in the files of an adapter. One that was trained on a folder names that folder, which nobody else has.
 *
 * @param before as the config names it, or null
 * @param wanted what it is to be called, or null to leave it
 * @param configs the texts of configs that say otherwise, by path
 */
record BaseModelName(@Nullable String before, @Nullable String wanted, Map<String, String> configs) {

    private static final String KEY = "base_model_name_or_path";

    /**
     * Looks at the adapters of a folder.
     *
     * @param adapters their folders in it
     */
    static BaseModelName in(Path folder, Set<String> adapters, @Nullable String wanted) throws CheckpointException {
        @Nullable String before = null;
        Map<String, String> configs = new TreeMap<>();
        for (String adapter : adapters) {
            String path = adapter.isEmpty() ? AdapterStore.CONFIG : adapter + "/" + AdapterStore.CONFIG;
            Map<String, @Nullable Object> config =
                    new LinkedHashMap<>(InputFile.json(UntrustedFolder.file(folder, path), ConfigJson.LIMITS));
            @Nullable String base = config.get(KEY) instanceof String text && !text.isEmpty() ? text : null;
            before = before == null || adapter.isEmpty() ? base : before;
            if (wanted != null && !wanted.equals(base)) {
                config.put(KEY, wanted);
                configs.put(path, JsonWriter.FILE.write(config));
            }
        }
        return new BaseModelName(before, wanted, configs);
    }

    /** The folder of this computer that it would be called in what is published, or null. */
    @Nullable
    String here() {
        return wanted == null && isHere(before) ? before : null;
    }

    /** What others can find it by, or null. */
    @Nullable
    String found() {
        return wanted != null ? wanted : isHere(before) ? null : before;
    }

    /** A text with the folder's name replaced where it stands by itself. */
    String replaced(String text) {
        if (wanted == null || before == null || !isHere(before)) {
            return text;
        }
        String name = Pattern.quote(before);
        return text.replaceAll("(?<![\\w./\\\\-])" + name + "(?![\\w/\\\\-]|\\.\\w)", Matcher.quoteReplacement(wanted));
    }

    private static boolean isHere(@Nullable String name) {
        if (name == null) {
            return false;
        }
        try {
            return HubName.of(name) == null || Files.isDirectory(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
