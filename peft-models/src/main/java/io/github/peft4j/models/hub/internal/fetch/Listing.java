package io.github.peft4j.models.hub.internal.fetch;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a repository at a revision.
 *
 * @param revision what was asked for: a branch, a tag or a commit
 * @param commit what that is at the moment; where a hub has no commits, the revision
 * @param files by path
 */
public record Listing(String revision, String commit, Map<String, RemoteFile> files) {

    /** One of files. */
    static Listing of(String revision, String commit, List<RemoteFile> files) {
        Map<String, RemoteFile> all = new TreeMap<>();
        files.forEach(file -> all.put(file.path(), file));
        return new Listing(revision, commit, all);
    }
}
