package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Objects of one list of JSON. Places are counted in rows: whoever goes on from the middle passes over those before, without building them. */
final class JsonList implements Cursor {

    private final InputStream in;
    private final JsonReader json;
    private long skip;
    private Position position;
    private boolean begun;
    private boolean ended;

    private JsonList(InputStream in, Position from) throws IOException {
        this.in = in;
        this.json = JsonReader.of(in, JsonRows.LIMITS);
        this.skip = from.offset();
        this.position = from;
    }

    static JsonList open(TextFile text, Position from) throws IOException {
        InputStream in = text.from(0);
        try {
            return new JsonList(in, from);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    @Override
    public @Nullable Item next() throws IOException {
        if (ended) {
            return null;
        }
        try {
            Item item = item();
            ended = item == null;
            return item;
        } catch (JsonException e) {
            ended = true;
            return JsonRows.bad(e, e.line(), JsonRows.NOT_READ);
        }
    }

    private @Nullable Item item() throws IOException {
        if (!begun) {
            json.beginList();
            begun = true;
        }
        while (json.nextItem()) {
            if (skip > 0) {
                skip--;
                json.skip();
                continue;
            }
            json.peek();
            Item item = JsonRows.item(json, json.line());
            position = new Position(position.offset() + 1, item.line());
            return item;
        }
        json.end();
        return null;
    }

    @Override
    public Position position() {
        return ended ? TextFile.END : position;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
