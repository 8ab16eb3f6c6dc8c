package io.github.peft4j.models.hub.internal.fetch;

import java.io.IOException;
import java.nio.file.Path;

/** Where the files of a listing go. */
interface Place {

    /** The folder that has them, by their names in the repository. */
    Path folder();

    /** Whether a file is there; what has been checked once is not read again. */
    boolean has(RemoteFile file) throws IOException;

    /** Where a file lies while it comes in. */
    Path incomplete(RemoteFile file);

    /** Whose lock is held meanwhile. */
    Path lock(RemoteFile file);

    /** Puts a file in its place, all of which is in its incomplete one and has been checked. */
    void keep(RemoteFile file) throws IOException;

    /** Whatever has to be there beside the files, once they are there. */
    void finish() throws IOException;
}
