package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.columnar.internal.RowBudget;
import io.github.peft4j.training.data.columnar.internal.UnreadableRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Columns of texts. */
final class Texts {

    private static final int VIEW = 16;
    private static final int VIEW_INTEGERS = VIEW / Integer.BYTES;

    /** Texts of so many bytes lie in their view. */
    private static final int WITHIN_VIEW = VIEW - Integer.BYTES;

    private Texts() {}

    /** Texts that lie one behind the other. */
    static Column of(Spans spans, ColumnBytes bytes) {
        return (index, budget) -> text(bytes, spans.start(index), spans.size(index), budget);
    }

    /** Texts that lie in the views, or are named by them: length, four bytes, number of the buffer, offset. */
    static Column views(ColumnBytes views, List<ColumnBytes> buffers) {
        return (index, budget) -> {
            long view = Math.multiplyExact(index, VIEW_INTEGERS);
            int length = views.int32(view);
            if (length <= WITHIN_VIEW) {
                return text(views, index * VIEW + Integer.BYTES, length, budget);
            }
            int buffer = views.int32(view + 2);
            if (buffer < 0 || buffer >= buffers.size()) {
                throw new DamagedArrow("a text is in buffer " + buffer + " of " + buffers.size());
            }
            return text(buffers.get(buffer), views.int32(view + 3), length, budget);
        };
    }

    private static String text(ColumnBytes bytes, long start, int length, RowBudget budget)
            throws IOException, UnreadableRow {
        budget.spend(RowBudget.PART + Math.max(0, length));
        byte[] utf8 = bytes.bytes(start, length);
        String text = new String(utf8, StandardCharsets.UTF_8);
        // What is not valid has become this character, which a text may have itself.
        if (text.indexOf('\ufffd') >= 0) {
            requireValid(utf8);
        }
        return text;
    }

    private static void requireValid(byte[] utf8) throws UnreadableRow {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
        } catch (CharacterCodingException e) {
            throw new UnreadableRow("a text is not valid UTF-8");
        }
    }
}
