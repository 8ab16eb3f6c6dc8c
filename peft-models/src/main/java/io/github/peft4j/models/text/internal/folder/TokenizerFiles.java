package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a folder's tokenizer, to be copied to others. */
public final class TokenizerFiles {

    /** What a tokenizer may consist of, chat template included. */
    public static final List<String> NAMES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            "spiece.model",
            "sentencepiece.bpe.model",
            "chat_template.jinja",
            "chat_template.json");

    private TokenizerFiles() {}

    /**
     * Copies a tokenizer, chat template included; all files appear together.
     *
     * @param target the folder to write to, made if need be
     * @throws CheckpointException if a file of {@code source} is a link that leads out of it
     * @throws IOException if writing fails; the folder is then as it was
     */
    public static void copy(Path source, Path target) throws IOException {
        Map<String, Path> companions = found(source, NAMES);
        try (AtomicWrite write = AtomicWrite.into(target)) {
            copy(write, companions);
            write.commit();
        }
    }

    /**
     * Those of some names that a folder has, by name.
     *
     * @throws CheckpointException if one is a link that leads out of it
     */
    public static Map<String, Path> found(Path source, List<String> names) throws CheckpointException {
        Map<String, Path> found = new LinkedHashMap<>();
        for (String name : names) {
            Path file = UntrustedFolder.file(source, name);
            if (Files.isRegularFile(file)) {
                found.put(name, file);
            }
        }
        return found;
    }

    /**
     * What tells a folder's tokenizer and chat template from others: the SHA-256 of all files that they are read from, {@code config.json} included.
     *
     * @throws CheckpointException if one is a link that leads out of the folder, or cannot be read
     */
    public static String fingerprint(Path folder) throws CheckpointException {
        List<String> names = new ArrayList<>(NAMES);
        names.add("config.json");
        names.add("additional_chat_templates/default.jinja");
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Map.Entry<String, Path> file : found(folder, names).entrySet()) {
                digest.update(
                        (file.getKey() + '\0' + Files.size(file.getValue()) + '\0').getBytes(StandardCharsets.UTF_8));
                try (InputStream content = Files.newInputStream(file.getValue())) {
                    content.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
                }
            }
            return "sha256 " + HexFormat.of().formatHex(digest.digest());
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot read the tokenizer in " + folder + ": " + FileProblem.of(e), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Puts files beside others that are written. */
    public static void copy(AtomicWrite write, Map<String, Path> companions) throws IOException {
        for (Map.Entry<String, Path> file : companions.entrySet()) {
            write.file(file.getKey(), channel -> copy(file.getValue(), channel));
        }
    }

    /** Copies what is in a file. */
    public static void copy(Path file, FileChannel channel) throws IOException {
        try (FileChannel from = FileChannel.open(file)) {
            long size = from.size();
            for (long at = 0; at < size; ) {
                at += from.transferTo(at, size - at, channel);
            }
        }
    }
}
