package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.hub.internal.http.HubAnswer;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import java.io.IOException;

/** A hub's protocol for reading. Implementations are immutable. */
public interface Site {

    /**
     * The files of a repository.
     *
     * @throws HubException.Refusal if there is no such repository or revision, or it may not be read
     * @throws HubException if the hub cannot be reached
     */
    Listing list(Repo repo, String revision) throws IOException;

    /**
     * A file with its size and hash, where the list lacked them.
     *
     * @throws HubException as {@link #list}
     */
    RemoteFile described(Repo repo, Listing listing, RemoteFile file) throws IOException;

    /** Asks for a file's content. */
    HubRequest content(Repo repo, Listing listing, RemoteFile file);

    /** Sends a request; the caller closes the answer. */
    HubAnswer send(HubRequest request) throws IOException;

    /** What stands behind an answer that is not what was asked for, with what to do. */
    HubException refused(Repo repo, String revision, String path, HubAnswer answer);

    /** The hub's address. */
    String endpoint();
}
