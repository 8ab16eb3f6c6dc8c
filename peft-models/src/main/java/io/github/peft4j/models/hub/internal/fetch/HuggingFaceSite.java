package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.hub.internal.http.HubAnswer;
import io.github.peft4j.models.hub.internal.http.HubClient;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Hugging Face's hub, and those that speak its protocol. A revision is resolved once and files are asked for by commit, so that what is fetched belongs together.
 * Files in Xet storage are read over plain HTTP, by the bridge that the hub redirects to.
 *
 * @param client asks it
 */
public record HuggingFaceSite(HubClient client) implements Site {

    /** Repositories of data sets can have 100,000 files. */
    private static final JsonLimits LISTING = JsonLimits.ofBytes(128 << 20).withParts(8_000_000);

    @Override
    public Listing list(Repo repo, String revision) throws IOException {
        String target = "/api/" + repo.kind().plural() + "/" + encoded(repo.id()) + "/revision/" + part(revision)
                + "?blobs=true";
        try (HubAnswer answer = client.send(HubRequest.get(target))) {
            if (!answer.successful()) {
                throw refused(repo, revision, "", answer);
            }
            Object json = answer.json(LISTING);
            String commit = json instanceof Map<?, ?> ? text(JsonValues.at(json, "sha")) : "";
            if (!commit.matches("[0-9a-f]{40}")) {
                throw new HubException(answer.source() + " names no commit of " + repo.id()
                        + ": expected 40 hexadecimal digits as sha, found " + Printable.quoted(commit));
            }
            return Listing.of(revision, commit, files(JsonValues.at(json, "siblings")));
        }
    }

    private static List<RemoteFile> files(@Nullable Object siblings) {
        List<RemoteFile> files = new ArrayList<>();
        for (Object each : siblings instanceof List<?> list ? list : List.of()) {
            if (each instanceof Map<?, ?>) {
                files.add(file(each));
            }
        }
        return files;
    }

    private static RemoteFile file(Object entry) {
        Object lfs = JsonValues.at(entry, "lfs");
        boolean large = lfs instanceof Map<?, ?>;
        String etag = text(large ? JsonValues.at(lfs, "sha256") : JsonValues.at(entry, "blobId"));
        long size = whole(large ? JsonValues.at(lfs, "size") : JsonValues.at(entry, "size"));
        RemoteFile.Hash hash = RemoteFile.Hash.of(etag);
        return new RemoteFile(
                text(JsonValues.at(entry, "rfilename")), size, hash == RemoteFile.Hash.NONE ? null : etag, hash);
    }

    static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    static long whole(@Nullable Object value) {
        return value instanceof Integer || value instanceof Long ? ((Number) value).longValue() : -1;
    }

    @Override
    public RemoteFile described(Repo repo, Listing listing, RemoteFile file) throws IOException {
        if (file.known()) {
            return file;
        }
        try (HubAnswer answer = client.send(HubRequest.head(address(repo, listing, file)))) {
            if (answer.status() >= 400) {
                throw refused(repo, listing.revision(), file.path(), answer);
            }
            String etag = answer.header("X-Linked-Etag");
            etag = etag == null ? answer.header("ETag") : etag;
            etag = etag == null ? "" : etag.replaceFirst("^W/", "").replace("\"", "");
            long linked = answer.number("X-Linked-Size");
            long size = linked < 0 && answer.successful() ? answer.number("Content-Length") : linked;
            if (!etag.matches("[\\w.-]{1,200}") || etag.startsWith(".") || size < 0) {
                throw new HubException(
                        answer.source() + " says neither what " + Printable.quoted(file.path())
                                + " is nor how large: expected the headers ETag and Content-Length, or X-Linked-Etag and X-Linked-Size");
            }
            return new RemoteFile(file.path(), size, etag, RemoteFile.Hash.of(etag));
        }
    }

    @Override
    public HubRequest content(Repo repo, Listing listing, RemoteFile file) {
        return HubRequest.get(address(repo, listing, file));
    }

    private static String address(Repo repo, Listing listing, RemoteFile file) {
        String kind = repo.kind() == Repo.Kind.MODEL ? "/" : "/" + repo.kind().plural() + "/";
        return kind + encoded(repo.id()) + "/resolve/" + part(listing.commit()) + "/" + encoded(file.path());
    }

    private static String encoded(String path) {
        return Arrays.stream(path.split("/", -1)).map(HuggingFaceSite::part).collect(Collectors.joining("/"));
    }

    private static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public HubAnswer send(HubRequest request) throws IOException {
        return client.send(request);
    }

    @Override
    public String endpoint() {
        return client.endpoint();
    }

    @Override
    public HubException refused(Repo repo, String revision, String path, HubAnswer answer) {
        String code = String.valueOf(answer.header("X-Error-Code"));
        String said = answer.problem();
        String kind = repo.kind() == Repo.Kind.MODEL ? "" : repo.kind().plural() + "/";
        String page = endpoint() + "/" + kind + repo.id();
        int status = answer.status();
        if (code.equals("GatedRepo")) {
            return new HubException.Refusal(repo.id() + " is gated: accept its conditions at " + page + ", and "
                    + (client.hasToken()
                            ? "use a token of the account that has done so"
                            : "set HF_TOKEN to a token of your account"));
        }
        if (code.equals("RevisionNotFound")) {
            return new HubException.Refusal(repo.id() + " has no revision " + Printable.quoted(revision)
                    + ": expected a branch, a tag or a commit, see " + page + "/tree/main");
        }
        if (code.equals("EntryNotFound")) {
            return new HubException.Refusal(repo.id() + " has no file " + Printable.quoted(path) + " at " + revision
                    + ", see " + page + "/tree/main");
        }
        if (status == 401 && said.matches("(?i).*(invalid|expired).*(token|credentials).*|.*token.*expired.*")) {
            return new HubException.Refusal(
                    endpoint() + " does not accept the token (" + said + "): take a new one from " + endpoint()
                            + "/settings/tokens and set HF_TOKEN, or log in again with hf auth login");
        }
        if (code.equals("RepoNotFound") || status == 401 || status == 404) {
            return new HubException.Refusal("there is no " + repo.kind().phrase() + " " + Printable.quoted(repo.id())
                    + " at " + endpoint() + ", or it is private: look for a slip in the name; "
                    + (client.hasToken()
                            ? "if it is private, the token must be of somebody who may read it"
                            : "if it is private, set HF_TOKEN to a token of yours"));
        }
        String told = said.isEmpty() ? "" : ": " + said;
        if (status == 403) {
            return new HubException.Refusal(
                    endpoint() + " does not give " + repo.id() + (path.isEmpty() ? "" : "/" + path) + told);
        }
        return new HubException(answer.source() + " answers with status " + status + told);
    }
}
