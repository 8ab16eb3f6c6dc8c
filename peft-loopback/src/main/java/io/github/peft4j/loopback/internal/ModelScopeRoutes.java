package io.github.peft4j.loopback.internal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** ModelScope's protocol for reading repositories of a kind. */
final class ModelScopeRoutes implements LoopbackHub.Route {

    private final Map<String, Repository> repositories;
    private final Pattern paths;
    private final Supplier<String> store;

    /**
     * Routes for repositories of a kind.
     *
     * @param kind {@code models} or {@code datasets}
     * @param store the address of the host that has large files
     */
    ModelScopeRoutes(Map<String, Repository> repositories, String kind, Supplier<String> store) {
        this.repositories = repositories;
        this.store = store;
        this.paths = Pattern.compile("/api/v1/" + kind + "/([^/]+/[^/]+)/(repo|repo/files|repo/tree)\\?(.*)");
    }

    @Override
    public @Nullable Answer answer(LoopbackHub.Seen request) {
        Matcher asked = paths.matcher(request.path());
        if (!asked.matches()) {
            return null;
        }
        Map<String, String> query = query(asked.group(3));
        Repository repository = repositories.get(asked.group(1));
        if (repository == null || repository.hiddenFrom(request.header("Authorization"))) {
            return refused(404, 10010205001L, "Not found or no permission");
        }
        if (!repository.has(query.getOrDefault("Revision", "master"))) {
            return refused(404, 10010205002L, "no such revision");
        }
        if (!asked.group(2).equals("repo")) {
            return Answer.json(Map.of("Code", 200, "Data", listed(repository, query)));
        }
        HostedFile file = repository.files().get(query.getOrDefault("FilePath", ""));
        if (file == null) {
            return refused(404, 10010205003L, "no such file");
        }
        return file.large()
                ? new Answer(
                        302, Map.of("Location", store.get() + "/" + file.sha256() + "?signature=secret"), new byte[0])
                : new Answer(200, Map.of(), file.content());
    }

    private static Answer refused(int status, long code, String message) {
        byte[] said = Json.of(Map.of("Code", code, "Message", message, "Success", false))
                .getBytes(StandardCharsets.UTF_8);
        return new Answer(status, Map.of("Content-Type", "application/json"), said);
    }

    /** A page of the files, where pages are asked for. */
    private static Map<String, Object> listed(Repository repository, Map<String, String> query) {
        List<Map<String, Object>> files = new ArrayList<>();
        repository.files().values().forEach(file -> {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("Path", file.path());
            each.put("Name", file.path().replaceFirst(".*/", ""));
            each.put("Type", "blob");
            each.put("Size", file.content().length);
            each.put("Sha256", file.sha256());
            each.put("Revision", repository.commit());
            each.put("IsLFS", file.large());
            files.add(each);
        });
        int size = Integer.parseInt(query.getOrDefault("PageSize", String.valueOf(files.size() + 1)));
        int from = Math.min(files.size(), (Integer.parseInt(query.getOrDefault("PageNumber", "1")) - 1) * size);
        return Map.of("Files", files.subList(from, Math.min(files.size(), from + size)), "TotalCount", files.size());
    }

    private static Map<String, String> query(String text) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String part : text.split("&", -1)) {
            String[] pair = part.split("=", 2);
            all.put(pair[0], pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return all;
    }
}
