package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.columnar.internal.UnreadValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Type;

/**
 * Makes columns of a batch's parts. Nothing of the values is looked at before it is asked for, but for where they lie.
 *
 * @param parts taken as the columns need them
 * @param dictionaries those that came before the batch
 */
record ColumnBuilder(BatchParts parts, Map<Long, Dictionary> dictionaries) {

    /** What stands for the null bits of a column that has none. */
    private interface Validity {

        boolean at(long index) throws IOException;
    }

    private static final Validity ALL = index -> true;

    /**
     * The next column.
     *
     * @throws DamagedArrow if the batch's parts are not those of such a column
     */
    Column next(ArrowField field) throws IOException {
        ArrowField.Index index = field.index();
        if (index == null) {
            return plain(field);
        }
        Column numbers = plain(new ArrowField(field.name(), Type.Int, index.width(), index.signed(), List.of(), null));
        Dictionary dictionary = dictionaries.get(index.dictionary());
        if (dictionary == null) {
            throw new DamagedArrow("the dictionary of column " + field.name() + " is missing");
        }
        return dictionary.named(numbers);
    }

    private Column plain(ArrowField field) throws IOException {
        FieldNode node = parts.nextNode();
        long length = node.length();
        if (length < 0) {
            throw new DamagedArrow("column " + field.name() + " has " + length + " values");
        }
        return switch (field.type()) {
            case Type.Null -> Column.NOTHING;
            case Type.Int -> ifThere(length, validity(node), Numbers.whole(parts.nextBuffer(), field));
            case Type.FloatingPoint -> ifThere(length, validity(node), Numbers.real(parts.nextBuffer(), field));
            case Type.Bool -> ifThere(length, validity(node), Numbers.flags(parts.nextBuffer()));
            case Type.Utf8, Type.LargeUtf8 -> {
                Validity there = validity(node);
                Spans spans = Spans.between(parts.nextBuffer(), field.type() == Type.LargeUtf8);
                yield ifThere(length, there, Texts.of(spans, parts.nextBuffer()));
            }
            case Type.Utf8View -> {
                Validity there = validity(node);
                ColumnBytes views = parts.nextBuffer();
                List<ColumnBytes> texts = new ArrayList<>();
                for (int left = parts.nextCount(); left > 0; left--) {
                    texts.add(parts.nextBuffer());
                }
                yield ifThere(length, there, Texts.views(views, texts));
            }
            case Type.List, Type.LargeList, Type.Map -> {
                Validity there = validity(node);
                Spans spans = Spans.between(parts.nextBuffer(), field.type() == Type.LargeList);
                Column items = next(field.only());
                yield ifThere(
                        length, there, field.type() == Type.Map ? Nested.map(spans, items) : Nested.list(spans, items));
            }
            case Type.ListView, Type.LargeListView -> {
                Validity there = validity(node);
                boolean wide = field.type() == Type.LargeListView;
                Spans spans = Spans.of(parts.nextBuffer(), parts.nextBuffer(), wide);
                yield ifThere(length, there, Nested.list(spans, next(field.only())));
            }
            case Type.FixedSizeList -> {
                Validity there = validity(node);
                Spans spans = Spans.every(field.width());
                yield ifThere(length, there, Nested.list(spans, next(field.only())));
            }
            case Type.Struct_ -> {
                Validity there = validity(node);
                List<String> names = new ArrayList<>();
                List<Column> values = new ArrayList<>();
                for (ArrowField child : field.children()) {
                    names.add(child.name());
                    values.add(next(child));
                }
                yield ifThere(length, there, Nested.object(names, values));
            }
            default -> unread(field, length, node);
        };
    }

    /** A column of a type that no row has: its parts are passed over, its values say what they are. */
    private Column unread(ArrowField field, long length, FieldNode node) throws IOException {
        UnreadValue value = new UnreadValue(field.typeName());
        switch (field.type()) {
            case Type.RunEndEncoded -> {
                // It has no buffer of its own, and so no bits that say what is there.
                children(field);
                return (index, budget) -> value;
            }
            case Type.Union -> {
                for (int left = 1 + field.width(); left > 0; left--) {
                    parts.nextBuffer();
                }
                children(field);
                return (index, budget) -> value;
            }
            default -> {
                Validity there = validity(node);
                passValues(field.type());
                return ifThere(length, there, (index, budget) -> value);
            }
        }
    }

    private void children(ArrowField field) throws IOException {
        for (ArrowField child : field.children()) {
            next(child);
        }
    }

    private void passValues(int type) throws IOException {
        int buffers = switch (type) {
            case Type.Decimal, Type.Date, Type.Time, Type.Timestamp, Type.Interval, Type.Duration -> 1;
            case Type.FixedSizeBinary -> 1;
            case Type.Binary, Type.LargeBinary -> 2;
            case Type.BinaryView -> 1 + parts.nextCount();
            default -> throw new DamagedArrow("a column has the type " + type + ", which is unknown");
        };
        for (int left = buffers; left > 0; left--) {
            parts.nextBuffer();
        }
    }

    private Validity validity(FieldNode node) throws IOException {
        ColumnBytes bits = parts.nextBuffer();
        if (node.nullCount() == 0) {
            return ALL;
        }
        if (bits.size() == 0) {
            throw new DamagedArrow(
                    "a column has " + node.nullCount() + " values that are null, but does not say which");
        }
        return bits::bit;
    }

    private static Column ifThere(long length, Validity there, Column values) {
        return (index, budget) -> {
            if (index < 0 || index >= length) {
                throw new DamagedArrow("value " + index + " is asked of a column of " + length);
            }
            return there.at(index) ? values.at(index, budget) : null;
        };
    }
}
