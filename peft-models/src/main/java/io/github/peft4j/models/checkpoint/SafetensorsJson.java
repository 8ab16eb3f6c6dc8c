package io.github.peft4j.models.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a safetensors header: tensors by name, and a string map.
 *
 * @param metadata the string map under {@code __metadata__}
 * @param entries the tensors in the order of the header
 */
record SafetensorsJson(Map<String, String> metadata, List<SafetensorsHeader.Entry> entries) {

    static final String METADATA = "__metadata__";

    static SafetensorsJson parse(Path path, byte[] utf8) throws CheckpointException {
        return StrictJson.read(path + ": damaged safetensors header", utf8, SafetensorsJson::content);
    }

    private static SafetensorsJson content(StrictJson json) throws IOException {
        Map<String, String> metadata = Map.of();
        List<SafetensorsHeader.Entry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        json.object("the header");
        for (@Nullable String name; (name = json.nextKey(seen, "the header")) != null; ) {
            if (name.equals(METADATA)) {
                metadata = metadata(json);
            } else {
                entries.add(entry(json, name));
            }
        }
        return new SafetensorsJson(metadata, entries);
    }

    private static Map<String, String> metadata(StrictJson json) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        json.object(METADATA);
        for (@Nullable String key; (key = json.nextKey(seen, METADATA)) != null; ) {
            metadata.put(key, json.string(METADATA + "." + Quoted.line(key)));
        }
        return Collections.unmodifiableMap(metadata);
    }

    private static SafetensorsHeader.Entry entry(StrictJson json, String name) throws IOException {
        String what = "tensor " + Quoted.name(name);
        @Nullable String type = null;
        @Nullable List<Long> shape = null;
        @Nullable List<Long> offsets = null;
        Set<String> seen = new HashSet<>();
        json.object(what);
        for (@Nullable String key; (key = json.nextKey(seen, what)) != null; ) {
            switch (key) {
                case "dtype" -> type = json.string(what + ": dtype");
                case "shape" -> shape = json.integers(what + ": shape", TensorInfo.MAX_DIMENSIONS);
                case "data_offsets" -> offsets = json.integers(what + ": data_offsets", 2);
                // The library ignores keys it does not know, too.
                default -> json.skip();
            }
        }
        if (type == null || shape == null || offsets == null || offsets.size() != 2) {
            throw json.damaged(what + ": expected a dtype, a shape and two data_offsets");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin < 0 || end < begin) {
            throw json.damaged(what + ": data_offsets [" + begin + ", " + end + "] are not a range");
        }
        return new SafetensorsHeader.Entry(name, type, info(json, name, type, shape, end - begin), begin, end);
    }

    private static @Nullable TensorInfo info(StrictJson json, String name, String type, List<Long> shape, long bytes)
            throws CheckpointException {
        @Nullable StoredType known = StoredType.named(type).orElse(null);
        if (known == null) {
            return null;
        }
        TensorInfo info;
        try {
            info = new TensorInfo(name, known, shape);
        } catch (IllegalArgumentException e) {
            throw json.damaged("tensor " + Quoted.name(name) + ": " + e.getMessage());
        }
        if (info.byteSize() != bytes) {
            throw json.damaged("tensor " + Quoted.name(name) + ": " + type + " of shape " + shape + " takes "
                    + info.byteSize() + " bytes, its data_offsets give it " + bytes);
        }
        return info;
    }
}
