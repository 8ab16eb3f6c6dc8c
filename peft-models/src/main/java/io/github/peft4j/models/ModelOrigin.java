package io.github.peft4j.models;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a model's weights came from.
 *
 * @param nameOrPath what the user called it, a hub id or a folder; what Hugging Face calls {@code name_or_path}
 * @param folder the folder it was read from
 * @param config values by key that count instead of those in the folder's {@code config.json}, and go into the config of what is saved
 */
public record ModelOrigin(String nameOrPath, Path folder, Map<String, Object> config) {

    /** Copies the map. */
    public ModelOrigin {
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    }

    /** A model that the user named by its folder. */
    public static ModelOrigin of(Path folder) {
        return new ModelOrigin(folder.toString(), folder, Map.of());
    }

    /** The same under the name that the user gave. */
    public ModelOrigin named(String other) {
        return new ModelOrigin(other, folder, config);
    }

    /** The same with values by key that count instead of those in the folder's {@code config.json}. */
    public ModelOrigin withConfig(Map<String, Object> changes) {
        return new ModelOrigin(nameOrPath, folder, changes);
    }
}
