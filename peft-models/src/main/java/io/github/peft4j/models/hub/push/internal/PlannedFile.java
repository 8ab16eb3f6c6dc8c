package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file, and how the hub wants it.
 *
 * @param large whether it is uploaded by Git LFS, and not within the commit
 * @param ignored whether the repository's {@code .gitignore} leaves it out
 * @param hash what its content is named: by Git LFS if it is large, else by Git
 * @param there what the content that the repository has under its name is named, or null
 */
record PlannedFile(
        PushedFile file,
        boolean large,
        boolean ignored,
        String hash,
        @Nullable String there) {

    /** As many as the hub takes at once. */
    static final int AT_ONCE = 256;

    /** Whether the repository lacks it. */
    boolean changed() {
        return !ignored && !hash.equals(there);
    }

    /** Asks the hub. */
    static List<PlannedFile> of(HubApi api, PushTarget target, List<PushedFile> files) throws IOException {
        List<PlannedFile> planned = new ArrayList<>();
        for (List<PushedFile> some : groups(files)) {
            planned.addAll(ofGroup(api, target, some));
        }
        return planned;
    }

    /** A list in pieces that the hub takes. */
    static <T> List<List<T>> groups(List<T> all) {
        List<List<T>> groups = new ArrayList<>();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            groups.add(all.subList(from, Math.min(all.size(), from + AT_ONCE)));
        }
        return groups;
    }

    private static List<PlannedFile> ofGroup(HubApi api, PushTarget target, List<PushedFile> files) throws IOException {
        List<Map<String, Object>> asked = new ArrayList<>();
        for (PushedFile file : files) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("path", file.path());
            one.put("sample", Base64.getEncoder().encodeToString(file.sample()));
            one.put("size", file.size());
            asked.add(one);
        }
        HubApi.Reply reply = api.post(target.change("preupload"), Map.of("files", asked));
        Map<String, Map<?, ?>> byPath = new HashMap<>();
        for (Map<?, ?> told :
                HubApi.list(reply.orRefused("push to " + target.id()).object(), "files")) {
            byPath.put(HubApi.text(told, "path"), told);
        }
        List<PlannedFile> planned = new ArrayList<>();
        for (PushedFile file : files) {
            planned.add(planned(file, byPath.get(file.path())));
        }
        return planned;
    }

    private static PlannedFile planned(PushedFile file, @Nullable Map<?, ?> told) throws IOException {
        String mode = told == null ? "" : HubApi.text(told, "uploadMode");
        if (told == null || !(mode.equals("lfs") || mode.equals("regular"))) {
            throw new HubException("the hub's answer does not say how it wants " + file.path());
        }
        // Stores of large files refuse empty ones.
        boolean large = mode.equals("lfs") && file.size() > 0;
        boolean ignored = Boolean.TRUE.equals(told.get("shouldIgnore"));
        String hash = ignored ? "" : large ? file.sha256() : file.gitHash();
        @Nullable String there = told.get("oid") == null ? null : Objects.toString(told.get("oid"));
        return new PlannedFile(file, large, ignored, hash, there);
    }
}
