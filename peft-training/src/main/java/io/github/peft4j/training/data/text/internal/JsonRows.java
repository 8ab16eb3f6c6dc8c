package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.internal.RowFormat;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Objects of JSON in UTF-8: one in each line (JSON Lines), where lines of white space are nothing; or a file that is one list of them, as
 * many published data sets are. Which of both it is says the first character, not the name. Either may be larger than memory.
 */
public final class JsonRows implements RowFormat {

    /** A row of a million tokens has a third of it. */
    static final JsonLimits LIMITS = JsonLimits.ofBytes(32 << 20);

    /** Where an error leaves it open where the next row begins. */
    static final String NOT_READ = "; what follows in this file was not read";

    /** How far a list may be from the beginning of the file. */
    private static final int LOOK_AHEAD = 1 << 12;

    @Override
    public List<String> extensions() {
        return List.of(".jsonl", ".ndjson", ".json");
    }

    @Override
    public List<String> compressions() {
        return Compression.endings();
    }

    @Override
    public RowSource source(Path file, RowSources.Options options) {
        return new TextFile(file, JsonRows::open);
    }

    private static Cursor open(TextFile text, Position from) throws IOException {
        return isList(text) ? JsonList.open(text, from) : JsonLines.open(text, from);
    }

    private static boolean isList(TextFile text) throws IOException {
        try (InputStream in = text.from(0)) {
            byte[] start = in.readNBytes(LOOK_AHEAD);
            int at = Spaces.skipped(start, Spaces.mark(start));
            return at < start.length && start[at] == '[';
        }
    }

    /** The object that comes next, or that something else does. */
    static Item item(JsonReader json, long line) throws IOException {
        if (json.peek() == JsonKind.OBJECT) {
            return Item.of(line, JsonTree.nextObject(json));
        }
        return Item.unreadable(line, "expected an object, got " + JsonKind.described(JsonTree.next(json)));
    }

    static Item bad(JsonException e, long line, String remedy) {
        return Item.unreadable(line, e.problem() + " at column " + e.column() + remedy);
    }
}
