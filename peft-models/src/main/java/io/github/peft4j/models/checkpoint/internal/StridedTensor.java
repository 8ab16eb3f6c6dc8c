package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor whose elements lie in its file in another order, or with gaps, for instance a transposed weight that was saved as it was.
 * Reading copies them row-major.
 *
 * @param file the file
 * @param info the tensor's name, type and shape
 * @param offset where its first element lies in the file, in bytes
 * @param strides the distance between neighbours along each dimension, in elements
 */
public record StridedTensor(MappedFile file, TensorInfo info, long offset, List<Long> strides) implements TensorData {

    /** Storage is mapped in windows of this size; each overlaps the next so that no element is cut. */
    private static final int WINDOW_BITS = 30;

    private static final int OVERLAP = 8;

    @Override
    public boolean inPlace() {
        return false;
    }

    @Override
    public ByteBuffer read(long fromRow, long toRow) throws CheckpointException {
        int length = Math.toIntExact((toRow - fromRow) * info.rowByteSize());
        ByteBuffer out = DirectMemory.allocate(length, file, info);
        if (length > 0) {
            int last = info.shape().size() - 1;
            long[] index = new long[last];
            long start = 0;
            if (last == 0) {
                start = fromRow * strides.get(0);
            } else {
                index[0] = fromRow;
            }
            long count = last == 0 ? toRow - fromRow : info.shape().get(last);
            Source source = new Source();
            while (out.hasRemaining()) {
                source.copy(start + dot(index), count, out);
                advance(index);
            }
        }
        return out.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private long dot(long[] index) {
        long sum = 0;
        for (int i = 0; i < index.length; i++) {
            sum += index[i] * strides.get(i);
        }
        return sum;
    }

    /** Counts the index of an innermost run up by one. */
    private void advance(long[] index) {
        for (int i = index.length - 1; i > 0; i--) {
            index[i]++;
            if (index[i] < info.shape().get(i)) {
                return;
            }
            index[i] = 0;
        }
        if (index.length > 0) {
            index[0]++;
        }
    }

    /** The mapped window that was used last. */
    private final class Source {

        private final int width = info.type().bytes();
        private long windowStart = -1;
        private ByteBuffer window = ByteBuffer.allocate(0);

        void copy(long start, long count, ByteBuffer out) throws CheckpointException {
            long step = strides.get(strides.size() - 1) * width;
            long at = offset + start * width;
            for (long i = 0; i < count; i++, at += step) {
                int position = position(at);
                switch (width) {
                    case 1 -> out.put(window.get(position));
                    case 2 -> out.putShort(window.getShort(position));
                    case 4 -> out.putInt(window.getInt(position));
                    default -> out.putLong(window.getLong(position));
                }
            }
        }

        private int position(long at) throws CheckpointException {
            long start = at >> WINDOW_BITS << WINDOW_BITS;
            if (start != windowStart) {
                window = file.map(start, Math.min((1L << WINDOW_BITS) + OVERLAP, file.size() - start));
                windowStart = start;
            }
            return (int) (at - start);
        }
    }
}
