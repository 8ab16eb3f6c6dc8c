package io.github.peft4j.cli.internal.quickstart;

import io.github.peft4j.models.internal.output.ClaimedFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;

/** The checkpoint and the data that lie in the jar, unpacked for as long as they are needed: weights are mapped from files. */
final class QuickstartFiles implements AutoCloseable {

    private static final String RESOURCES = "/quickstart/";

    /** Not what results are called, which may lie in the same folder. */
    private static final String PREFIX = "peft4j-unpacked-";

    private static final List<String> NEEDED =
            List.of("config.json", "model.safetensors", "tokenizer.json", "train.jsonl", "held_out.jsonl");

    private static final List<String> OPTIONAL =
            List.of("tokenizer_config.json", "generation_config.json", "special_tokens_map.json");

    private final ClaimedFolder claim;

    private QuickstartFiles(ClaimedFolder claim) {
        this.claim = claim;
    }

    /**
     * Unpacks the files into a temporary folder.
     *
     * @throws IOException if they are not in the jar, or cannot be written
     */
    static QuickstartFiles unpack() throws IOException {
        Path folder = Files.createTempDirectory(PREFIX);
        QuickstartFiles files = new QuickstartFiles(ClaimedFolder.claim(folder));
        removeLeftBehind(folder);
        boolean complete = false;
        try {
            for (String name : NEEDED) {
                if (!files.copy(name)) {
                    throw new IOException("this build has no " + RESOURCES + name + " in it: build peft-cli anew");
                }
            }
            for (String name : OPTIONAL) {
                files.copy(name);
            }
            complete = true;
            return files;
        } finally {
            if (!complete) {
                files.close();
            }
        }
    }

    private boolean copy(String name) throws IOException {
        try (InputStream in = QuickstartFiles.class.getResourceAsStream(RESOURCES + name)) {
            if (in != null) {
                Files.copy(in, folder().resolve(name));
            }
            return in != null;
        } catch (IOException e) {
            throw new IOException("cannot write " + folder().resolve(name) + ": " + e.getMessage(), e);
        }
    }

    /** Where they lie now. */
    Path folder() {
        return claim.path();
    }

    @Override
    public void close() {
        try {
            remove(claim);
        } catch (IOException e) {
            // A temporary folder stays behind, which the next quickstart clears away.
        }
    }

    private static void remove(ClaimedFolder folder) throws IOException {
        try (folder) {
            for (String name : NEEDED) {
                Files.deleteIfExists(folder.path().resolve(name));
            }
            for (String name : OPTIONAL) {
                Files.deleteIfExists(folder.path().resolve(name));
            }
        }
        Files.deleteIfExists(folder.path());
    }

    /** Removes the folders of this user's quickstarts that were killed: nobody has claimed them any more. */
    private static void removeLeftBehind(Path own) throws IOException {
        UserPrincipal user = Files.getOwner(own);
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(own.resolveSibling(""), PREFIX + "*")) {
            for (Path folder : folders) {
                try {
                    if (Files.isRegularFile(folder.resolve(ClaimedFolder.LOCK), LinkOption.NOFOLLOW_LINKS)
                            && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                            && Files.getOwner(folder).equals(user)
                            && !folder.equals(own)) {
                        remove(ClaimedFolder.claim(folder));
                    }
                } catch (IOException e) {
                    // Of one that runs now, or that another has cleared away just now.
                }
            }
        }
    }
}
