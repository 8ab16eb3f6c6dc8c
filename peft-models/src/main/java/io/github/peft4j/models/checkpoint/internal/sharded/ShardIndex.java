package io.github.peft4j.models.checkpoint.internal.sharded;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.TensorTable;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code weight_map} of an index file: which shard holds which tensor. */
final class ShardIndex {

    private static final int MAX_BYTES = 100_000_000;

    /** For each text. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(1 << 24);

    private static final String WEIGHT_MAP = "weight_map";

    private ShardIndex() {}

    /** Returns the plain file name of the shard by tensor name, in the order of the file. */
    static Map<String, String> read(Path path) throws CheckpointException {
        try (MappedFile file = MappedFile.open(path)) {
            if (file.size() > MAX_BYTES) {
                throw new CheckpointException(path + " is too large for an index: expected at most " + MAX_BYTES
                        + " bytes, found " + file.size());
            }
            return JsonReader.of(file.stream(0, file.size()), LIMITS).whole(ShardIndex::weightMap);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException(path + ": damaged index: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> weightMap(JsonReader json) throws IOException {
        @Nullable Map<String, String> shards = null;
        json.expect(JsonKind.OBJECT, "the index");
        json.beginObject();
        for (@Nullable String key; (key = json.nextKey()) != null; ) {
            if (key.equals(WEIGHT_MAP)) {
                shards = shards(json);
            } else {
                json.skip();
            }
        }
        if (shards == null) {
            throw json.problem("expected the key " + WEIGHT_MAP);
        }
        return shards;
    }

    private static Map<String, String> shards(JsonReader json) throws IOException {
        Map<String, String> shards = new LinkedHashMap<>();
        Map<String, String> names = new HashMap<>();
        json.expect(JsonKind.OBJECT, WEIGHT_MAP);
        json.beginObject();
        for (@Nullable String tensor; (tensor = json.nextKey()) != null; ) {
            json.expect(JsonKind.TEXT, WEIGHT_MAP + "." + Printable.excerpt(tensor));
            String shard = json.text();
            // An index as a shard could name itself.
            if (!isPlainName(shard) || shard.endsWith(".json")) {
                throw json.problem("tensor " + Printable.quoted(tensor) + " is said to lie in "
                        + Printable.quoted(shard) + ", expected the plain name of a tensor file beside the index");
            }
            shards.put(tensor, names.computeIfAbsent(shard, name -> name));
            if (shards.size() > TensorTable.MOST_TENSORS) {
                throw json.problem(WEIGHT_MAP + " has more than " + TensorTable.MOST_TENSORS + " keys");
            }
        }
        return shards;
    }

    /** Whether a name stays in the index's folder, on every platform. */
    private static boolean isPlainName(String name) {
        boolean suspect = name.isBlank()
                || name.equals(".")
                || name.equals("..")
                || name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
        if (suspect) {
            return false;
        }
        try {
            return Path.of(name).getNameCount() == 1 && !Path.of(name).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
