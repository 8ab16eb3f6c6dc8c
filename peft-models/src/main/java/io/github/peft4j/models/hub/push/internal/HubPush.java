package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.http.HubClient;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A push to one repository, step by step. Every step can be taken again: what has arrived is not sent twice, and a push that was broken off goes on when it
 * is begun anew. Not safe for concurrent use.
 */
public final class HubPush {

    /** A commit that may have been made although its answer was lost is looked for before it is sent again. */
    private static final int TRIES = 3;

    /** From here on an answer says that something broke on the way, and not what became of the request. */
    private static final int FAILED = 500;

    private final HubApi api;
    private final PushTarget target;
    private final Repository repository;

    /** A push; nothing is asked yet. */
    public HubPush(HubClient client, PushTarget target) {
        this.api = new HubApi(client);
        this.target = target;
        this.repository = new Repository(api, target);
    }

    /**
     * What a push came to.
     *
     * @param commit the hash of the commit that has all files now
     * @param pullRequest where it is proposed, or null
     * @param committed how many files it changed; none if all were there already
     * @param uploaded bytes of large files that were sent
     * @param ignored files that the repository's {@code .gitignore} leaves out
     */
    public record Pushed(
            String commit, @Nullable String pullRequest, int committed, long uploaded, List<String> ignored) {}

    /**
     * Lets the hub look at a card before anything is made.
     *
     * @return what it warns of
     * @throws HubException if it would be refused
     */
    public List<String> check(String card) throws IOException {
        return repository.check(card);
    }

    /**
     * Makes the repository unless there is one.
     *
     * @param open whether everybody may see a new one
     * @return whether everybody may see what is pushed there
     */
    public boolean make(boolean open) throws IOException {
        return repository.make(open).open();
    }

    /**
     * Sends files that the repository lacks, and commits them.
     *
     * @param message what the commit is called
     * @throws HubException if it is refused, as when somebody else commits meanwhile
     * @throws IOException if the hub cannot be reached, or a file changes while it is sent
     */
    public Pushed send(List<PushedFile> files, String message, FetchListener progress) throws IOException {
        String head = repository.head();
        List<PlannedFile> planned = PlannedFile.of(api, target, files);
        List<String> ignored = planned.stream()
                .filter(PlannedFile::ignored)
                .map(file -> file.file().path())
                .toList();
        List<PlannedFile> changed =
                planned.stream().filter(PlannedFile::changed).toList();
        Commit commit = new Commit(target, message, head, changed);
        commit.requireSendable();
        long uploaded = new LargeFiles(api, target, progress)
                .upload(changed.stream().filter(PlannedFile::large).toList());
        if (changed.isEmpty()) {
            return new Pushed(head, null, 0, 0, ignored);
        }
        Commit.Made made = made(commit);
        return new Pushed(made.commit(), made.pullRequest(), changed.size(), uploaded, ignored);
    }

    private Commit.Made made(Commit commit) throws IOException {
        for (int i = 1; ; i++) {
            // A second pull request would be worse than none.
            boolean last = target.pullRequest() || i == TRIES;
            try {
                HubApi.Reply reply = commit.send(api);
                if (reply.status() < FAILED || last) {
                    return commit.made(reply);
                }
            } catch (HubException.Refusal e) {
                throw e;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                if (last) {
                    throw e;
                }
            }
            Commit.@Nullable Made found = found(commit);
            if (found != null) {
                return found;
            }
        }
    }

    /** The commit whose answer was lost, or null if it was not made. */
    private Commit.@Nullable Made found(Commit commit) throws IOException {
        String head = repository.head();
        List<PushedFile> files = commit.files().stream().map(PlannedFile::file).toList();
        boolean there = !head.equals(commit.parent())
                && PlannedFile.of(api, target, files).stream().noneMatch(PlannedFile::changed);
        return there ? new Commit.Made(head, null) : null;
    }
}
