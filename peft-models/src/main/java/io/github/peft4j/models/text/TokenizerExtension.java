package io.github.peft4j.models.text;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.internal.folder.FolderTokens;
import io.github.peft4j.models.text.internal.folder.NewTokens;
import io.github.peft4j.models.text.internal.folder.TokenizerFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** Writes a tokenizer with more tokens: tries it before anybody else sees it. */
final class TokenizerExtension {

    /** The most that are added at once; a tokenizer may have hardly more in all. */
    private static final int MOST = 65_536;

    /** The most bytes of one that a tokenizer may have. */
    private static final int LONGEST = 512;

    private static final String CONFIG = "tokenizer_config.json";

    private TokenizerExtension() {}

    /** See {@link Tokenizer#addTokens}. */
    static Map<String, Integer> write(Path source, Path target, List<String> tokens, boolean special)
            throws IOException {
        requireTokens(tokens);
        if (!Tokenizer.isIn(source)) {
            // Opening what is not there says what is expected.
            Tokenizer.open(source).close();
        }
        NewTokens more = NewTokens.of(source, tokens, special);
        Path trial = Files.createTempDirectory("peft4j-tokenizer");
        try {
            TokenizerFiles.copy(source, trial);
            try (AtomicWrite write = AtomicWrite.into(trial)) {
                write.file(FolderTokens.FILE, channel -> {
                    ByteBuffer bytes = ByteBuffer.wrap(more.json());
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                });
                write.text(CONFIG, more.config());
                write.commit();
            }
            requireFound(trial, source, more.ids());
            TokenizerFiles.copy(trial, target);
        } finally {
            delete(trial);
        }
        return more.ids();
    }

    private static void requireTokens(List<String> tokens) {
        if (tokens.isEmpty() || tokens.size() > MOST) {
            throw new IllegalArgumentException(
                    "from 1 to " + MOST + " tokens can be added at once, got " + tokens.size());
        }
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String token : tokens) {
            if (token.isEmpty()) {
                problems.add("a token is empty");
            } else if (!seen.add(token)) {
                problems.add(Printable.quoted(token) + " is named twice");
            } else if (token.codePoints().anyMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF))) {
                problems.add(Printable.quoted(token) + " holds NUL or half of a surrogate pair");
            } else if (token.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
                problems.add(Printable.excerpt(token) + " has more than " + LONGEST + " bytes");
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("tokens to add: " + Listed.problems(problems));
        }
    }

    /** A token that its own normalizer, or another token, hides in texts would be learnt of nothing. */
    private static void requireFound(Path trial, Path source, Map<String, Integer> ids) throws CheckpointException {
        List<String> problems = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(trial)) {
            ids.forEach((token, id) -> {
                if (!tokenizer.id(token).equals(OptionalInt.of(id))) {
                    problems.add(Printable.quoted(token) + " did not get the number " + id);
                } else if (lacks(tokenizer.encodeAlone(token), id)
                        || lacks(tokenizer.encodeAlone("a" + token + "a"), id)) {
                    problems.add(Printable.quoted(token) + " is not found in texts");
                }
            });
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "tokens to add to the tokenizer in " + source + ": " + Listed.problems(problems)
                            + ": its normalizer changes them or the texts around them, or two are the same to it. Special tokens are looked for before"
                            + " that");
        }
    }

    private static boolean lacks(int[] ids, int id) {
        return Arrays.stream(ids).noneMatch(other -> other == id);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
