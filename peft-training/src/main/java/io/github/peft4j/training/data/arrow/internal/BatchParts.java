package io.github.peft4j.training.data.arrow.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/** What a batch consists of: nodes and buffers, taken one after the other in the order of the columns. */
final class BatchParts {

    private final FileChannel file;
    private final ArrowMessages.Message message;
    private final RecordBatch header;
    private final @Nullable CompressedBytes compressed;
    private int node;
    private int buffer;
    private int counted;

    /**
     * The parts of a batch.
     *
     * @param message where its body lies
     */
    BatchParts(FileChannel file, ArrowMessages.Message message, RecordBatch header) {
        this.file = file;
        this.message = message;
        this.header = header;
        BodyCompression compression = header.compression();
        this.compressed = compression == null ? null : new CompressedBytes(compression.codec());
    }

    /** The next column. */
    FieldNode nextNode() throws DamagedArrow {
        if (node >= header.nodesLength()) {
            throw new DamagedArrow("a batch has " + header.nodesLength() + " columns, fewer than the schema");
        }
        return header.nodes(node++);
    }

    /** The next buffer. */
    ColumnBytes nextBuffer() throws IOException {
        if (buffer >= header.buffersLength()) {
            throw new DamagedArrow("a batch has " + header.buffersLength() + " buffers, fewer than its columns need");
        }
        Buffer place = header.buffers(buffer++);
        long offset = place.offset();
        long length = place.length();
        if (offset < 0 || length < 0 || length > message.bodyLength() - offset) {
            throw new DamagedArrow("a buffer of " + length + " bytes at " + offset + " is not within its batch of "
                    + message.bodyLength());
        }
        ColumnBytes bytes = ColumnBytes.of(file, message.bodyStart() + offset, length);
        return compressed == null || length == 0 ? bytes : compressed.of(bytes);
    }

    /** How many buffers of texts the next column of views has. */
    int nextCount() throws DamagedArrow {
        if (counted >= header.variadicBufferCountsLength()) {
            throw new DamagedArrow("a batch does not say how many buffers a column of views has");
        }
        long count = header.variadicBufferCounts(counted++);
        if (count < 0 || count > header.buffersLength()) {
            throw new DamagedArrow("a column of views has " + count + " buffers, of " + header.buffersLength());
        }
        return (int) count;
    }
}
