package io.github.peft4j.training.data.columnar.internal;

import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Hugging Face's {@code datasets} says of columns, in a folder's {@code dataset_info.json} and in the metadata of Arrow and Parquet files: here the names
 * of classes. Values are read as the file has them, whatever this says.
 *
 * @param byColumn plain values, as {@link JsonTree} builds them
 */
public record Features(Map<?, ?> byColumn) {

    /** The key of a file's metadata. */
    public static final String KEY = "huggingface";

    /** None. */
    public static final Features NONE = new Features(Map.of());

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(16 << 20);

    /** Of a file's metadata: none where that is missing, or something else. */
    public static Features ofMetadata(@Nullable String json) {
        if (json == null) {
            return NONE;
        }
        try {
            Object whole = JsonTree.parse(json.getBytes(StandardCharsets.UTF_8), LIMITS);
            return whole instanceof Map<?, ?> metadata ? ofInfo(metadata.get("info")) : NONE;
        } catch (JsonException e) {
            // It says something about the rows, which are there without it.
            return NONE;
        }
    }

    /** Of what {@code dataset_info.json} holds. */
    public static Features ofInfo(@Nullable Object info) {
        return info instanceof Map<?, ?> values && values.get("features") instanceof Map<?, ?> features
                ? new Features(features)
                : NONE;
    }

    /** The names of the classes that a column's numbers are, or those in its lists; empty where it has none. */
    public List<String> classes(String column) {
        return classes(byColumn.get(column));
    }

    private static List<String> classes(@Nullable Object feature) {
        Object inner = feature;
        if (inner instanceof List<?> list && list.size() == 1) {
            inner = list.get(0);
        } else if (inner instanceof Map<?, ?> map && map.get("feature") != null) {
            inner = map.get("feature");
        }
        return inner instanceof Map<?, ?> map
                        && "ClassLabel".equals(map.get("_type"))
                        && map.get("names") instanceof List<?> names
                        && names.stream().allMatch(String.class::isInstance)
                ? names.stream().map(String.class::cast).toList()
                : List.of();
    }
}
