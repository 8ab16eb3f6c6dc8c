package io.github.peft4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The checkpoint and the data that lie in the jar, unpacked for as long as they are needed: weights are mapped from files. */
final class QuickstartFiles implements AutoCloseable {

    private static final String RESOURCES = "/quickstart/";

    private static final List<String> NEEDED =
            List.of("config.json", "model.safetensors", "tokenizer.json", "train.jsonl", "held_out.jsonl");

    private static final List<String> OPTIONAL =
            List.of("tokenizer_config.json", "generation_config.json", "special_tokens_map.json");

    private final Path folder;

    private QuickstartFiles(Path folder) {
        this.folder = folder;
    }

    /**
     * Unpacks the files into a temporary folder.
     *
     * @throws IOException if they are not in the jar, or cannot be written
     */
    static QuickstartFiles unpack() throws IOException {
        QuickstartFiles files = new QuickstartFiles(Files.createTempDirectory("peft4j-quickstart"));
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
                Files.copy(in, folder.resolve(name));
            }
            return in != null;
        }
    }

    /** Where they lie now. */
    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try {
            for (String name : NEEDED) {
                Files.deleteIfExists(folder.resolve(name));
            }
            for (String name : OPTIONAL) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // A temporary folder stays behind, which the system clears away.
        }
    }
}
