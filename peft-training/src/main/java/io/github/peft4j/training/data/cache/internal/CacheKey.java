package io.github.peft4j.training.data.cache.internal;

import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.RowDigest;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * All that decides what rows become: the sources, with columns, splits and the order in which they are drawn; when their files were changed last, since a source's
 * fingerprint is no look at all of it; tokenizer and chat template; and the other options.
 */
final class CacheKey {

    private CacheKey() {}

    /**
     * The key, as JSON.
     *
     * @throws IOException if a source, or a file of the tokenizer, cannot be read
     * @throws IllegalArgumentException if the tokenizer cannot be told from others
     */
    static String of(RowFeed feed, EncodingOptions options) throws IOException {
        Map<String, Object> key = new TreeMap<>();
        key.put("rows", feed.fingerprint());
        key.put("changed", changed(feed));
        key.put("text", options.text().fingerprint());
        key.put("vocabulary", options.vocabularySize());
        key.put("max_length", options.maxLength());
        key.put("template", options.template().toString());
        key.put("labels", String.valueOf(options.labels()));
        key.put("token_types", options.tokenTypes());
        key.put("odd_rows", options.oddRows().toString());
        key.put("version", version());
        return JsonWriter.LINE.write(key);
    }

    /** A name for a file of rows with a key. */
    static String fileName(String key) {
        return RowDigest.of(List.of(key)) + ".rows";
    }

    private static List<String> changed(RowFeed feed) throws IOException {
        List<String> times = new ArrayList<>();
        for (String name :
                feed.sources().stream().map(RowSource::name).distinct().toList()) {
            try {
                Path file = Path.of(name);
                if (Files.isRegularFile(file)) {
                    times.add(Files.getLastModifiedTime(file).toString());
                }
            } catch (InvalidPathException e) {
                // A source of a user's own, whose fingerprint has to do.
            }
        }
        return times;
    }

    /** Of this library: another may encode otherwise. */
    private static String version() {
        return Objects.requireNonNullElse(CacheKey.class.getPackage().getImplementationVersion(), "development");
    }
}
