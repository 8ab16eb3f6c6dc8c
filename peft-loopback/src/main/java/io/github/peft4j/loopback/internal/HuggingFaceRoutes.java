package io.github.peft4j.loopback.internal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Hugging Face's protocol for reading repositories of a kind. */
final class HuggingFaceRoutes implements LoopbackHub.Route {

    private final Map<String, Repository> repositories;
    private final Pattern api;
    private final Pattern resolve;
    private final Supplier<String> store;

    /**
     * Routes for repositories of a kind.
     *
     * @param prefix what stands before their names in addresses of files
     * @param store the address of the host that has large files
     */
    HuggingFaceRoutes(Map<String, Repository> repositories, String prefix, Supplier<String> store) {
        this.repositories = repositories;
        this.store = store;
        String kind = prefix.isEmpty() ? "models/" : prefix;
        this.api = Pattern.compile("/api/" + kind + "([^/]+/[^/]+|[^/]+)(?:/(revision|tree)/([^/?]+))?(?:\\?(.*))?");
        this.resolve = Pattern.compile("/" + prefix + "([^/]+/[^/]+|[^/]+)/resolve/([^/]+)/([^?]+)(?:\\?.*)?");
    }

    @Override
    public @Nullable Answer answer(LoopbackHub.Seen request) {
        Matcher asked = api.matcher(request.path());
        Matcher file = resolve.matcher(request.path());
        boolean listing = asked.matches();
        if (!listing && !file.matches()) {
            return null;
        }
        String id = listing ? asked.group(1) : file.group(1);
        String named = listing ? asked.group(3) : file.group(2);
        String revision = named == null ? "main" : decoded(named);
        Repository repository = repositories.get(id);
        if (repository == null || repository.hiddenFrom(request.header("Authorization"))) {
            return Answer.problem(401, "RepoNotFound", "Repository not found");
        }
        if (!repository.has(revision)) {
            return Answer.problem(404, "RevisionNotFound", "Invalid rev id: " + revision);
        }
        if (listing) {
            return Answer.json("tree".equals(asked.group(2)) ? tree(repository) : described(repository));
        }
        return file(repository, decoded(file.group(3)));
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Map<String, Object> described(Repository repository) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", repository.id());
        all.put("sha", repository.commit());
        all.put(
                "siblings",
                repository.files().values().stream()
                        .map(file -> {
                            Map<String, Object> each = new LinkedHashMap<>();
                            each.put("rfilename", file.path());
                            each.put("size", file.content().length);
                            each.put("blobId", file.blob());
                            if (file.large()) {
                                each.put(
                                        "lfs",
                                        Map.of(
                                                "sha256",
                                                file.sha256(),
                                                "size",
                                                file.content().length,
                                                "pointerSize",
                                                130));
                            }
                            return each;
                        })
                        .toList());
        return all;
    }

    private static List<Map<String, Object>> tree(Repository repository) {
        return repository.files().values().stream()
                .map(file -> {
                    Map<String, Object> each = new LinkedHashMap<>();
                    each.put("type", "file");
                    each.put("path", file.path());
                    each.put("size", file.content().length);
                    each.put("oid", file.blob());
                    if (file.large()) {
                        each.put(
                                "lfs", Map.of("oid", file.sha256(), "size", file.content().length, "pointerSize", 130));
                    }
                    return each;
                })
                .toList();
    }

    private Answer file(Repository repository, String path) {
        if (repository.gate() != null) {
            return Answer.problem(403, "GatedRepo", repository.gate());
        }
        HostedFile file = repository.files().get(path);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Repo-Commit", repository.commit());
        if (file == null) {
            headers.put("X-Error-Code", "EntryNotFound");
            headers.put("X-Error-Message", "Entry not found");
            return new Answer(404, headers, new byte[0]);
        }
        headers.put("ETag", "\"" + file.etag() + "\"");
        if (!file.large()) {
            return new Answer(200, headers, file.content());
        }
        headers.put("X-Linked-Etag", "\"" + file.sha256() + "\"");
        headers.put("X-Linked-Size", String.valueOf(file.content().length));
        headers.put("Location", store.get() + "/" + file.sha256() + "?signature=secret");
        return new Answer(302, headers, new byte[0]);
    }
}
