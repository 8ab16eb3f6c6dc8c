package io.github.peft4j.training.data.cache.internal;

import io.github.peft4j.models.batch.Row;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A row as bytes: its token ids, the types of its tokens, and what is to be learned of it. Numbers take seven bits a byte, the lowest first, so that most ids have two;
 * labels that are ignored, or are the token itself, are counted instead of written.
 */
final class RowBytes {

    private static final int NONE = 0;
    private static final int NEXT_TOKENS = 1;
    private static final int TOKEN_LABELS = 2;
    private static final int LABEL = 3;
    private static final int SCORES = 4;
    private static final int PREFERENCE = 5;
    private static final int CONTRAST = 6;
    private static final int SIMILARITY = 7;

    /** What a run of labels is. */
    private static final int IGNORED = 0;

    private static final int THE_TOKENS = 1;
    private static final int OTHERS = 2;
    private static final int KINDS = 3;

    private RowBytes() {}

    static byte[] of(Row row) {
        Output out = new Output();
        out.numbers(row.tokenIds());
        out.numbers(row.tokenTypes());
        Row.Target target = row.target();
        if (target instanceof Row.Target.NextTokens next) {
            out.number(NEXT_TOKENS);
            out.labels(next.labels(), row.tokenIds());
        } else if (target instanceof Row.Target.TokenLabels each) {
            out.number(TOKEN_LABELS);
            out.labels(each.labels(), row.tokenIds());
            out.number(each.words().length);
            for (int first : each.words()) {
                out.number(first + 1);
            }
        } else if (target instanceof Row.Target.Label label) {
            out.number(LABEL);
            out.number(label.id());
        } else if (target instanceof Row.Target.Scores scores) {
            out.number(SCORES);
            out.number(scores.values().length);
            for (float value : scores.values()) {
                out.bits(value);
            }
        } else if (target instanceof Row.Target.Preference pair) {
            out.number(PREFERENCE);
            out.numbers(pair.chosen());
            out.numbers(pair.rejected());
        } else if (target instanceof Row.Target.Contrast contrast) {
            out.number(CONTRAST);
            out.numbers(contrast.positive());
            out.number(contrast.negatives().size());
            contrast.negatives().forEach(out::numbers);
        } else if (target instanceof Row.Target.Similarity similarity) {
            out.number(SIMILARITY);
            out.numbers(similarity.other());
            out.bits(similarity.score());
        } else {
            out.number(NONE);
        }
        return out.bytes.toByteArray();
    }

    /**
     * Reads what {@link #of} wrote.
     *
     * @throws IllegalArgumentException if it cannot have written that; no more memory is taken than a few times that of the bytes
     */
    static Row row(ByteBuffer bytes) {
        Input in = new Input(bytes);
        try {
            int[] ids = in.numbers();
            int[] types = in.numbers();
            Row row = new Row(ids, types, target(in, ids));
            if (bytes.hasRemaining()) {
                throw new IllegalArgumentException("there are " + bytes.remaining() + " bytes behind a row");
            }
            return row;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the bytes end within a row", e);
        }
    }

    private static Row.Target target(Input in, int[] ids) {
        int kind = in.number();
        return switch (kind) {
            case NONE -> Row.Target.NONE;
            case NEXT_TOKENS -> new Row.Target.NextTokens(in.labels(ids));
            case TOKEN_LABELS -> new Row.Target.TokenLabels(in.labels(ids), in.words());
            case LABEL -> new Row.Target.Label(in.number());
            case SCORES -> new Row.Target.Scores(in.floats());
            case PREFERENCE -> new Row.Target.Preference(in.numbers(), in.numbers());
            case CONTRAST -> new Row.Target.Contrast(in.numbers(), in.lists());
            case SIMILARITY -> new Row.Target.Similarity(in.numbers(), in.bits());
            default -> throw new IllegalArgumentException("there is no target " + kind);
        };
    }

    private static final class Output {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** None is negative. */
        void number(int value) {
            int rest = value;
            while (rest > 0x7f) {
                bytes.write(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            bytes.write(rest);
        }

        void numbers(int[] values) {
            number(values.length);
            for (int value : values) {
                number(value);
            }
        }

        void bits(float value) {
            bytes.writeBytes(ByteBuffer.allocate(Float.BYTES).putFloat(value).array());
        }

        void labels(int[] labels, int[] ids) {
            for (int start = 0; start < labels.length; ) {
                int kind = kind(labels[start], ids[start]);
                int end = start + 1;
                while (end < labels.length && kind(labels[end], ids[end]) == kind) {
                    end++;
                }
                number(kind);
                number(end - start);
                for (int i = start; kind == OTHERS && i < end; i++) {
                    number(labels[i]);
                }
                start = end;
            }
        }

        private static int kind(int label, int id) {
            return label == Row.Target.IGNORED ? IGNORED : label == id ? THE_TOKENS : OTHERS;
        }
    }

    private record Input(ByteBuffer bytes) {

        int number() {
            int value = 0;
            for (int shift = 0; shift < Integer.SIZE; shift += 7) {
                int next = bytes.get();
                value |= (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number has more bytes than any");
        }

        /** How many things follow, each of at least so many bytes. */
        private int count(int size) {
            int count = number();
            if (count < 0 || count > bytes.remaining() / size) {
                throw new IllegalArgumentException(
                        count + " things cannot follow in the " + bytes.remaining() + " bytes that are left");
            }
            return count;
        }

        int[] numbers() {
            int[] values = new int[count(1)];
            for (int i = 0; i < values.length; i++) {
                values[i] = number();
            }
            return values;
        }

        int[] words() {
            int[] first = numbers();
            for (int i = 0; i < first.length; i++) {
                first[i]--;
            }
            return first;
        }

        List<int[]> lists() {
            int count = count(1);
            List<int[]> lists = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                lists.add(numbers());
            }
            return lists;
        }

        float bits() {
            return bytes.getFloat();
        }

        float[] floats() {
            float[] values = new float[count(Float.BYTES)];
            for (int i = 0; i < values.length; i++) {
                values[i] = bits();
            }
            return values;
        }

        int[] labels(int[] ids) {
            int[] labels = new int[ids.length];
            for (int start = 0; start < labels.length; ) {
                int kind = number();
                int length = number();
                if (kind < 0 || kind >= KINDS || length < 1 || length > labels.length - start) {
                    throw new IllegalArgumentException(
                            "a run of " + length + " labels of kind " + kind + " cannot begin at token " + start);
                }
                for (int i = start; i < start + length; i++) {
                    labels[i] = kind == IGNORED ? Row.Target.IGNORED : kind == THE_TOKENS ? ids[i] : number();
                }
                start += length;
            }
            return labels;
        }
    }
}
