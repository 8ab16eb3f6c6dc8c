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
import java.util.List;
import java.util.Map;

/**
 * ModelScope, as its Python client (modelscope-hub 0.5) asks it. It keeps no commits: files are known by SHA-256, and a revision is what it is at the moment.
 *
 * @param client asks it
 */
public record ModelScopeSite(HubClient client) implements Site {

    private static final JsonLimits LISTING = JsonLimits.ofBytes(64 << 20).withParts(4_000_000);

    /** Files of a data set that come at once. */
    private static final int PAGE = 200;

    private static final int MOST_PAGES = 2000;

    /** The service cuts a list of a model's files there without a word. */
    private static final int CUT = 3000;

    @Override
    public Listing list(Repo repo, String revision) throws IOException {
        List<RemoteFile> files = new ArrayList<>();
        if (repo.kind() == Repo.Kind.MODEL) {
            int listed = page(repo, revision, "/repo/files?Recursive=True&Revision=", "", files);
            if (listed >= CUT) {
                throw new HubException.Refusal(repo.id() + " at " + endpoint() + " has " + CUT
                        + " files or more, of which its list is cut: no model has so many");
            }
        } else {
            int listed = PAGE;
            for (int page = 1; listed == PAGE && page <= MOST_PAGES; page++) {
                String which = "&PageNumber=" + page + "&PageSize=" + PAGE;
                listed = page(repo, revision, "/repo/tree?Recursive=True&Revision=", which, files);
            }
        }
        return Listing.of(revision, revision, files);
    }

    /** Adds the files of a page; returns how many entries it had. */
    private int page(Repo repo, String revision, String query, String which, List<RemoteFile> files)
            throws IOException {
        try (HubAnswer answer = client.send(HubRequest.get(api(repo) + query + encoded(revision) + which))) {
            if (!answer.successful()) {
                throw refused(repo, revision, "", answer);
            }
            Object json = answer.json(LISTING);
            Object data = json instanceof Map<?, ?> ? JsonValues.at(json, "Data") : null;
            Object entries = data instanceof Map<?, ?> ? JsonValues.at(data, "Files") : data;
            if (!(entries instanceof List<?> list)) {
                throw new HubException(answer.source() + " lists no files of " + repo.id() + ": expected Data.Files");
            }
            for (Object entry : list) {
                if (entry instanceof Map<?, ?> && !"tree".equals(JsonValues.at(entry, "Type"))) {
                    String sha = HuggingFaceSite.text(JsonValues.at(entry, "Sha256"));
                    boolean hashed = RemoteFile.Hash.of(sha) == RemoteFile.Hash.SHA256;
                    files.add(new RemoteFile(
                            HuggingFaceSite.text(JsonValues.at(entry, "Path")),
                            HuggingFaceSite.whole(JsonValues.at(entry, "Size")),
                            hashed ? sha : null,
                            hashed ? RemoteFile.Hash.SHA256 : RemoteFile.Hash.NONE));
                }
            }
            return list.size();
        }
    }

    @Override
    public RemoteFile described(Repo repo, Listing listing, RemoteFile file) throws IOException {
        if (file.size() < 0) {
            throw new HubException(endpoint() + " does not say how large " + Printable.quoted(file.path()) + " of "
                    + repo.id() + " is");
        }
        return file;
    }

    @Override
    public HubRequest content(Repo repo, Listing listing, RemoteFile file) {
        return HubRequest.get(
                api(repo) + "/repo?Revision=" + encoded(listing.revision()) + "&FilePath=" + encoded(file.path()));
    }

    private static String api(Repo repo) {
        return "/api/v1/" + repo.kind().plural() + "/" + repo.id();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
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
        String said = answer.problem();
        String told = said.isEmpty() ? "" : " (" + said + ")";
        if (answer.status() == 401 || answer.status() == 403 || answer.status() == 404) {
            String what = path.isEmpty() ? "" : " with a file " + Printable.quoted(path);
            return new HubException.Refusal("there is no " + repo.kind().phrase() + " " + Printable.quoted(repo.id())
                    + " of revision " + Printable.quoted(revision) + what + " at " + endpoint() + told
                    + ", or it is private: look for a slip in the name; if it is private, set MODELSCOPE_API_TOKEN to a token "
                    + (client.hasToken() ? "of somebody who may read it" : "of yours"));
        }
        return new HubException(answer.source() + " answers with status " + answer.status() + told);
    }
}
