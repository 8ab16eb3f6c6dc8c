package io.github.peft4j.models;

import java.nio.file.Path;

/**
 * Where a model's weights came from.
 *
 * @param nameOrPath what the user called it, a hub id or a folder; what Hugging Face calls {@code name_or_path}
 * @param folder the folder it was read from
 */
public record ModelOrigin(String nameOrPath, Path folder) {

    /** A model that the user named by its folder. */
    public static ModelOrigin of(Path folder) {
        return new ModelOrigin(folder.toString(), folder);
    }
}
