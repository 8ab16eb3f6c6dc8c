package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.hub.internal.fetch.DataFiles;
import io.github.peft4j.models.hub.internal.fetch.Fetch;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.fetch.HuggingFaceSite;
import io.github.peft4j.models.hub.internal.fetch.Listing;
import io.github.peft4j.models.hub.internal.fetch.ModelScopeSite;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.fetch.Selection;
import io.github.peft4j.models.hub.internal.fetch.Site;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a name on a hub to a folder on this machine. What the local cache has as a whole is used without asking anybody; otherwise the hub is asked, unless that is
 * forbidden, and what is lacking comes into the cache. Safe for concurrent use.
 */
public final class Hub {

    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    /** Files that come in at once. */
    private static final int THREADS = 4;

    private final HubEnvironment environment;
    private final boolean offline;
    private final FetchListener listener;
    private final Patience patience;

    /**
     * A way to hubs.
     *
     * @param environment says which they are, and where caches lie
     * @param offline whether no hub may be asked, whatever the environment says
     * @param listener is told how fetching goes
     */
    public Hub(HubEnvironment environment, boolean offline, FetchListener listener) {
        this(environment, offline, listener, environment.patience());
    }

    /** {@link #Hub(HubEnvironment, boolean, FetchListener)} with another patience. */
    Hub(HubEnvironment environment, boolean offline, FetchListener listener, Patience patience) {
        this.environment = environment;
        this.offline = offline || environment.offline();
        this.listener = listener;
        this.patience = patience;
    }

    /** The user's. What is fetched is told to the log. */
    public static Hub ofUser() {
        return new Hub(HubEnvironment.ofUser(), false, new FetchListener() {
            @Override
            public void planned(int files, long bytes) {
                LOG.info("fetching {} files, {} bytes", files, bytes);
            }

            @Override
            public void note(String text) {
                LOG.warn("{}", text);
            }
        });
    }

    /** What has been downloaded. */
    public HubCache cache() {
        return new HubCache(environment);
    }

    /**
     * The folder of a repository with what is wanted of it: from the cache, or from the hub.
     *
     * @param kind what it is taken for, where the name does not say
     * @throws HubException.Refusal if the hub does not have it, does not give it, or gives what cannot be used
     * @throws HubException if it is not in the cache and the hub cannot be reached
     */
    public Path folder(HubName name, Repo.Kind kind, Selection selection) throws IOException {
        @Nullable Path cached = cache().find(name, name.repo(kind));
        boolean whole = cached != null && cache().isWhole(cached, selection);
        if (cached != null && (whole || offline)) {
            return cached;
        }
        return download(name, kind, selection, null).folder();
    }

    /**
     * The folder of a data set.
     *
     * @param split the split whose files are enough, or null for all
     * @throws HubException as {@link #folder}
     */
    public Path dataset(HubName name, @Nullable String split) throws IOException {
        Path folder = folder(name, Repo.Kind.DATASET, new DataFiles(name.path(), split));
        return name.path().isEmpty() ? folder : folder.resolve(name.path());
    }

    /**
     * Fetches what is wanted of a repository, as it is on the hub now. Where the hub cannot be reached, what the cache has is taken, with a note.
     *
     * @param output a folder of the user's to put it in, or null for the cache
     * @throws HubException as {@link #folder}
     */
    public Fetch.Fetched download(HubName name, Repo.Kind kind, Selection selection, @Nullable Path output)
            throws IOException {
        Repo repo = name.repo(kind);
        if (offline) {
            return cached(name, repo, selection, output, null);
        }
        Site site = name.where() == HubName.Where.MODELSCOPE
                ? new ModelScopeSite(environment.modelScope(patience))
                : new HuggingFaceSite(environment.huggingFace(patience));
        Listing listing;
        try {
            listing = site.list(repo, name.revisionOrUsual());
        } catch (HubException.Refusal e) {
            throw e;
        } catch (HubException e) {
            return cached(name, repo, selection, output, e);
        }
        Fetch fetch = new Fetch(site, repo, THREADS, patience, listener);
        if (output != null) {
            return fetch.intoFolder(output, listing, selection);
        }
        Path cache = cache().folder(name.where());
        return name.where() == HubName.Where.MODELSCOPE
                ? fetch.intoModelScopeCache(cache, listing, selection)
                : fetch.intoCache(cache, listing, selection, environment.links());
    }

    private Fetch.Fetched cached(
            HubName name, Repo repo, Selection selection, @Nullable Path output, @Nullable HubException problem)
            throws IOException {
        if (output != null) {
            throw problem != null
                    ? problem
                    : new HubException.Refusal("no hub may be asked, so " + name + " cannot come into " + output
                            + ": without a folder what the cache has is taken");
        }
        @Nullable Path cached = cache().find(name, repo);
        if (cached == null) {
            String lacking =
                    repo.kind().phrase() + " \"" + name + "\" is not in the cache " + cache().folder(name.where());
            if (problem != null) {
                throw new HubException(problem.getMessage() + "; and the " + lacking, problem);
            }
            throw new HubException.Refusal(
                    "the " + lacking
                            + ", and no hub may be asked: download it while there is a network, or do without HF_HUB_OFFLINE and the like");
        }
        var files = HubCache.filesIn(cached);
        var wanted = selection.wanted(files, cached);
        wanted.removeAll(files);
        if (!wanted.isEmpty()) {
            throw new HubException(
                    "what the cache has of " + name + " at " + cached + " lacks " + String.join(", ", wanted)
                            + ": download it again" + (problem == null ? "" : "; " + problem.getMessage()));
        }
        if (problem != null) {
            listener.note(problem.getMessage() + "; taking what the cache has, " + cached);
        }
        long bytes = 0;
        var taken = selection.wanted(files, cached);
        for (String file : taken) {
            bytes += Files.size(cached.resolve(file));
        }
        return new Fetch.Fetched(cached, taken, bytes);
    }
}
