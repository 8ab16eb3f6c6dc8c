package io.github.peft4j.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where a model lies that was named on the command line.
 *
 * @param name as it was named: what adapters record as their base model
 * @param folder its files
 */
record ModelLocation(String name, Path folder) {

    /**
     * Finds a folder, or a hub id in the local cache.
     *
     * @throws BadInput if there is neither
     */
    static ModelLocation of(String name) {
        return of(name, HubCache.of(System.getenv(), Path.of(System.getProperty("user.home"))));
    }

    static ModelLocation of(String name, HubCache cache) {
        Path folder = path(name);
        if (Files.isDirectory(folder)) {
            return new ModelLocation(name, folder);
        }
        if (Files.exists(folder)) {
            throw new BadInput("no checkpoint folder at " + name
                    + ": expected a folder with config.json and weights, found a file");
        }
        Path snapshot = cache.find(name);
        if (snapshot != null) {
            return new ModelLocation(name, snapshot);
        }
        if (!HubCache.isId(name)) {
            throw new BadInput("no checkpoint folder at " + name + ": there is no such folder");
        }
        throw new BadInput("no checkpoint \"" + name + "\": expected a folder, or a model in the hub cache "
                + cache.folder() + ". To download it there: hf download " + name.replaceFirst("@", " --revision "));
    }

    private static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new BadInput("\"" + name + "\" is no path: " + e.getReason(), e);
        }
    }
}
