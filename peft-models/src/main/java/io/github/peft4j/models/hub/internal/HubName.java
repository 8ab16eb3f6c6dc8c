package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.hub.internal.fetch.Repo;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What names a repository on a hub: {@code OWNER/NAME}, {@code OWNER/NAME@REVISION}, {@code modelscope:OWNER/NAME@REVISION}, or, as Hugging Face's file systems
 * have it, {@code hf://OWNER/NAME} and {@code hf://datasets/OWNER/NAME@REVISION/PATH}.
 *
 * @param where the hub
 * @param kind what it holds, or null if the name does not say
 * @param id {@code OWNER/NAME}, of a few old ones {@code NAME}
 * @param revision a branch, a tag or a commit, or null for the usual branch
 * @param path a file or folder of it, or empty
 */
public record HubName(
        Where where,
        Repo.@Nullable Kind kind,
        String id,
        @Nullable String revision,
        String path) {

    /** The hubs. */
    public enum Where {
        /** Hugging Face's. */
        HUGGING_FACE,
        /** ModelScope. */
        MODELSCOPE
    }

    private static final String WORD = "\\w[\\w.-]{0,95}";

    private static final String REVISION = "[\\w.-]+(?:/[\\w.-]+)*";

    private static final Pattern NAME = Pattern.compile(
            "(?<scope>modelscope:)?(?<id>" + WORD + "(?:/" + WORD + ")?)(?:@(?<revision>" + REVISION + "))?");

    private static final Pattern ADDRESS = Pattern.compile("hf://(?:(?<kind>models|datasets)/)?(?<id>" + WORD + "/"
            + WORD + ")(?:@(?<revision>refs/(?:pr|convert)/[\\w.-]+|[\\w.-]+))?(?:/(?<path>.*))?");

    /** What a text names, or null if it has not the form of a name. */
    public static @Nullable HubName of(String text) {
        Matcher address = ADDRESS.matcher(text);
        Matcher name = NAME.matcher(text);
        if (text.contains("..") || text.contains("--")) {
            return null;
        }
        if (address.matches()) {
            Repo.Kind kind = "datasets".equals(address.group("kind")) ? Repo.Kind.DATASET : Repo.Kind.MODEL;
            String path = address.group("path");
            return new HubName(
                    Where.HUGGING_FACE,
                    kind,
                    address.group("id"),
                    address.group("revision"),
                    path == null ? "" : path.replaceFirst("/+$", ""));
        }
        if (!name.matches() || (name.group("scope") != null && !name.group("id").contains("/"))) {
            return null;
        }
        Where where = name.group("scope") == null ? Where.HUGGING_FACE : Where.MODELSCOPE;
        return new HubName(where, null, name.group("id"), name.group("revision"), "");
    }

    /** This one at a revision. */
    public HubName at(@Nullable String other) {
        return new HubName(where, kind, id, other, path);
    }

    /** The repository, of a kind unless the name says of which. */
    public Repo repo(Repo.Kind otherwise) {
        return new Repo(kind == null ? otherwise : kind, id);
    }

    /** The revision, or the branch that is meant without one. */
    String revisionOrUsual() {
        return revision != null ? revision : where == Where.MODELSCOPE ? "master" : "main";
    }

    /** Whether it names a commit, which never changes. */
    boolean isCommit() {
        return where == Where.HUGGING_FACE && revision != null && revision.matches("[0-9a-f]{40}");
    }

    @Override
    public String toString() {
        return (where == Where.MODELSCOPE ? "modelscope:" : "") + id + (revision == null ? "" : "@" + revision);
    }
}
