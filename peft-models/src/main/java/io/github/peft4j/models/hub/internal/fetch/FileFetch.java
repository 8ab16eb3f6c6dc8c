package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.hub.internal.http.HubAnswer;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import io.github.peft4j.models.hub.internal.http.Patience;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One file, from its hub into its incomplete file, until all of it is there and its size and hash are right. What an earlier attempt or process has left there is
 * gone on from. Used once, by one thread that holds the file's lock.
 */
final class FileFetch {

    private static final int BUFFER = 1 << 18;

    /** So often a content is fetched anew of which hash or size is wrong. */
    private static final int FRESH_STARTS = 2;

    private final Site site;
    private final Repo repo;
    private final Listing listing;
    private final RemoteFile file;
    private final Patience patience;
    private final FetchListener listener;
    private MessageDigest digest;
    private long have;

    FileFetch(Site site, Repo repo, Listing listing, RemoteFile file, Patience patience, FetchListener listener) {
        this.site = site;
        this.repo = repo;
        this.listing = listing;
        this.file = file;
        this.patience = patience;
        this.listener = listener;
        this.digest = file.hash().begin(file.size());
    }

    /** What of the content is not right, however often it is asked for. */
    private static final class Wrong extends IOException {
        private static final long serialVersionUID = 1L;

        Wrong(String problem) {
            super(problem);
        }
    }

    /**
     * Fetches it.
     *
     * @param incomplete where its bytes go
     * @throws HubException if it cannot be had, or is another than the hub says
     * @throws IOException if it cannot be written
     */
    void into(Path incomplete) throws IOException {
        try (FileChannel out = FileChannel.open(
                incomplete, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            takeUp(out);
            for (int start = 1; ; start++) {
                try {
                    all(out);
                    check();
                    out.force(true);
                    return;
                } catch (Wrong e) {
                    restart(out);
                    if (start == FRESH_STARTS) {
                        throw new HubException(
                                name() + " of " + repo.id() + " from " + site.endpoint() + " is damaged: "
                                        + e.getMessage() + ", twice. Nothing of it was kept; try again later");
                    }
                }
            }
        }
    }

    private String name() {
        return Printable.quoted(file.path());
    }

    private void restart(FileChannel out) throws IOException {
        listener.arrived(-have);
        out.truncate(0);
        have = 0;
        digest = file.hash().begin(file.size());
    }

    /** Reads what is there already. */
    private void takeUp(FileChannel out) throws IOException {
        if (out.size() > file.size()) {
            out.truncate(0);
        }
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (out.read(buffer.clear(), have) > 0) {
            have += buffer.flip().limit();
            digest.update(buffer);
        }
        listener.arrived(have);
    }

    private void check() throws Wrong {
        String found = HexFormat.of().formatHex(digest.digest());
        if (file.hash() != RemoteFile.Hash.NONE && !found.equals(file.etag())) {
            throw new Wrong("its hash is " + found + ", expected " + file.etag());
        }
    }

    /** Asks for the rest until there is none. Attempts count from the last that brought something. */
    private void all(FileChannel out) throws IOException {
        int attempt = 1;
        while (have < file.size()) {
            long before = have;
            try {
                rest(out);
            } catch (BrokenOff e) {
                attempt = have > before ? 1 : attempt + 1;
                if (attempt > patience.attempts()) {
                    throw new HubException(
                            name() + " of " + repo.id() + " comes no further than " + have + " of " + file.size()
                                    + " bytes: " + e.getMessage()
                                    + ". What is here is kept: try again, it goes on from there",
                            e);
                }
                patience.pauseBefore(attempt);
            }
        }
    }

    /** A connection that ended before its time. */
    private static final class BrokenOff extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenOff(String problem, @Nullable Throwable cause) {
            super(problem, cause);
        }
    }

    private void rest(FileChannel out) throws IOException {
        HubRequest request = site.content(repo, listing, file);
        if (have > 0) {
            request = request.with("Range", "bytes=" + have + "-");
        }
        try (HubAnswer answer = site.send(request)) {
            if (answer.status() == 416) {
                throw new Wrong("the hub has fewer than " + have + " bytes");
            }
            if (!answer.successful()) {
                throw site.refused(repo, listing.revision(), file.path(), answer);
            }
            if (answer.status() != 206 && have > 0) {
                // The whole, although the rest was asked for.
                restart(out);
            } else if (have > 0
                    && !String.valueOf(answer.header("Content-Range")).startsWith("bytes " + have + "-")) {
                throw new Wrong("the hub sends another part than was asked for");
            }
            copy(answer, out);
        }
    }

    private void copy(HubAnswer answer, FileChannel out) throws IOException {
        byte[] bytes = new byte[BUFFER];
        while (true) {
            int count = read(answer.body(), bytes);
            if (count < 0) {
                break;
            }
            if (have + count > file.size()) {
                throw new Wrong("it has more than the " + file.size() + " bytes that the hub has said");
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
            try {
                while (buffer.hasRemaining()) {
                    out.write(buffer, have + buffer.position());
                }
            } catch (java.nio.channels.ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException("cannot write " + file.path() + " of " + repo.id() + ": " + FileProblem.of(e), e);
            }
            digest.update(bytes, 0, count);
            have += count;
            listener.arrived(count);
        }
        if (have < file.size()) {
            throw new BrokenOff("the hub ends it there", null);
        }
    }

    private static int read(InputStream in, byte[] bytes) throws IOException {
        try {
            return in.read(bytes);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw new BrokenOff(String.valueOf(e.getMessage()), e);
        }
    }

    /** How much of a file is there from before, for whoever plans. */
    static long left(Path incomplete) throws IOException {
        return Files.isRegularFile(incomplete) ? Files.size(incomplete) : 0;
    }
}
