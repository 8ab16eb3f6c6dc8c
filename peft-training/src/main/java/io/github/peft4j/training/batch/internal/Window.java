package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of a stream that are shuffled together and cut into micro-batches. */
final class Window {

    private final WindowStart start;
    private final List<Row> rows;
    private final List<Origin> origins;
    private final BatchOrder order;
    private final WindowStart next;
    private final DataReport report;

    /** Where a row was read. */
    record Origin(String source, long line) {}

    /**
     * A window.
     *
     * @param start where it begins
     * @param rows at least one
     * @param origins one for each row
     * @param cut how it is cut
     * @param pass passes before the next window
     * @param place where the next window begins
     * @param report what there was up to its end
     */
    Window(
            WindowStart start,
            List<Row> rows,
            List<Origin> origins,
            BatchOrder.Cut cut,
            long pass,
            RowFeed.Place place,
            DataReport report) {
        this.start = start;
        this.rows = rows;
        this.origins = origins;
        this.report = report;
        this.order = new BatchOrder(rows.size(), i -> rows.get(i).tokens(), cut);
        this.next = new WindowStart(start.window() + 1, pass, start.batch() + order.batches(start.window()), place);
    }

    WindowStart start() {
        return start;
    }

    /** Where the window behind it begins. */
    WindowStart next() {
        return next;
    }

    DataReport report() {
        return report;
    }

    List<Row> rows() {
        return rows;
    }

    /** Whether a micro-batch of the stream is in it. */
    boolean has(long index) {
        return index >= start.batch() && index < next.batch();
    }

    /** A micro-batch of the stream that is in it. */
    BatchSource.MicroBatch batch(long index) {
        int[] numbers = order.batch(start.window(), (int) (index - start.batch()));
        Batch batch = new Batch(Arrays.stream(numbers).mapToObj(rows::get).toList());
        return new BatchSource.MicroBatch(batch, numbers, batch.tokens(), name(numbers));
    }

    /** {@code a.jsonl lines [3, 17]; b.jsonl lines [4]}. */
    private String name(int[] numbers) {
        Map<String, List<Long>> lines = new LinkedHashMap<>();
        for (int number : numbers) {
            Origin origin = origins.get(number);
            lines.computeIfAbsent(origin.source(), source -> new ArrayList<>()).add(origin.line());
        }
        List<String> parts = new ArrayList<>();
        lines.forEach((source, of) -> parts.add(source + " lines " + of));
        return String.join("; ", parts);
    }
}
