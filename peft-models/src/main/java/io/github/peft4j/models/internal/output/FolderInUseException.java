package io.github.peft4j.models.internal.output;

import java.io.IOException;
import java.nio.file.Path;

/** Somebody else is writing into a folder. */
public final class FolderInUseException extends IOException {

    FolderInUseException(Path folder, String by) {
        super("the folder " + folder + " is in use: " + by
                + " writes into it. Wait until that has ended, or choose another folder");
    }
}
