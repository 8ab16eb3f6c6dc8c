package io.github.peft4j.loopback.internal;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hugging Face's protocol for writing models: repositories, branches, what is uploaded by Git LFS to the other host, and commits. What is committed to {@code main}
 * can be downloaded from the same hub. Requests are answered one at a time.
 */
public final class PushRoutes {

    private static final Pattern MODEL =
            Pattern.compile("/api/models/([^/]+/[^/?]+)(?:/(\\w+)/([^/?]+))?(\\?create_pr=1)?");

    private static final String MAIN = "main";

    private final LoopbackHub hub;
    private final String token;
    private final Map<String, Branches> repositories = new LinkedHashMap<>();
    private final LargeFileStore store;
    private Pattern ignored = Pattern.compile("(?!)");
    private int lostCommits;

    /** A repository's branches, each with its files, and whether everybody may see it. */
    private static final class Branches {
        private final Map<String, Repository> byName = new TreeMap<>();
        private final Map<String, List<String>> messages = new TreeMap<>();
        private boolean open;
    }

    private PushRoutes(LoopbackHub hub, String token) {
        this.hub = hub;
        this.token = token;
        this.store = new LargeFileStore(hub);
    }

    /**
     * Lets a hub be written to.
     *
     * @param token of whoever may
     */
    public static PushRoutes on(LoopbackHub hub, String token) {
        PushRoutes routes = new PushRoutes(hub, token);
        hub.route(routes::answer);
        hub.storeRoute(routes.store::stored);
        return routes;
    }

    /** Takes what is larger in parts of so many bytes. */
    public PushRoutes inPartsOf(int bytes) {
        store.inPartsOf(bytes);
        return this;
    }

    /** Leaves out files of names as a {@code .gitignore} does. */
    public PushRoutes ignoring(String names) {
        ignored = Pattern.compile(names);
        return this;
    }

    /** Closes the connection without an answer when the next so many uploads have arrived, which then are gone. */
    public PushRoutes loseUploads(int count) {
        store.lose(count);
        return this;
    }

    /** Closes the connection without an answer when the next so many commits have been made. */
    public PushRoutes loseAnswersOfCommits(int count) {
        lostCommits = count;
        return this;
    }

    /** The files of a branch by path. */
    public Map<String, HostedFile> files(String id, String branch) {
        return branch(id, branch).files();
    }

    /** What the commits of a branch are called, the newest last. */
    public List<String> commits(String id, String branch) {
        return repository(id).messages.getOrDefault(branch, List.of());
    }

    /** Whether everybody may see a repository. */
    public boolean isOpen(String id) {
        return repository(id).open;
    }

    /** Makes a repository that is there before. */
    public Repository make(String id, boolean open) {
        Branches made = new Branches();
        made.open = open;
        Repository main = open ? hub.model(id) : hub.model(id).privateTo(token);
        made.byName.put(MAIN, main.file(".gitattributes", "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"));
        repositories.put(id, made);
        return main;
    }

    private Branches repository(String id) {
        Branches found = repositories.get(id);
        if (found == null) {
            throw new IllegalArgumentException("no repository " + id);
        }
        return found;
    }

    private Repository branch(String id, String branch) {
        Repository found = repository(id).byName.get(branch);
        if (found == null) {
            throw new IllegalArgumentException("no branch " + branch + " of " + id);
        }
        return found;
    }

    private synchronized @Nullable Answer answer(LoopbackHub.Seen request) throws IOException {
        if (!request.path()
                .matches(
                        "(/api/repos/create|/api/validate-yaml|/api/models/.*|.*\\.git/info/lfs/.*|/(complete|verify)/.*)")) {
            return null;
        }
        if (request.path().startsWith("/complete/")) {
            return store.complete(request.path(), object(request));
        }
        if (!("Bearer " + token).equals(request.header("Authorization"))) {
            return Answer.problem(401, "Unauthorized", "Invalid username or password.");
        }
        if (request.path().startsWith("/verify/")) {
            return store.verify(request.path(), object(request));
        }
        if (request.path().endsWith(".git/info/lfs/objects/batch")) {
            return store.batch(object(request));
        }
        return switch (request.path()) {
            case "/api/repos/create" -> create(object(request));
            case "/api/validate-yaml" -> validate(object(request));
            default -> ofModel(request);
        };
    }

    private static Map<?, ?> object(LoopbackHub.Seen request) {
        return JsonText.object(new String(request.body(), StandardCharsets.UTF_8));
    }

    private Answer create(Map<?, ?> asked) {
        String id = asked.get("organization") + "/" + asked.get("name");
        if (repositories.containsKey(id)) {
            Map<String, Object> there =
                    Map.of("error", "You already created this model repo", "url", hub.endpoint() + "/" + id);
            return new Answer(409, Map.of(), Json.of(there).getBytes(StandardCharsets.UTF_8));
        }
        if (!id.startsWith("me/")) {
            return Answer.problem(403, "Forbidden", "You don't have the rights to create a model under this namespace");
        }
        make(id, !"private".equals(asked.get("visibility")));
        return Answer.json(Map.of("url", hub.endpoint() + "/" + id, "name", id));
    }

