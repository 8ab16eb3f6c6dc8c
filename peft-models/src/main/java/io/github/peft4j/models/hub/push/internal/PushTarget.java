package io.github.peft4j.models.hub.push.internal;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a push goes.
 *
 * @param id {@code OWNER/NAME}
 * @param revision a branch
 * @param pullRequest whether it is only proposed, for others to merge
 */
public record PushTarget(String id, String revision, boolean pullRequest) {

    /** The branch that every repository has. */
    public static final String MAIN = "main";

    /** As {@code validate_repo_id} of {@code huggingface_hub}. */
    private static final Pattern PART = Pattern.compile("\\w|\\w[\\w.-]{0,94}\\w", Pattern.UNICODE_CHARACTER_CLASS);

    /** A place that is only proposed to be changed is the main branch. */
    public PushTarget {
        String[] parts = id.split("/", -1);
        boolean valid = parts.length == 2
                && PART.matcher(parts[0]).matches()
                && PART.matcher(parts[1]).matches()
                && !id.contains("--")
                && !id.contains("..")
                && !id.endsWith(".git")
                && id.length() <= 96 + parts[0].length() + 1;
        if (!valid) {
            throw new IllegalArgumentException(
                    "\"" + id + "\" is no name of a repository: expected OWNER/NAME, of letters,"
                            + " digits, -, _ and ., which neither begin nor end with - or .");
        }
        if (revision.isBlank() || revision.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("\"" + revision + "\" is no name of a branch");
        }
        if (pullRequest && !revision.equals(MAIN)) {
            throw new IllegalArgumentException("a pull request is made for the branch " + MAIN + ", not for " + revision
                    + ": ask for one of the two");
        }
    }

    /** Who owns it. */
    String owner() {
        return id.substring(0, id.indexOf('/'));
    }

    /** Its name without its owner. */
    String name() {
        return id.substring(id.indexOf('/') + 1);
    }

    /** The hub's interface to it. */
    String api(String what) {
        return "/api/models/" + id + what;
    }

    /** The hub's interface to the branch. */
    String branch(String what) {
        return api("/" + what + "/"
                + URLEncoder.encode(revision, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    /** The same for what is part of a commit. */
    String change(String what) {
        return branch(what) + (pullRequest ? "?create_pr=1" : "");
    }

    /** Where people see it, below the hub's own address. */
    public String page() {
        return "/" + id + (revision.equals(MAIN) ? "" : "/tree/" + revision);
    }

    /** What {@code create_repo} sends. */
    Map<String, Object> creation(boolean open) {
        return Map.of("name", name(), "organization", owner(), "visibility", open ? "public" : "private");
    }
}
