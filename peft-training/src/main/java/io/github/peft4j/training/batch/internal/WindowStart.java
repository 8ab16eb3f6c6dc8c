package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a window of a stream begins: all that is needed to read it and those behind it without those before.
 *
 * @param window windows before it
 * @param pass passes over the data before it
 * @param batch micro-batches before it
 * @param place where reading goes on
 */
record WindowStart(long window, long pass, long batch, RowFeed.Place place) {

    private static final String DRAWN = "drawn";
    private static final String SOURCES = "sources";
    private static final String OFFSET = "offset";
    private static final String LINE = "line";
    private static final String ENDED = "ended";

    /** As checkpoints hold it. */
    Map<String, Object> toJson() {
        List<Map<String, Object>> sources = new ArrayList<>();
        for (RowFeed.Place.At at : place.sources()) {
            Map<String, Object> source = new LinkedHashMap<>();
            source.put(OFFSET, at.position().offset());
            source.put(LINE, at.position().line());
            source.put(ENDED, at.ended());
            sources.add(source);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("window", window);
        json.put("pass", pass);
        json.put("batch", batch);
        json.put(DRAWN, place.drawn());
        json.put(SOURCES, sources);
        return json;
    }

    /**
     * Reads what {@link #toJson} made.
     *
     * @param feed whose place it is
     * @throws IllegalArgumentException if it cannot have made that
     */
    static WindowStart of(Map<String, ?> json, RowFeed feed) {
        List<RowFeed.Place.At> sources = new ArrayList<>();
        for (Object entry : JsonValues.list(json.get(SOURCES))) {
            Map<String, @Nullable Object> source = JsonValues.object(entry);
            sources.add(new RowFeed.Place.At(
                    new RowSource.Position(whole(source, OFFSET), whole(source, LINE)),
                    Boolean.TRUE.equals(source.get(ENDED))));
        }
        return new WindowStart(
                whole(json, "window"),
                whole(json, "pass"),
                whole(json, "batch"),
                feed.requireMine(new RowFeed.Place(whole(json, DRAWN), sources)));
    }

    private static long whole(Map<String, ?> json, String key) {
        Object value = json.get(key);
        if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() >= 0) {
            return ((Number) value).longValue();
        }
        throw new IllegalArgumentException(key + " is " + value + ", expected a whole number of at least 0");
    }
}
