package io.github.peft4j.models.internal;

import io.github.peft4j.models.ModelFamily;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a model's weights came from.
 *
 * @param nameOrPath what the user called it, a hub id or a folder; what Hugging Face calls {@code name_or_path}
 * @param folder the folder it was read from
 * @param config values by key that count instead of those in the folder's {@code config.json}, and go into the config of what is saved
 * @param unusedTensors full names of tensors that files of these weights may hold and that are not used: {@link ModelFamily#unusedTensors}
 */
public record ModelOrigin(String nameOrPath, Path folder, Map<String, Object> config, Pattern unusedTensors) {

    /** Copies the map. */
    public ModelOrigin {
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    }

    /** A model that the user named by its folder. */
    public static ModelOrigin of(Path folder) {
        return new ModelOrigin(folder.toString(), folder, Map.of(), ModelFamily.NONE);
    }

    /** The same under the name that the user gave. */
    public ModelOrigin named(String other) {
        return new ModelOrigin(other, folder, config, unusedTensors);
    }

    /** The same with values by key that count instead of those in the folder's {@code config.json}. */
    public ModelOrigin withConfig(Map<String, Object> changes) {
        return new ModelOrigin(nameOrPath, folder, changes, unusedTensors);
    }

    /** The same with names of tensors that are not used. */
    public ModelOrigin withUnusedTensors(Pattern names) {
        return new ModelOrigin(nameOrPath, folder, config, names);
    }
}