    private static Answer validate(Map<?, ?> asked) {
        boolean bad = String.valueOf(asked.get("content")).contains("license: nonsense");
        List<Object> errors =
                bad ? List.of(Map.of("message", "\"license\" must be one of [apache-2.0, ...]")) : List.of();
        byte[] body = Json.of(Map.of("errors", errors, "warnings", List.of())).getBytes(StandardCharsets.UTF_8);
        return new Answer(bad ? 400 : 200, Map.of("Content-Type", "application/json"), body);
    }

    private @Nullable Answer ofModel(LoopbackHub.Seen request) throws IOException {
        Matcher asked = MODEL.matcher(request.path());
        if (!asked.matches()) {
            return null;
        }
        String id = asked.group(1);
        Branches repository = repositories.get(id);
        if (repository == null) {
            return Answer.problem(404, "RepoNotFound", "Repository not found");
        }
        String named = asked.group(3) == null ? MAIN : URLDecoder.decode(asked.group(3), StandardCharsets.UTF_8);
        String what = String.valueOf(asked.group(2));
        if (what.equals("branch")) {
            boolean there = repository.byName.containsKey(named);
            repository.byName.computeIfAbsent(named, name -> copy(branch(id, MAIN)));
            return there ? Answer.problem(409, "BranchExists", "Reference already exists") : Answer.json(Map.of());
        }
        Repository branch = repository.byName.get(named);
        if (branch == null) {
            return Answer.problem(404, "RevisionNotFound", "Invalid rev id: " + named);
        }
        return switch (what) {
            case "preupload" -> modes(branch, object(request));
            case "commit" -> commit(repository, named, branch, request, asked.group(4) != null);
            default ->
                request.method().equals("GET")
                        ? Answer.json(Map.of("id", id, "sha", branch.commit(), "private", !repository.open))
                        : null;
        };
    }

    private static Repository copy(Repository from) {
        Repository copy = new Repository(from.id());
        from.files().values().forEach(copy::file);
        return copy;
    }

    private Answer modes(Repository branch, Map<?, ?> asked) {
        List<Map<String, Object>> files = new ArrayList<>();
        for (Object each : (List<?>) Objects.requireNonNull(asked.get("files"))) {
            String path = String.valueOf(((Map<?, ?>) each).get("path"));
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("path", path);
            told.put("uploadMode", path.matches(".*\\.(safetensors|bin|model)") ? "lfs" : "regular");
            told.put("shouldIgnore", ignored.matcher(path).matches());
            HostedFile there = branch.files().get(path);
            if (there != null) {
                told.put("oid", there.large() ? there.sha256() : there.blob());
            }
            files.add(told);
        }
        return Answer.json(Map.of("files", files));
    }

    private Answer commit(
            Branches repository, String name, Repository branch, LoopbackHub.Seen request, boolean proposed)
            throws IOException {
        Repository changed = proposed ? copy(branch) : branch;
        String message = "";
        for (String line : new String(request.body(), StandardCharsets.UTF_8).split("\n")) {
            Map<?, ?> item = JsonText.object(line);
            Map<?, ?> value = (Map<?, ?>) Objects.requireNonNull(item.get("value"));
            String path = String.valueOf(value.get("path"));
            if ("header".equals(item.get("key"))) {
                message = String.valueOf(value.get("summary"));
                Object parent = value.get("parentCommit");
                if (parent != null && !parent.equals(branch.commit())) {
                    return Answer.problem(
                            412, "PreconditionFailed", "A commit has happened since. Please refresh and try again.");
                }
            } else if ("file".equals(item.get("key"))) {
                byte[] content = Base64.getDecoder().decode(String.valueOf(value.get("content")));
                changed.file(new HostedFile(path, content, false));
            } else {
                byte[] content = store.content(String.valueOf(value.get("oid")));
                if (content == null) {
                    return Answer.problem(
                            400,
                            "MissingObject",
                            "Your push was rejected because an LFS pointer pointed to a file that does not exist");
                }
                changed.file(new HostedFile(path, content, true));
            }
        }
        String made = proposed ? "refs/pr/1" : name;
        repository.byName.put(made, changed);
        repository.messages.computeIfAbsent(made, key -> new ArrayList<>()).add(message);
        if (lostCommits > 0) {
            lostCommits--;
            throw new IOException("lost on the way");
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("success", true);
        told.put("commitOid", changed.commit());
        told.put("commitUrl", hub.endpoint() + "/" + branch.id() + "/commit/" + changed.commit());
        if (proposed) {
            told.put("pullRequestUrl", hub.endpoint() + "/" + branch.id() + "/discussions/1");
        }
        return Answer.json(told);
    }
}
