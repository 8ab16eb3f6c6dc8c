package io.github.peft4j.models.checkpoint;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code weight_map} of an index file: which shard holds which tensor. */
final class ShardIndex {

    private static final int MAX_BYTES = 100_000_000;

    private static final String WEIGHT_MAP = "weight_map";

    private ShardIndex() {}

    /** Returns the plain file name of the shard by tensor name, in the order of the file. */
    static Map<String, String> read(Path path) throws CheckpointException {
        byte[] json;
        try (MappedFile file = MappedFile.open(path)) {
            if (file.size() > MAX_BYTES) {
                throw new CheckpointException(path + " is too large for an index: expected at most " + MAX_BYTES
                        + " bytes, found " + file.size());
            }
            json = file.read(0, (int) file.size());
        }
        return StrictJson.read(path + ": damaged index", json, ShardIndex::weightMap);
    }

    private static Map<String, String> weightMap(StrictJson json) throws IOException {
        @Nullable Map<String, String> shards = null;
        Set<String> seen = new HashSet<>();
        json.object("the index");
        for (@Nullable String key; (key = json.nextKey(seen, "the index")) != null; ) {
            if (key.equals(WEIGHT_MAP)) {
                shards = shards(json);
            } else {
                json.skip();
            }
        }
        if (shards == null) {
            throw json.damaged("expected the key " + WEIGHT_MAP);
        }
        return shards;
    }

    private static Map<String, String> shards(StrictJson json) throws IOException {
        Map<String, String> shards = new LinkedHashMap<>();
        Map<String, String> names = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        json.object(WEIGHT_MAP);
        for (@Nullable String tensor; (tensor = json.nextKey(seen, WEIGHT_MAP)) != null; ) {
            String shard = json.string(WEIGHT_MAP + "." + Quoted.line(tensor));
            // An index as a shard could name itself.
            if (!isPlainName(shard) || shard.endsWith(".json")) {
                throw json.damaged("tensor " + Quoted.name(tensor) + " is said to lie in " + Quoted.name(shard)
                        + ", expected the plain name of a tensor file beside the index");
            }
            shards.put(tensor, names.computeIfAbsent(shard, name -> name));
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
